//! One run: every object in the order of its references, page by page, until nothing new is left.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{
    Connector, ConnectorError, Keyset, Page, Position, RecordError, Recovery, SchemaDescription,
};
use domain::fields::RecordKind;
use domain::ids::SyncRunId;
use domain::sources::SourceRecord;
use domain::sync::SyncMode;
use tokio::task::JoinHandle;

use super::deletes;
use super::failures::{self, Place};
use super::news::{self, Underway};
use super::page::Commit;
use super::service;
use super::watermark::{Progress, Watermark};
use crate::error::Error;
use crate::golden::service::Mastering;
use crate::platform::cache::Cache;
use crate::platform::database::Database;

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
    /// How far behind its watermark a run begins, for records that were committed late.
    pub overlap: TimeDelta,
}

/// What a run is to read.
#[derive(Debug, Clone, Default)]
pub struct SyncScope {
    /// Only these kinds; all that are mapped when empty.
    pub kinds: Vec<RecordKind>,
    /// From the beginning instead of from the watermark.
    pub is_full: bool,
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
    /// A newer run reads the same source.
    #[error("another run has taken over; see `gateway sync status`")]
    TakenOver,
    /// The task that read ahead died.
    #[error("reading ahead failed: {0}")]
    ReadAhead(#[from] tokio::task::JoinError),
}

/// Sees a run progress.
pub trait Observer: Send + Sync {
    /// An object begins.
    fn begin(&self, kind: RecordKind);
    /// A page is committed. `total` is how many records this reading has, where the source says so.
    fn page(&self, kind: RecordKind, counts: Counts, total: Option<u64>);
    /// An object is done.
    fn end(&self, kind: RecordKind, counts: Counts);
}

/// Runs a synchronisation to its end, and notes how it ended.
pub async fn run(
    job: &SyncJob,
    scope: &SyncScope,
    observer: &dyn Observer,
) -> Result<(SyncRunId, Counts), SyncFailure> {
    let mode = if scope.is_full { SyncMode::Full } else { SyncMode::Incremental };
    let id = service::begin(&job.database, &job.mastering.clock, job.connector.system(), mode).await?;
    news::announce(&job.cache, id, None).await;
    let outcome = read_all(job, scope, id, observer).await;
    if let Err(SyncFailure::Store(error)) = &outcome
        && let Some(cause) = error.cause()
    {
        tracing::error!(run.id = %id, cause = format!("{cause:#}"), "a synchronisation failed in the store");
    }
    service::end(&job.database, &job.mastering.clock, id, outcome.as_ref().err()).await?;
    news::announce(&job.cache, id, None).await;
    Ok((id, outcome?))
}

async fn read_all(
    job: &SyncJob,
    scope: &SyncScope,
    run: SyncRunId,
    observer: &dyn Observer,
) -> Result<Counts, SyncFailure> {
    job.connector.refresh_schema(&SchemaDescription::default()).await?;
    let mut counts = Counts::default();
    for kind in job.connector.kinds() {
        if scope.kinds.is_empty() || scope.kinds.contains(&kind) {
            observer.begin(kind);
            let read = Reading::begin(job, scope, run, kind).await?.finish(observer).await?;
            observer.end(kind, read);
            counts += read;
        }
    }
    Ok(counts)
}

/// The reading of one object.
struct Reading<'a> {
    job: &'a SyncJob,
    kind: RecordKind,
    place: Place,
    watermark: Watermark,
    may_mend: bool,
    counts: Counts,
}

impl<'a> Reading<'a> {
    async fn begin(
        job: &'a SyncJob,
        scope: &SyncScope,
        run: SyncRunId,
        kind: RecordKind,
    ) -> Result<Self, SyncFailure> {
        let object = job.connector.object(kind)?.to_owned();
        let place = Place { run, system: job.connector.system().clone(), object };
        let db = job.database.read();
        let mut watermark =
            Watermark::load(db, &place.system, &place.object, job.mastering.clock.now()).await?;
        if scope.is_full {
            watermark.forget();
        }
        let may_mend = failures::is_any_open(db, &place).await?;
        Ok(Self { job, kind, place, watermark, may_mend, counts: Counts::default() })
    }

    async fn finish(mut self, observer: &dyn Observer) -> Result<Counts, SyncFailure> {
        self.retry_failed().await?;
        let server_time = self.read_pages(observer).await?;
        self.take_in_deletions(server_time).await?;
        Ok(self.counts)
    }

