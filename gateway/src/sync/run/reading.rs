//! The reading of one object: what is due again, what is new or everything, what disappeared.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use connectors::{Keyset, Page, Position, RecordError};
use domain::fields::RecordKind;
use domain::ids::SyncRunId;
use domain::sources::SourceRecord;
use domain::sync::ReadMethod;
use entity::sync::sync_object_report;

use super::{Counts, Extent, Observer, SyncFailure, SyncJob, SyncScope};
use crate::sync::failures::{self, Place};
use crate::sync::news::{self, Underway};
use crate::sync::page::{Commit, Effect};
use crate::sync::reports::{self, ObjectReport};
use crate::sync::watermark::Watermark;

/// The reading of one object.
pub(super) struct Reading<'a> {
    pub(super) job: &'a SyncJob,
    pub(super) kind: RecordKind,
    pub(super) place: Place,
    pub(super) watermark: Watermark,
    pub(super) report: ObjectReport,
    effect: Effect,
    may_mend: bool,
}

impl<'a> Reading<'a> {
    pub(super) async fn begin(
        job: &'a SyncJob,
        scope: &SyncScope,
        run: SyncRunId,
        kind: RecordKind,
    ) -> Result<Self, SyncFailure> {
        let object = job.connector.object(kind)?.to_owned();
        let place = Place { run, system: job.connector.system().clone(), object };
        let db = job.database.read();
        let now = job.mastering.clock.now();
        let watermark = Watermark::load(db, &place.system, &place.object, now).await?;
        let may_mend = failures::is_any_open(db, &place).await?;
        let effect = if scope.is_dry_run { Effect::Foresee } else { Effect::Store };
        let report = ObjectReport::begin(&place, now);
        Ok(Self { job, kind, place, watermark, report, effect, may_mend })
    }

    /// Reads as much as the scope says.
    pub(super) async fn read(
        &mut self,
        scope: &SyncScope,
        observer: &dyn Observer,
    ) -> Result<(), SyncFailure> {
        self.retry_failed().await?;
        if scope.extent == Extent::Reconcile {
            return self.reconcile(observer).await;
        }
        if scope.extent == Extent::Contents {
            self.reconcile(observer).await?;
            return self.compare_contents(observer).await;
        }
        if scope.extent == Extent::Computed {
            return self.read_computed(observer).await;
        }
        self.reconcile_beyond_horizon(observer).await?;
        if scope.extent == Extent::Full {
            self.watermark.forget();
        }
        if self.reads_in_bulk().await? {
            self.read_bulk(observer).await?;
        }
        let position = self.watermark.position(self.job.options.overlap);
        let server_time = self.read_pages(from(scope.extent, position), observer).await?;
        self.take_in_deletions(server_time, observer).await
    }

    /// What happened to how many records so far.
    pub(super) fn counts(&self) -> Counts {
        self.report.counts()
    }

    /// What happened since then.
    pub(super) fn counts_since(&self, then: Counts) -> Counts {
        let now = self.counts();
        Counts {
            read: now.read - then.read,
            changed: now.changed - then.changed,
            unchanged: now.unchanged - then.unchanged,
            failed: now.failed - then.failed,
        }
    }

    /// How the reading went; written down, unless nothing is to be.
    pub(super) async fn report(
        &mut self,
        failure: Option<&SyncFailure>,
    ) -> Result<sync_object_report::Model, SyncFailure> {
        self.report.message = failure.map(ToString::to_string);
        self.report.is_complete &= failure.is_none();
        let now = self.job.mastering.clock.now();
        if self.effect == Effect::Store {
            reports::save(self.job.database.read(), &self.report, now).await?;
        }
        Ok(self.report.row(now))
    }

    /// Reads records again that failed before and whose time has come. They hold back nothing but themselves.
    async fn retry_failed(&mut self) -> Result<(), SyncFailure> {
        if !self.may_mend {
            return Ok(());
        }
        let now = self.job.mastering.clock.now();
        let ids = failures::to_retry(self.job.database.read(), &self.place, now).await?;
        if ids.is_empty() {
            return Ok(());
        }
        self.fetch(&ids).await.map(drop)
    }

    /// Takes in the named records as they are now; gives those that the source no longer knows.
    pub(super) async fn fetch(&mut self, ids: &[String]) -> Result<Vec<String>, SyncFailure> {
        let page = self.job.connector.fetch(self.kind, ids).await?;
        let answered: BTreeSet<String> = page.records.iter().filter_map(id_of).collect();
        let gone: Vec<String> = ids.iter().filter(|it| !answered.contains(*it)).cloned().collect();
        self.commit(page).await?;
        // What the source no longer knows cannot fail any more.
        if self.effect == Effect::Store && self.may_mend {
            let now = self.job.mastering.clock.now();
            failures::resolve(self.job.database.read(), &self.place, &gone, now).await?;
        }
        Ok(gone)
    }

    /// Stores a page together with the watermark.
    pub(super) async fn commit(&mut self, page: Page) -> Result<Counts, SyncFailure> {
        let commit = Commit {
            database: &self.job.database,
            mastering: &self.job.mastering,
            cache: &self.job.cache,
            place: &self.place,
            kind: self.kind,
            may_mend: self.may_mend,
            effect: self.effect,
        };
        let brings_failures = !page.warnings.is_empty() || page.records.iter().any(Result::is_err);
        let (total, newest) = (page.total.filter(|_| page.part == 0), newest(&page));
        self.watermark.saw(newest);
        let counts = commit.page(page, Some(&mut self.watermark)).await?;
        self.may_mend |= brings_failures;
        self.report.add(counts);
        if self.effect == Effect::Store {
            let read = self.report.counts().read;
            let underway = Underway { name: self.place.object.clone(), total, read };
            news::announce(&self.job.cache, self.place.run, Some(underway)).await;
        }
        Ok(counts)
    }

    /// Whether nothing is written.
    pub(super) fn is_dry(&self) -> bool {
        self.effect == Effect::Foresee
    }

    /// Notes how the object was read; of several ways the one that counts most.
    pub(super) fn by(&mut self, method: ReadMethod) {
        self.report.method = self.report.method.max(Some(method));
    }
}

/// From where to read: never behind the place up to which everything is known, or something would be left out.
fn from(extent: Extent, position: Position) -> Position {
    match (extent, position) {
        (Extent::Since(wanted), Position::Since(known)) => Position::Since(wanted.min(known)),
        (Extent::Since(wanted), Position::After(Keyset { stamp, .. })) if wanted <= stamp => {
            Position::Since(wanted)
        }
        (_, position) => position,
    }
}

fn newest(page: &Page) -> Option<DateTime<Utc>> {
    page.records.iter().filter_map(|it| it.as_ref().ok()).map(|it| it.stamp).max()
}

pub(super) fn id_of(record: &Result<SourceRecord, RecordError>) -> Option<String> {
    match record {
        Ok(record) => Some(record.key.external_id.clone()),
        Err(error) => error.external_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_reading_since_an_instant_leaves_no_hole() {
        let (early, late) = (at("2026-05-01T00:00:00Z"), at("2026-06-01T00:00:00Z"));
        let keyset = Keyset { stamp: early, external_id: "00Q5g000001abCDEAY".to_owned() };
        assert_eq!(from(Extent::Since(early), Position::Since(late)), Position::Since(early));
        assert_eq!(from(Extent::Since(late), Position::Since(early)), Position::Since(early));
        assert_eq!(from(Extent::Since(late), Position::Start), Position::Start);
        assert_eq!(from(Extent::Since(late), Position::After(keyset.clone())), Position::After(keyset));
    }
}
