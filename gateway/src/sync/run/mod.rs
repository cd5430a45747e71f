//! One run: every object in the order of its references, until nothing new is left.
//!
//! Here: what a run works with, what it is to read, how it begins and ends. Not here: the reading of one object
//! (`reading` and what it stands on), whose turn it is (`lease`, `turn`).

mod bulk;
mod completeness;
mod computed;
mod contents;
mod deletions;
mod pages;
mod reading;
mod reconcile;
mod targeted;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Connector, ConnectorError, SchemaDescription};
use domain::fields::RecordKind;
use domain::ids::SyncRunId;
use domain::sync::SyncMode;
use entity::sync::sync_object_report;

use super::lease::{Claim, Held, Holder};
use super::turn::{Beginning, Tick, Turn};
use super::{access, news, schema, service};
use crate::error::Error;
use crate::golden::service::Mastering;
use crate::platform::cache::Cache;
use crate::platform::database::Database;
use crate::platform::jobs::Stop;
use reading::Reading;
pub use targeted::{Refreshed, fetch_named};

/// What a run works with.
#[derive(Clone)]
pub struct SyncJob {
    /// Where records go.
    pub database: Database,
    /// What becomes of them.
    pub mastering: Mastering,
    /// Where listeners are told of it.
    pub cache: Cache,
    /// Where they come from.
    pub connector: Arc<dyn Connector>,
    /// How it reads.
    pub options: ReadOptions,
    /// Who reads, when there may be others.
    pub holder: Holder,
    /// Asks it to stop; what is stored stays.
    pub stop: Stop,
}

/// How a source is read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// How far behind its watermark a run begins, for records that were committed late.
    pub overlap: TimeDelta,
    /// An object with so many records is read by a bulk job when it is read from the beginning.
    pub bulk_from: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { overlap: TimeDelta::minutes(10), bulk_from: 20_000 }
    }
}

/// What a run is to read, and how it may come to do so.
#[derive(Debug, Clone, Default)]
pub struct SyncScope {
    /// Only these kinds; all that are mapped when empty.
    pub kinds: Vec<RecordKind>,
    /// How much of them.
    pub extent: Extent,
    /// Only say what would change.
    pub is_dry_run: bool,
    /// Whether it may take the turn of a run that still lives.
    pub claim: Claim,
    /// The tick of a schedule that asks for it.
    pub tick: Option<Tick>,
}

/// How much of an object is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// What is new.
    #[default]
    New,
    /// Everything.
    Full,
    /// What changed at or after an instant, by the source's clock; at least what is new.
    Since(DateTime<Utc>),
    /// The ids and stamps of everything, and the records that differ.
    Reconcile,
    /// The same, and then the content of everything, whatever its stamp says.
    Contents,
    /// The fields whose changes move no stamp, of everything.
    Computed,
}

impl SyncScope {
    /// Everything, from the beginning.
    pub fn full() -> Self {
        Self { extent: Extent::Full, ..Self::default() }
    }

    /// All ids compared.
    pub fn reconcile() -> Self {
        Self { extent: Extent::Reconcile, ..Self::default() }
    }

    fn mode(&self) -> SyncMode {
        match self.extent {
            Extent::New => SyncMode::Incremental,
            Extent::Full => SyncMode::Full,
            Extent::Since(_) => SyncMode::Backfill,
            Extent::Reconcile | Extent::Contents => SyncMode::Reconcile,
            Extent::Computed => SyncMode::Computed,
        }
    }
}

/// How many records did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    /// Received.
    pub read: u64,
    /// Said something new.
    pub changed: u64,
    /// Said what we knew.
    pub unchanged: u64,
    /// Could not be taken in; each has an entry in the error log.
    pub failed: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.failed += other.failed;
    }
}