    /// Reads records again that failed before. They hold back nothing but themselves.
    async fn retry_failed(&mut self) -> Result<(), SyncFailure> {
        if !self.may_mend {
            return Ok(());
        }
        let now = self.job.mastering.clock.now();
        let ids = failures::to_retry(self.job.database.read(), &self.place, now).await?;
        if ids.is_empty() {
            return Ok(());
        }
        let page = self.job.connector.fetch(self.kind, &ids).await?;
        let answered: BTreeSet<String> = page.records.iter().filter_map(id_of).collect();
        let gone: Vec<String> = ids.into_iter().filter(|it| !answered.contains(it)).collect();
        self.commit(page).await?;
        // What the source no longer knows cannot fail any more.
        let now = self.job.mastering.clock.now();
        Ok(failures::resolve(self.job.database.read(), &self.place, &gone, now).await?)
    }

    /// Reads page after page, the next one while the present one is stored. Returns the source's time.
    async fn read_pages(&mut self, observer: &dyn Observer) -> Result<DateTime<Utc>, SyncFailure> {
        let mut ahead = self.read_ahead(self.watermark.position(self.job.overlap));
        let mut behind: Option<Keyset> = None;
        loop {
            let page = match ahead.await? {
                Ok(page) => page,
                Err(error) => match (error.recovery(), &behind) {
                    (Recovery::ResumeByKeyset, Some(last)) => {
                        ahead = self.read_ahead(Position::After(last.clone()));
                        continue;
                    }
                    _ => return Err(error.into()),
                },
            };
            let (next, total, server_time) = (page.next.clone(), page.total, page.server_time);
            behind = page.last.clone().or(behind);
            let progress = match (&next, &behind) {
                (Some(_), Some(last)) => Progress::Behind(last),
                (Some(_), None) => Progress::Underway,
                (None, _) => Progress::Complete,
            };
            self.watermark.advance(progress, behind.as_ref(), server_time, self.job.overlap);
            let following = next.map(|token| self.read_ahead(Position::Next(token)));
            let committed = self.commit(page).await;
            observer.page(self.kind, committed?, total);
            match following {
                Some(following) => ahead = following,
                None => return Ok(server_time),
            }
        }
    }

    fn read_ahead(&self, position: Position) -> JoinHandle<Result<Page, ConnectorError>> {
        let (connector, kind) = (Arc::clone(&self.job.connector), self.kind);
        tokio::spawn(async move { connector.read_page(kind, &position).await })
    }

    async fn take_in_deletions(&mut self, server_time: DateTime<Utc>) -> Result<(), SyncFailure> {
        let Some(since) = self.watermark.deletions_to() else { return Ok(()) };
        if server_time - since < TimeDelta::minutes(2) {
            return Ok(());
        }
        let db = self.job.database.read();
        let gone = deletes::since(db, &*self.job.connector, self.kind, since, server_time).await?;
        if gone.is_beyond_horizon {
            let now = self.job.mastering.clock.now();
            tracing::warn!(object = self.place.object, %since, "deletions may have been missed");
            service::raise_delete_horizon(
                &self.job.database,
                &self.job.mastering.clock,
                (self.kind, &self.place, since),
                now,
            )
            .await?;
        } else {
            self.watermark.advance_deletions(gone.covered_until);
        }
        for page in gone.into_pages(server_time) {
            self.commit(page).await?;
        }
        Ok(())
    }

    async fn commit(&mut self, page: Page) -> Result<Counts, SyncFailure> {
        let commit = Commit {
            database: &self.job.database,
            mastering: &self.job.mastering,
            cache: &self.job.cache,
            place: &self.place,
            kind: self.kind,
            may_mend: self.may_mend,
        };
        let brings_failures = !page.warnings.is_empty() || page.records.iter().any(Result::is_err);
        let total = page.total;
        let counts = commit.page(page, &mut self.watermark).await?;
        self.may_mend |= brings_failures;
        self.counts += counts;
        let underway = Underway { name: self.place.object.clone(), total, read: self.counts.read };
        news::announce(&self.job.cache, self.place.run, Some(underway)).await;
        Ok(counts)
    }
}

fn id_of(record: &Result<SourceRecord, RecordError>) -> Option<String> {
    match record {
        Ok(record) => Some(record.key.external_id.clone()),
        Err(error) => error.external_id.clone(),
    }
}
