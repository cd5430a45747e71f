//! `[cache]`: what replicas share: locks and documents that are costly to fetch.

use std::time::Duration;

use super::section::Reading;
use crate::platform::secret::Secret;

/// Where the cache is.
#[derive(Debug, Clone)]
pub struct Cache {
    /// `redis://…` or `rediss://…`; absent keeps everything in this process, which suits a single replica.
    pub url: Option<Secret>,
    /// Stands before every key, so that installations can share a server.
    pub prefix: String,
    /// For connecting and for each answer.
    pub timeout: Duration,
}

impl Default for Cache {
    fn default() -> Self {
        Self { url: None, prefix: "gateway".to_owned(), timeout: Duration::from_millis(500) }
    }
}

impl Cache {
    pub(super) fn read(reading: &mut Reading) -> Self {
        let default = Self::default();
        let mut section = reading.section("cache");
        let url: Option<Secret> = section.optional("url");
        if url
            .as_ref()
            .is_some_and(|it| !["redis://", "rediss://"].iter().any(|p| it.reveal().starts_with(p)))
        {
            section.refuse("url", "expected redis://<host>:<port> or rediss://<host>:<port>");
        }
        Self {
            url,
            prefix: section.or("prefix", default.prefix),
            timeout: section.or("timeout", default.timeout),
        }
    }
}
