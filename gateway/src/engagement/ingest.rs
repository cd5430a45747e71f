//! `POST /ingest/engagement`: events as NDJSON, from whoever's token names a source.

use async_trait::async_trait;
use serde_json::Value;

use super::upload;
use crate::error::{Error, NotFound, Result};
use crate::platform::clock::Clock;
use crate::platform::context::{RequestContext, Shared};
use crate::platform::database::Database;
use crate::platform::http::{Upload, Uploads};

/// The name that events are sent to.
const NAME: &str = "engagement";

/// Takes what callers send line by line.
pub struct Ingest {
    database: Database,
    clock: Clock,
    shared: Shared,
}

impl Ingest {
    /// Into this store.
    pub fn new(database: Database, clock: Clock, shared: Shared) -> Self {
        Self { database, clock, shared }
    }
}

#[async_trait]
impl Uploads for Ingest {
    async fn take(&self, upload: Upload) -> Result<Value> {
        let Upload { name, caller, request_id, mut lines } = upload;
        if name != NAME {
            return Err(NotFound("place to send lines to").into());
        }
        let (database, clock, shared) = (self.database.clone(), self.clock.clone(), self.shared.clone());
        let ctx = RequestContext::new(database, clock, shared, caller, request_id.0);
        let summary = upload::take(&ctx, &mut lines, |_| {}).await?;
        serde_json::to_value(summary).map_err(Error::internal)
    }
}
