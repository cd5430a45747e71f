//! How fresh the mirror is, and how its connections are doing.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use connectors::Circuit;
use domain::access::Permission;
use domain::fields::RecordKind;
use domain::sync::{CircuitState, ReadMethod};
use entity::sync::sync_object_report::Model;

use super::runs::SyncRun;
use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::sync::freshness::{self, Freshness};
use crate::sync::lease::{self, Held};
use crate::sync::run::SyncFailure;
use crate::sync::service;
use crate::sync::sources::{ConfiguredSource, Sources};

/// How the reading of one object went in one run.
#[derive(SimpleObject)]
pub struct SyncObjectReport {
    /// The source's own name of the object.
    object: String,
    /// How it was read; null when it ended before anything was asked for.
    method: Option<ReadMethod>,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it ended.
    ended_at: DateTime<Utc>,
    /// Whether everything came that the source said it would send.
    is_complete: bool,
    /// Records the source said it would send; null when it did not say.
    records_expected: Option<i64>,
    /// Records that came, each once.
    records_received: i64,
    /// Records that said something new.
    records_changed: i64,
    /// Records that said what was known.
    records_unchanged: i64,
    /// Records that could not be taken in.
    records_failed: i64,
    /// Ids the source named; null unless all ids were compared.
    at_source: Option<i64>,
    /// Of those, the ones we did not hold.
    missing: i64,
    /// And the ones we held in an older version.
    stale: i64,
    /// Records we held and the source did not name.
    surplus: i64,
    /// Records that the comparison changed here.
    repaired: i64,
    /// The oldest stamp among what we had not seen.
    oldest_unseen_stamp: Option<DateTime<Utc>>,
    /// Why it failed, and what to do.
    message: Option<String>,
}

impl From<Model> for SyncObjectReport {
    fn from(row: Model) -> Self {
        Self {
            object: row.object,
            method: row.method,
            started_at: row.started_at,
            ended_at: row.ended_at,
            is_complete: row.is_complete,
            records_expected: row.records_expected,
            records_received: row.records_received,
            records_changed: row.records_changed,
            records_unchanged: row.records_unchanged,
            records_failed: row.records_failed,
            at_source: row.at_source,
            missing: row.missing,
            stale: row.stale,
            surplus: row.surplus,
            repaired: row.repaired,
            oldest_unseen_stamp: row.oldest_unseen_stamp,
            message: row.message,
        }
    }
}

/// How fresh the mirror of one object is.
#[derive(SimpleObject)]
pub struct SyncFreshness {
    /// The source, by its code.
    system: String,
    /// What it describes.
    kind: RecordKind,
    /// The source's own name of the object.
    object: String,
    /// Now.
    now: DateTime<Utc>,
    /// Records we hold for living.
    stored: u64,
    /// The newest stamp we hold.
    newest_stored_stamp: Option<DateTime<Utc>>,
    /// Records the source says it has, its recycle bin included; null unless it was asked.
    at_source: Option<u64>,
    /// The newest stamp at the source; null unless it was asked.
    newest_source_stamp: Option<DateTime<Utc>>,
    /// By how many seconds the newest record here is behind the newest one there; null unless it was asked.
    lag_seconds: Option<i64>,
    /// Everything up to here has been read completely.
    complete_to: Option<DateTime<Utc>>,
    /// When the last reading began that came to its end.
    checked_at: Option<DateTime<Utc>>,
    /// The last comparison of all ids.
    last_comparison: Option<SyncObjectReport>,
}

impl SyncFreshness {
    fn of(ctx: &RequestContext, source: &ConfiguredSource, freshness: Freshness) -> Self {
        let mark = freshness.watermark.as_ref();
        Self {
            system: source.job.connector.system().to_string(),
            kind: freshness.kind,
            now: ctx.now,
            stored: freshness.stored,
            newest_stored_stamp: freshness.newest_stored(),
            at_source: freshness.source.map(|it| it.records),
            newest_source_stamp: freshness.source.and_then(|it| it.newest_stamp),
            lag_seconds: freshness.lag_seconds(),
            complete_to: mark.and_then(|it| it.complete_to),
            checked_at: mark.and_then(|it| it.checked_at),
            object: freshness.object,
            last_comparison: freshness.comparison.map(SyncObjectReport::from),
        }
    }
}

/// A line of a source's schedule.
#[derive(SimpleObject)]
pub struct SyncScheduleLine {
    /// What the line says.
    line: String,
    /// When it is due next.
    next_at: Option<DateTime<Utc>>,
}

/// Whose turn it is to read a source.
#[derive(SimpleObject)]
pub struct SyncTurn {
    /// The process.
    holder: String,
    /// Its run.
    run_id: uuid::Uuid,
    /// Since when.
    since: DateTime<Utc>,
    /// When its turn ends unless it says that it lives.
    until: DateTime<Utc>,
}

impl From<Held> for SyncTurn {
    fn from(held: Held) -> Self {
        Self { holder: held.holder, run_id: held.run.into(), since: held.since, until: held.until }
    }
}

/// How the connection to a source is doing, as this process sees it.
pub struct SyncConnection(ConfiguredSource);

#[Object]
impl SyncConnection {
    /// The name of its section in the configuration.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its code in provenance and errors.
    async fn system(&self) -> String {
        self.0.job.connector.system().to_string()
    }

