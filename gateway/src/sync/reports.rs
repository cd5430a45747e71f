//! How the reading of each object went: what came, what should have come, what a comparison found.

use chrono::{DateTime, Utc};
use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use domain::sync::ReadMethod;
use entity::sync::sync_object_report::{Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
};

use super::failures::Place;
use super::run::Counts;
use crate::error::Result;

/// The reading of one object in one run.
#[derive(Debug, Clone)]
pub(super) struct ObjectReport {
    run: SyncRunId,
    system: SourceSystem,
    object: String,
    started_at: DateTime<Utc>,
    counts: Counts,
    received: u64,
    expected: Option<u64>,
    pub(super) method: Option<ReadMethod>,
    pub(super) is_complete: bool,
    /// Ids the source named in a comparison.
    pub(super) at_source: Option<u64>,
    /// Of those, the ones we did not hold.
    pub(super) missing: u64,
    /// And the ones we held in an older version.
    pub(super) stale: u64,
    /// Records we held and the source did not name.
    pub(super) surplus: u64,
    /// Records that the comparison changed here.
    pub(super) repaired: u64,
    /// The oldest stamp among what we had not seen.
    pub(super) oldest_unseen: Option<DateTime<Utc>>,
    /// Why it failed.
    pub(super) message: Option<String>,
}

impl ObjectReport {
    pub(super) fn begin(place: &Place, now: DateTime<Utc>) -> Self {
        Self {
            run: place.run,
            system: place.system.clone(),
            object: place.object.clone(),
            started_at: now,
            counts: Counts::default(),
            received: 0,
            expected: None,
            method: None,
            is_complete: true,
            at_source: None,
            missing: 0,
            stale: 0,
            surplus: 0,
            repaired: 0,
            oldest_unseen: None,
            message: None,
        }
    }

    pub(super) fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn add(&mut self, counts: Counts) {
        self.counts += counts;
    }

    /// How many records a query of the source was to bring, and brought.
    pub(super) fn expect(&mut self, expected: Option<u64>, received: u64) {
        self.received += received;
        if let Some(expected) = expected {
            *self.expected.get_or_insert(0) += expected;
        }
    }

    pub(super) fn row(&self, now: DateTime<Utc>) -> Model {
        let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
        Model {
            run_id: self.run,
            object: self.object.clone(),
            system: self.system.clone(),
            method: self.method,
            started_at: self.started_at,
            ended_at: now,
            is_complete: self.is_complete,
            records_expected: self.expected.map(number),
            records_received: number(self.received),
            records_read: number(self.counts.read),
            records_changed: number(self.counts.changed),
            records_unchanged: number(self.counts.unchanged),
            records_failed: number(self.counts.failed),
            at_source: self.at_source.map(number),
            missing: number(self.missing),
            stale: number(self.stale),
            surplus: number(self.surplus),
            repaired: number(self.repaired),
            oldest_unseen_stamp: self.oldest_unseen,
            message: self.message.clone(),
        }
    }
}

/// Writes a report down.
pub(super) async fn save(db: &impl ConnectionTrait, report: &ObjectReport, now: DateTime<Utc>) -> Result<()> {
    let others = Column::iter().filter(|it| !matches!(it, Column::RunId | Column::Object));
    let replace = OnConflict::columns([Column::RunId, Column::Object]).update_columns(others).to_owned();
    let insert = Entity::insert(report.row(now).into_active_model()).on_conflict(replace);
    insert.exec_without_returning(db).await?;
    Ok(())
}

/// The reports of these runs, each run's in the order of reading.
pub async fn of_runs(db: &impl ConnectionTrait, runs: &[SyncRunId]) -> Result<Vec<Model>> {
    let rows = Entity::find().filter(Column::RunId.is_in(runs.iter().copied()));
    Ok(rows.order_by_asc(Column::StartedAt).order_by_asc(Column::Object).all(db).await?)
}

/// The newest report of an object that compared all ids.
pub async fn last_comparison(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    object: &str,
) -> Result<Option<Model>> {
    let rows = Entity::find()
        .filter(Column::System.eq(system.clone()))
        .filter(Column::Object.eq(object))
        .filter(Column::AtSource.is_not_null())
        .order_by_desc(Column::EndedAt);
    Ok(rows.one(db).await?)
}
