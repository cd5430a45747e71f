//! How often something was found in what replicas share.

use async_trait::async_trait;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::{Cache, CacheError};
use crate::error::Result;
use crate::platform::metrics::{Figure, Figures};

/// What came of looking, counted by this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcomes(Family<[(&'static str, &'static str); 1], Counter>);

impl Outcomes {
    pub(super) fn note(&self, found: &Result<Option<String>, CacheError>) {
        let outcome = match found {
            Ok(Some(_)) => "hit",
            Ok(None) => "miss",
            Err(_) => "failure",
        };
        self.0.get_or_create(&[("outcome", outcome)]).inc();
    }
}

#[async_trait]
impl Figures for Cache {
    async fn gather(&self) -> Result<Vec<Figure>> {
        Ok(Vec::new())
    }

    fn register(&self, registry: &mut Registry) {
        let help = "How often this process looked for something in the cache: found, not there, or the cache did not answer";
        registry.register("cache_lookups", help, self.outcomes.0.clone());
    }
}
