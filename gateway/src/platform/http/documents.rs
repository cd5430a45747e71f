//! Documents that are named instead of sent: those that were sent before (automatic persisted queries), or the trusted ones
//! of a manifest.
//!
//! Here: from a name to its document. A name is the SHA-256 of the document, or whatever a manifest calls it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};

use super::limits::Named;
use crate::platform::cache::Cache;

/// How long a document is remembered after it was sent.
const REMEMBERED_FOR: Duration = Duration::from_secs(24 * 3_600);

/// Which documents are executed.
#[derive(Debug, Clone, Default)]
pub enum Documents {
    /// Any, and they have to be sent.
    #[default]
    Sent,
    /// Any; one that was sent with its hash may be named by it from then on, to each replica.
    Remembered(Cache),
    /// Only these, by their names.
    Trusted(Arc<HashMap<String, String>>),
}

/// Why there is no document. Apollo's clients know the first two by their texts, word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum DocumentRefusal {
    #[error("PersistedQueryNotFound")]
    PersistedQueryNotFound,
    #[error("PersistedQueryNotSupported")]
    PersistedQueryNotSupported,
    #[error("the hash is not the document's; send the SHA-256 of `query` in hexadecimal digits")]
    PersistedQueryMismatch,
    #[error("only documents of the manifest are executed here; name one with `documentId`")]
    DocumentNotTrusted,
}

impl Documents {
    /// The documents of a manifest: a JSON object from names to documents, as code generators write it.
    pub fn trusted(manifest: &str) -> Result<Self, serde_json::Error> {
        Ok(Self::Trusted(Arc::new(serde_json::from_str(manifest)?)))
    }

    /// The document that a request sent or named. A cache that is down remembers nothing.
    pub(super) async fn find(&self, named: Named) -> Result<String, DocumentRefusal> {
        match (self, named.query, named.id) {
            (Self::Trusted(all), query, Some(id)) => {
                let trusted = all.get(&id).filter(|it| query.is_none_or(|query| query == **it));
                trusted.cloned().ok_or(DocumentRefusal::DocumentNotTrusted)
            }
            (Self::Trusted(_), ..) => Err(DocumentRefusal::DocumentNotTrusted),
            (_, Some(query), None) => Ok(query),
            (_, Some(query), Some(id)) if sha256(&query) != id => {
                Err(DocumentRefusal::PersistedQueryMismatch)
            }
            (Self::Sent, Some(query), _) => Ok(query),
            (Self::Sent, None, _) => Err(DocumentRefusal::PersistedQueryNotSupported),
            (Self::Remembered(cache), Some(query), Some(id)) => {
                let kept = cache.set(&key(&id), &query, REMEMBERED_FOR).await;
                kept.unwrap_or_else(|error| tracing::warn!(%error, "a document is not remembered"));
                Ok(query)
            }
            (Self::Remembered(cache), None, id) => {
                let found = cache.get(&key(&id.unwrap_or_default())).await;
                found.ok().flatten().ok_or(DocumentRefusal::PersistedQueryNotFound)
            }
        }
    }
}

fn key(id: &str) -> String {
    format!("document:{id}")
}

/// In lower-case hexadecimal digits.
fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: &str = "{ping}";

    async fn find(
        documents: &Documents,
        query: Option<&str>,
        id: Option<&str>,
    ) -> Result<String, DocumentRefusal> {
        documents.find(Named { query: query.map(str::to_owned), id: id.map(str::to_owned) }).await
    }

    #[tokio::test]
    async fn what_was_sent_with_its_hash_may_be_named_from_then_on() {
        let (documents, hash) = (Documents::Remembered(Cache::in_process()), sha256(PING));
        let unknown = find(&documents, None, Some(&hash)).await;
        assert_eq!(unknown, Err(DocumentRefusal::PersistedQueryNotFound));
        let other = find(&documents, Some("{other}"), Some(&hash)).await;
        assert_eq!(other, Err(DocumentRefusal::PersistedQueryMismatch), "nobody names what is not theirs");
        assert_eq!(find(&documents, Some(PING), Some(&hash)).await.as_deref(), Ok(PING));
        assert_eq!(find(&documents, None, Some(&hash)).await.as_deref(), Ok(PING));
    }

    #[tokio::test]
    async fn where_documents_have_to_be_sent_a_hash_alone_is_of_no_use() {
        let hash = sha256(PING);
        assert_eq!(find(&Documents::Sent, Some(PING), Some(&hash)).await.as_deref(), Ok(PING));
        let named = find(&Documents::Sent, None, Some(&hash)).await;
        assert_eq!(named, Err(DocumentRefusal::PersistedQueryNotSupported));
    }

    #[tokio::test]
    async fn only_trusted_documents_are_executed_where_there_is_a_manifest() {
        let documents = Documents::trusted(r#"{"Ping": "{ping}"}"#).unwrap();
        assert_eq!(find(&documents, None, Some("Ping")).await.as_deref(), Ok(PING));
        assert_eq!(find(&documents, Some(PING), Some("Ping")).await.as_deref(), Ok(PING));
        for (query, id) in [(Some(PING), None), (Some("{other}"), Some("Ping")), (None, Some("Other"))] {
            assert_eq!(
                find(&documents, query, id).await,
                Err(DocumentRefusal::DocumentNotTrusted),
                "{query:?}"
            );
        }
        assert!(Documents::trusted("[]").is_err());
    }
}
