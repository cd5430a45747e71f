//! One page: its records, what they change, its failures and the place to go on from, in one transaction; a large one in
//! several, of which the last has the place.

use chrono::{DateTime, Utc};
use connectors::{Page, RecordError};
use domain::fields::RecordKind;
use domain::ids::SyncRunId;
use domain::sources::{SourceRecord, SourceSystem};
use domain::sync::SyncRunState;
use entity::sync::sync_run::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::failures::{self, Place};
use super::outbound;
use super::run::{Counts, SyncFailure};
use super::service;
use super::watermark::Watermark;
use crate::error::Result;
use crate::golden;
use crate::golden::service::{Absorbed, Engine, Mastering};
use crate::platform::cache::Cache;
use crate::platform::database::Database;
use crate::review;

/// Records in one transaction. All that hangs together with them is in memory meanwhile, and others wait for their turn.
const AT_ONCE: usize = 2_500;

/// Records for which kept plans will do.
const FEW: usize = 50;

/// What a page is committed with.
pub(super) struct Commit<'a> {
    pub(super) database: &'a Database,
    pub(super) mastering: &'a Mastering,
    pub(super) cache: &'a Cache,
    pub(super) place: &'a Place,
    pub(super) kind: RecordKind,
    /// Whether anything of this object is in the error log: the page may mend it.
    pub(super) may_mend: bool,
    pub(super) effect: Effect,
}

/// What storing a page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It is part of its run.
    Store,
    /// It belongs to no run; where something came of it, it becomes one of its own.
    Alone,
    /// Nothing: it is only counted.
    Foresee,
}

impl Commit<'_> {
    /// Takes in a page and moves the watermark behind it. After a crash in the middle of a large page it is read again, and
    /// its first records say nothing new.
    pub(super) async fn page(
        &self,
        mut page: Page,
        watermark: Option<&mut Watermark>,
    ) -> std::result::Result<Counts, SyncFailure> {
        let mut counts = Counts::default();
        while page.records.len() > AT_ONCE {
            let rest = page.records.split_off(AT_ONCE);
            let records = std::mem::replace(&mut page.records, rest);
            counts += self.part(records, Vec::new(), None).await?;
        }
        counts += self.part(page.records, page.warnings, watermark).await?;
        Ok(counts)
    }

    /// Takes in records and moves the watermark with them: both, or neither.
    async fn part(
        &self,
        records: Vec<std::result::Result<SourceRecord, RecordError>>,
        warnings: Vec<RecordError>,
        watermark: Option<&mut Watermark>,
    ) -> std::result::Result<Counts, SyncFailure> {
        let (records, failures): (Vec<_>, Vec<_>) = records.into_iter().partition(std::result::Result::is_ok);
        let records: Vec<SourceRecord> = records.into_iter().filter_map(std::result::Result::ok).collect();
        let failed = failures.len() as u64;
        let mut errors: Vec<RecordError> =
            failures.into_iter().filter_map(std::result::Result::err).collect();
        errors.extend(warnings);
        let now = self.mastering.clock.now();
        let read = records.len() as u64 + failed;
        let taken_in = records.iter().filter(|_| self.may_mend).map(|it| it.key.external_id.clone());
        let taken_in: Vec<String> = taken_in.collect();
        let txn = self.database.begin_write().await.map_err(crate::error::Error::from)?;
        match records.len() {
            ..=FEW => golden::service::wait_for_turn(&txn).await?,
            _ => golden::service::wait_for_long_turn(&txn).await?,
        }
        let engine = self.mastering.engine(&txn).await?;
        let from = (&self.place.system, self.kind);
        let absorbed = take_in(&txn, &engine, from, records, now).await?;
        if self.effect == Effect::Foresee {
            txn.rollback().await.map_err(crate::error::Error::from)?;
            return Ok(Counts { read, changed: absorbed.changed, unchanged: absorbed.unchanged, failed });
        }
        failures::resolve(&txn, self.place, &taken_in, now).await?;
        failures::log(&txn, &self.mastering.clock, self.place, &errors, now).await?;
        let counts = Counts { read, changed: absorbed.changed, unchanged: absorbed.unchanged, failed };
        match self.effect {
            Effect::Store => count(&txn, self.place.run, counts, now).await?,
            _ => service::note_alone(&txn, self.place, counts, now).await?,
        }
        if let Some(watermark) = watermark {
            watermark.save(&txn, now).await?;
        }
        txn.commit().await.map_err(crate::error::Error::from)?;
        if counts.changed > 0 {
            review::service::announce(self.database, self.cache, now).await;
        }
        Ok(counts)
    }
}

/// Takes in what a system says of records of a kind, in a transaction that has its turn: first what it says because we
/// wrote it there, then what is news.
pub(super) async fn take_in(
    db: &impl ConnectionTrait,
    engine: &Engine,
    (system, kind): (&SourceSystem, RecordKind),
    records: Vec<SourceRecord>,
    now: DateTime<Utc>,
) -> Result<Absorbed> {
    outbound::recognise(db, engine, (system, kind), &records, now).await?;
    golden::service::absorb(db, engine, kind, records, now).await
}

/// Adds to the run's counts, which shows that it lives. A run that another one has taken over stops here.
async fn count(
    db: &impl ConnectionTrait,
    run: SyncRunId,
    counts: Counts,
    now: DateTime<Utc>,
) -> std::result::Result<(), SyncFailure> {
    let add = |column: Column, by: u64| Expr::col(column).add(i64::try_from(by).unwrap_or(i64::MAX));
    let moved = Entity::update_many()
        .col_expr(Column::RecordsRead, add(Column::RecordsRead, counts.read))
        .col_expr(Column::RecordsChanged, add(Column::RecordsChanged, counts.changed))
        .col_expr(Column::RecordsUnchanged, add(Column::RecordsUnchanged, counts.unchanged))
        .col_expr(Column::RecordsFailed, add(Column::RecordsFailed, counts.failed))
        .col_expr(Column::HeartbeatAt, Expr::value(now))
        .filter(Column::Id.eq(run))
        .filter(Column::State.eq(SyncRunState::Running))
        .exec(db)
        .await
        .map_err(crate::error::Error::from)?;
    if moved.rows_affected == 1 { Ok(()) } else { Err(SyncFailure::TakenOver) }
}
