//! Documents that are named instead of sent: those that were sent before (automatic persisted queries), or the trusted ones
//! of a manifest.
//!
//! Here: from a name to its document. A name is the SHA-256 of the document, or whatever a manifest calls it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use domain::ids::PartnerId;

use super::limits::{HASH, Named};
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

/// Who sends or names a document.
pub(super) struct Sender<'a> {
    /// Who vouches for them.
    pub(super) issuer: &'a str,
    /// Whose people.
    pub(super) partner: Option<PartnerId>,
    /// Bytes of the longest document that is executed.
    pub(super) most_bytes: usize,
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
        let all: HashMap<String, String> = serde_json::from_str(manifest)?;
        // Requests may write the kind of hash before a name, and generators before those of the manifest.
        let plain = |name: String| name.strip_prefix(HASH).map_or_else(|| name.clone(), str::to_owned);
        Ok(Self::Trusted(Arc::new(all.into_iter().map(|(name, text)| (plain(name), text)).collect())))
    }

    /// The document that a request sent or named. A cache that is down remembers nothing.
    ///
    /// What is longer than the caller may send is not remembered; that it is too long is told when it is read.
    pub(super) async fn find(&self, named: Named, sender: &Sender<'_>) -> Result<String, DocumentRefusal> {
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
            (Self::Remembered(_), Some(query), _) if query.len() > sender.most_bytes => Ok(query),
            (Self::Remembered(cache), Some(query), Some(id)) => {
                let kept = cache.set(&sender.key(&id), &query, REMEMBERED_FOR).await;
                kept.unwrap_or_else(|error| tracing::warn!(%error, "a document is not remembered"));
                Ok(query)
            }
            (Self::Remembered(cache), None, id) => {
                let found = cache.get(&sender.key(&id.unwrap_or_default())).await;
                found.ok().flatten().ok_or(DocumentRefusal::PersistedQueryNotFound)
            }
        }
    }
}

impl Sender<'_> {
    /// The people of one partner, or the staff, share what they sent as long as one issuer vouches for them, and nobody learns
    /// what others have asked.
    fn key(&self, id: &str) -> String {
        let issuer = blake3::hash(self.issuer.as_bytes()).to_hex();
        match self.partner {
            Some(partner) => format!("document:{issuer}:{partner}:{id}"),
            None => format!("document:{issuer}:staff:{id}"),
        }
    }
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
        find_as(("", None), documents, query, id).await
    }

    async fn find_as(
        (issuer, partner): (&str, Option<PartnerId>),
        documents: &Documents,
        query: Option<&str>,
        id: Option<&str>,
    ) -> Result<String, DocumentRefusal> {
        let named = Named { query: query.map(str::to_owned), id: id.map(str::to_owned) };
        documents.find(named, &Sender { issuer, partner, most_bytes: 20 }).await
    }

    #[tokio::test]
    async fn what_others_sent_and_what_is_too_long_is_not_remembered() {
        let (documents, hash) = (Documents::Remembered(Cache::in_process()), sha256(PING));
        let partner = Some(PartnerId(uuid::Uuid::from_u128(1)));
        assert_eq!(find(&documents, Some(PING), Some(&hash)).await.as_deref(), Ok(PING));
        for others in [("", partner), ("https://b.example", None)] {
            let of_others = find_as(others, &documents, None, Some(&hash)).await;
            assert_eq!(of_others, Err(DocumentRefusal::PersistedQueryNotFound), "{others:?}");
        }
        let long = "{ping ping ping ping ping}";
        assert_eq!(find(&documents, Some(long), Some(&sha256(long))).await.as_deref(), Ok(long));
        let named = find(&documents, None, Some(&sha256(long))).await;
        assert_eq!(named, Err(DocumentRefusal::PersistedQueryNotFound));
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
        let documents = Documents::trusted(r#"{"Ping": "{ping}", "sha256:ab": "{ping}"}"#).unwrap();
        assert_eq!(find(&documents, None, Some("ab")).await.as_deref(), Ok(PING));
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
