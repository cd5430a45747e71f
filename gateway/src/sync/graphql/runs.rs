//! Runs, and how far each object has been read.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::sync::{SyncMode, SyncRunState};
use entity::sync::{sync_run, watermark};

use super::reports::SyncObjectReport;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::sync::loader::ReportsOf;
use crate::sync::service;

/// Most rows that these lists show.
const MAX_ROWS: i32 = 200;

/// One run of a synchronisation.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SyncRun {
    /// Id of the run.
    id: uuid::Uuid,
    /// The source.
    system: String,
    /// What it set out to read.
    mode: SyncMode,
    /// How it ended.
    state: SyncRunState,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it last committed a page.
    heartbeat_at: DateTime<Utc>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
    /// Records received.
    records_read: i64,
    /// Records that said something new.
    records_changed: i64,
    /// Records that said what was known.
    records_unchanged: i64,
    /// Records that could not be taken in.
    records_failed: i64,
    /// Why it failed, and what to do.
    message: Option<String>,
}

#[ComplexObject]
impl SyncRun {
    /// How the reading of each object went, in the order of reading; what is being read is not among them yet.
    async fn objects(&self, ctx: &Context<'_>) -> Result<Vec<SyncObjectReport>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let reports = ctx.batch::<ReportsOf>().get(ctx, self.id.into()).await?.unwrap_or_default();
        Ok(reports.iter().cloned().map(SyncObjectReport::from).collect())
    }
}

impl From<sync_run::Model> for SyncRun {
    fn from(row: sync_run::Model) -> Self {
        Self {
            id: row.id.into(),
            system: row.system.into(),
            mode: row.mode,
            state: row.state,
            started_at: row.started_at,
            heartbeat_at: row.heartbeat_at,
            ended_at: row.ended_at,
            records_read: row.records_read,
            records_changed: row.records_changed,
            records_unchanged: row.records_unchanged,
            records_failed: row.records_failed,
            message: row.message,
        }
    }
}

/// How far one object has been read.
#[derive(SimpleObject)]
pub struct SyncWatermark {
    /// The source.
    system: String,
    /// The source's name for the kind of record.
    object: String,
    /// Everything up to here has been read completely.
    complete_to: Option<DateTime<Utc>>,
    /// Whether a reading is unfinished; the next run goes on behind its last record.
    is_unfinished: bool,
    /// Deletions up to here have been seen.
    deletions_to: Option<DateTime<Utc>>,
    /// When it last moved.
    updated_at: DateTime<Utc>,
    /// The newest stamp that was stored.
    newest_stamp: Option<DateTime<Utc>>,
    /// When the last reading began that came to its end.
    checked_at: Option<DateTime<Utc>>,
}

impl From<watermark::Model> for SyncWatermark {
    fn from(row: watermark::Model) -> Self {
        Self {
            system: row.system.into(),
            object: row.object,
            complete_to: row.complete_to,
            is_unfinished: row.resume_stamp.is_some() || row.bulk_place.is_some(),
            deletions_to: row.deletions_to,
            updated_at: row.updated_at,
            newest_stamp: row.newest_stamp,
            checked_at: row.checked_at,
        }
    }
}

/// Reading runs.
#[derive(Default)]
pub struct SyncQueries;

#[Object]
impl SyncQueries {
    /// The newest runs, newest first.
    #[graphql(complexity = "first.clamp(1, 200) as usize * child_complexity")]
    async fn sync_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "How many, at most 200.")] first: i32,
    ) -> Result<Vec<SyncRun>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        let runs = service::newest_runs(&ctx.database, limit(first)).await?;
        Ok(runs.into_iter().map(SyncRun::from).collect())
    }

    /// One run; null when there is none.
    async fn sync_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: uuid::Uuid,
    ) -> Result<Option<SyncRun>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        Ok(service::find_run(&ctx.database, id.into()).await?.map(SyncRun::from))
    }

    /// How far each object has been read.
    #[graphql(complexity = "10 * child_complexity")]
    async fn sync_watermarks(&self, ctx: &Context<'_>) -> Result<Vec<SyncWatermark>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        let watermarks = service::watermarks(&ctx.database).await?;
        Ok(watermarks.into_iter().map(SyncWatermark::from).collect())
    }
}

fn limit(first: i32) -> u64 {
    first.clamp(0, MAX_ROWS).unsigned_abs().into()
}
