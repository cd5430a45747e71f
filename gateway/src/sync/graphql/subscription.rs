//! Hearing of runs as they go on.

use async_graphql::{Context, SimpleObject, Subscription};
use domain::access::Permission;
use futures::{Stream, StreamExt as _};
use uuid::Uuid;

use super::runs::SyncRun;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::sync::news::{Listener, Progress};

/// A run has gone on: it began, stored a page, or ended.
#[derive(SimpleObject)]
pub struct SyncProgress {
    /// The run as it is now.
    run: SyncRun,
    /// The object it is reading, by the source's own name; null between two objects.
    object: Option<String>,
    /// How many records of that object this reading has, where the source says so.
    object_total: Option<u64>,
    /// How many of them have been stored.
    object_read: Option<u64>,
}

impl From<Progress> for SyncProgress {
    fn from(progress: Progress) -> Self {
        let (object, object_total, object_read) = match progress.object {
            Some(it) => (Some(it.name), it.total, Some(it.read)),
            None => (None, None, None),
        };
        Self { run: progress.run.into(), object, object_total, object_read }
    }
}

/// Hearing of runs.
#[derive(Default)]
pub struct SyncSubscription;

#[Subscription]
impl SyncSubscription {
    /// Runs as they go on, in whatever process; staff only. A nudge: nothing is told that reading the run again would not
    /// show, and of quick changes only the last one may be told. With a run named, the stream ends with it.
    async fn sync_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this run.")] run_id: Option<Uuid>,
        #[graphql(desc = "Only of this source.")] system: Option<String>,
    ) -> Result<impl Stream<Item = SyncProgress>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        let listener = Listener::new(ctx, run_id.map(Into::into), system).await?;
        Ok(listener.stream().map(SyncProgress::from))
    }
}