    /// Whether requests are sent to it.
    async fn circuit(&self) -> CircuitState {
        match self.0.job.connector.health().circuit {
            Circuit::Closed { .. } => CircuitState::Closed,
            Circuit::Open { .. } => CircuitState::Open,
            Circuit::HalfOpen => CircuitState::HalfOpen,
        }
    }

    /// Failures since its last answer, while requests are sent.
    async fn failures(&self) -> Option<u32> {
        match self.0.job.connector.health().circuit {
            Circuit::Closed { failures } => Some(failures),
            _ => None,
        }
    }

    /// In how many seconds it is tried again, while it is left alone.
    async fn retry_after_seconds(&self) -> Option<u64> {
        match self.0.job.connector.health().circuit {
            Circuit::Open { retry_after } => Some(retry_after.as_secs()),
            _ => None,
        }
    }

    /// Whether it refused our credentials when they were last used: somebody has to put them right.
    async fn are_credentials_refused(&self) -> bool {
        self.0.job.connector.health().are_credentials_refused
    }

    /// How many requests may be under way at once now; it falls when the source asks for fewer.
    async fn concurrency(&self) -> u32 {
        self.0.job.connector.health().concurrency
    }

    /// Whether only requests for which somebody waits are sent, because the rest of the allowance is kept for them.
    async fn is_reserved(&self) -> bool {
        self.0.job.connector.health().is_reserved
    }

    /// Requests used in the source's window, by everybody; null before its first answer.
    async fn budget_used(&self) -> Option<u64> {
        self.0.job.connector.budget().map(|it| it.used)
    }

    /// Requests allowed in the window; null before its first answer.
    async fn budget_limit(&self) -> Option<u64> {
        self.0.job.connector.budget().map(|it| it.limit)
    }

    /// Percent of them that synchronisation leaves to others.
    async fn budget_reserve_percent(&self) -> i32 {
        self.0.reserve_percent.into()
    }

    /// Percent of them that synchronisation leaves to people who wait for an answer.
    async fn interactive_reserve_percent(&self) -> i32 {
        self.0.interactive_reserve_percent.into()
    }

    /// When it is read without anyone asking.
    async fn schedule(&self, ctx: &Context<'_>) -> Vec<SyncScheduleLine> {
        let now = ctx.data_unchecked::<RequestContext>().now;
        let line = |it: &_| line(it, now);
        self.0.schedule.iter().map(line).collect()
    }

    /// Whose turn it is now; null when nobody reads it.
    async fn turn(&self, ctx: &Context<'_>) -> Result<Option<SyncTurn>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let held = lease::holders(ctx.read(), ctx.now).await?;
        let own = held.into_iter().find(|it| it.system == *self.0.job.connector.system());
        Ok(own.map(SyncTurn::from))
    }

    /// Its newest run.
    async fn last_run(&self, ctx: &Context<'_>) -> Result<Option<SyncRun>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let run = service::last_run(&ctx.database, self.0.job.connector.system()).await?;
        Ok(run.map(SyncRun::from))
    }

    /// How fresh its objects are, by what is stored.
    async fn freshness(&self, ctx: &Context<'_>) -> Result<Vec<SyncFreshness>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let all = freshness::of_source(&self.0.job).await.map_err(told)?;
        Ok(all.into_iter().map(|it| SyncFreshness::of(ctx, &self.0, it)).collect())
    }
}

fn line(line: &crate::platform::config::sources::ScheduledRun, now: DateTime<Utc>) -> SyncScheduleLine {
    SyncScheduleLine { line: line.to_string(), next_at: line.times.next_after(now) }
}

fn told(failure: SyncFailure) -> Error {
    match failure {
        SyncFailure::Store(error) => error,
        failure => {
            Error::Refused { code: "SOURCE_UNAVAILABLE", message: failure.to_string(), field: Vec::new() }
        }
    }
}

/// How synchronisation is doing.
#[derive(Default)]
pub struct SyncReportQueries;

#[Object]
impl SyncReportQueries {
    /// How fresh the mirror of each object is; staff only. `live` asks the sources, one request for each object.
    #[graphql(complexity = "10 * child_complexity")]
    async fn sync_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this source, by its code.")] system: Option<String>,
        #[graphql(default, desc = "Whether to ask the sources what they have now.")] live: bool,
    ) -> Result<Vec<SyncFreshness>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        let sources = ctx.shared::<Sources>();
        let mut all = Vec::new();
        for source in sources.iter() {
            if system.as_deref().is_some_and(|it| it != source.job.connector.system().code()) {
                continue;
            }
            let objects = match live {
                true => freshness::compared_with_source(&source.job).await,
                false => freshness::of_source(&source.job).await,
            };
            all.extend(objects.map_err(told)?.into_iter().map(|it| SyncFreshness::of(ctx, source, it)));
        }
        Ok(all)
    }

    /// How the connection to each source is doing, as the process that answers sees it; staff only.
    #[graphql(complexity = "5 * child_complexity")]
    async fn sync_connections(&self, ctx: &Context<'_>) -> Result<Vec<SyncConnection>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        Ok(ctx.shared::<Sources>().iter().cloned().map(SyncConnection).collect())
    }
}