/// Why a run stopped. What it had committed stays, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum SyncFailure {
    /// The source did not answer as it should.
    #[error(transparent)]
    Source(#[from] ConnectorError),
    /// Our store did not. The cause is in the log.
    #[error("the store failed: {0}; the log of this run says why")]
    Store(#[from] Error),
    /// Another run has the turn.
    #[error("{0}")]
    Held(Box<Held>),
    /// The tick of a schedule that asked for it was heeded by another process.
    #[error("another process has done what was due")]
    AlreadyDone,
    /// A newer run reads the same source.
    #[error("another run has taken over; see `gateway sync status`")]
    TakenOver,
    /// It was asked to stop.
    #[error("stopped; the next run goes on from the last stored page")]
    Stopped,
    /// Fewer records came than the source says it has.
    #[error("{object} is incomplete: {received} of {expected} records came; the next run reads them again")]
    Incomplete {
        /// The source's name of the object.
        object: String,
        /// How many came.
        received: u64,
        /// How many the source said it would send.
        expected: u64,
    },
    /// The task that read ahead died.
    #[error("reading ahead failed: {0}")]
    ReadAhead(#[from] tokio::task::JoinError),
}

impl SyncFailure {
    /// Whether another object of the source may still be read.
    pub(super) fn leaves_other_objects(&self) -> bool {
        match self {
            Self::Source(error) => !error.concerns_everything(),
            Self::Incomplete { .. } | Self::ReadAhead(_) => true,
            Self::Store(_) | Self::Held(_) | Self::AlreadyDone | Self::TakenOver | Self::Stopped => false,
        }
    }
}

/// Sees a run progress.
pub trait Observer: Send + Sync {
    /// An object begins.
    fn begin(&self, kind: RecordKind);
    /// A page is committed. `total` is how many records this reading has, where the source says so.
    fn page(&self, kind: RecordKind, counts: Counts, total: Option<u64>);
    /// An object is done.
    fn end(&self, kind: RecordKind, counts: Counts);
    /// How the reading of an object went, also when it failed, and when nothing was written.
    fn report(&self, _: &sync_object_report::Model) {}
}

/// Sees nothing.
pub struct Unobserved;

impl Observer for Unobserved {
    fn begin(&self, _: RecordKind) {}
    fn page(&self, _: RecordKind, _: Counts, _: Option<u64>) {}
    fn end(&self, _: RecordKind, _: Counts) {}
}

/// Runs a synchronisation to its end, and notes how it ended.
pub async fn run(
    job: &SyncJob,
    scope: &SyncScope,
    observer: &dyn Observer,
) -> Result<(SyncRunId, Counts), SyncFailure> {
    if scope.is_dry_run {
        let id = job.mastering.clock.new_id();
        return Ok((id, read_all(job, scope, id, observer).await?));
    }
    let beginning = Beginning {
        system: job.connector.system(),
        mode: scope.mode(),
        claim: scope.claim,
        tick: scope.tick.as_ref(),
    };
    let turn = Turn::begin(&job.database, &job.mastering.clock, &job.holder, &beginning).await?;
    let id = turn.run;
    news::announce(&job.cache, id, None).await;
    let outcome = tokio::select! {
        biased;
        outcome = read_all(job, scope, id, observer) => outcome,
        () = turn.lost() => Err(SyncFailure::TakenOver),
        () = job.stop.requested() => Err(SyncFailure::Stopped),
    };
    if let Err(SyncFailure::Store(error)) = &outcome
        && let Some(cause) = error.cause()
    {
        tracing::error!(run.id = %id, cause = format!("{cause:#}"), "a synchronisation failed in the store");
    }
    let ended = service::end(&job.database, &job.mastering.clock, id, outcome.as_ref().err()).await;
    let noted = access::note(job, outcome.as_ref().err()).await;
    turn.end().await?;
    ended.and(noted)?;
    news::announce(&job.cache, id, None).await;
    Ok((id, outcome?))
}

async fn read_all(
    job: &SyncJob,
    scope: &SyncScope,
    run: SyncRunId,
    observer: &dyn Observer,
) -> Result<Counts, SyncFailure> {
    match scope.is_dry_run {
        true => drop(job.connector.refresh_schema(&SchemaDescription::default()).await?),
        false => {
            ask_for_allowance(job).await?;
            schema::refresh(job, run).await?;
        }
    }
    let mut counts = Counts::default();
    let mut first_failure = None;
    let is_wanted = |it: &RecordKind| scope.kinds.is_empty() || scope.kinds.contains(it);
    for kind in job.connector.kinds().into_iter().filter(is_wanted) {
        match read_one(job, scope, (run, kind), observer).await {
            Ok(of_kind) => counts += of_kind,
            // An object that is hidden from us, or incomplete, keeps nobody from the others: what they refer to of it
            // is filled in when it comes.
            Err(failure) if failure.leaves_other_objects() => {
                tracing::warn!(run.id = %run, %kind, %failure, "an object was not read; the run goes on with the next");
                first_failure.get_or_insert(failure);
            }
            Err(failure) => return Err(first_failure.unwrap_or(failure)),
        }
    }
    first_failure.map_or(Ok(counts), Err)
}

/// Asks how much of the allowance is left before any of it is spent. A source that does not tell lets its answers tell.
async fn ask_for_allowance(job: &SyncJob) -> Result<(), SyncFailure> {
    match job.connector.refresh_budget().await {
        Err(error) if error.concerns_everything() => Err(error.into()),
        Err(error) => {
            tracing::debug!(%error, "the source does not tell what is left of the allowance");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

async fn read_one(
    job: &SyncJob,
    scope: &SyncScope,
    (run, kind): (SyncRunId, RecordKind),
    observer: &dyn Observer,
) -> Result<Counts, SyncFailure> {
    observer.begin(kind);
    let mut reading = Reading::begin(job, scope, run, kind).await?;
    let outcome = reading.read(scope, observer).await;
    observer.report(&reading.report(outcome.as_ref().err()).await?);
    outcome?;
    observer.end(kind, reading.counts());
    Ok(reading.counts())
}
