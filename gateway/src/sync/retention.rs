//! What need not be known for ever: runs and their reports, failures that were mended, changes that were told.
//!
//! Kept in any case: each source's newest run and newest comparison, and the runs that schedules refer to.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use domain::sync::{OutboundState, SyncErrorState, SyncMode, SyncRunState};
use entity::sync::{outbound_change, sync_error, sync_object_report, sync_run, sync_tick};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait as _};

use crate::error::Result;
use crate::platform::database::Database;

/// Rows that are forgotten with one statement.
const AT_ONCE: u64 = 500;
/// The job's name.
pub const JOB: &str = "sync.retention";

/// How long what is done is remembered.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Runs and their reports.
    pub runs: TimeDelta,
    /// Failures that were mended, by when they were last seen.
    pub failures: TimeDelta,
    /// Changes that were told to a source, or are no longer to be told; they hold what was sent.
    pub changes: TimeDelta,
}

/// Forgets what is older than it has to be; gives how many rows that were.
pub async fn forget(database: &Database, keep: &Retention, now: DateTime<Utc>) -> Result<u64> {
    let runs = forget_runs(database, now - keep.runs).await?;
    let failures = forget_failures(database, now - keep.failures).await?;
    let changes = forget_changes(database, now - keep.changes).await?;
    let all = runs + failures + changes;
    if all > 0 {
        tracing::info!(runs, failures, changes, "forgot what was done long ago");
    }
    Ok(all)
}

async fn forget_runs(database: &Database, before: DateTime<Utc>) -> Result<u64> {
    use sync_run::Column;
    let kept = kept_runs(database).await?;
    let mut forgotten = 0;
    loop {
        let old: Vec<SyncRunId> = sync_run::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::EndedAt.lt(before))
            .filter(Column::State.ne(SyncRunState::Running))
            .filter(Column::Id.is_not_in(kept.iter().copied()))
            .limit(AT_ONCE)
            .into_tuple()
            .all(database.read())
            .await?;
        if old.is_empty() {
            return Ok(forgotten);
        }
        let txn = database.begin_write().await?;
        let reports = sync_object_report::Column::RunId.is_in(old.iter().copied());
        sync_object_report::Entity::delete_many().filter(reports).exec(&txn).await?;
        let runs = Column::Id.is_in(old.iter().copied());
        forgotten += sync_run::Entity::delete_many().filter(runs).exec(&txn).await?.rows_affected;
        txn.commit().await?;
    }
}

/// The runs that something still refers to. By their times, for PostgreSQL has no greatest of ids.
async fn kept_runs(database: &Database) -> Result<Vec<SyncRunId>> {
    use sync_object_report::Column as Report;
    use sync_run::Column;
    let db = database.read();
    let ticks = sync_tick::Entity::find().all(db).await?;
    let mut kept: Vec<SyncRunId> = ticks.into_iter().filter_map(|it| it.run_id).collect();
    let newest: Vec<(SourceSystem, DateTime<Utc>)> = sync_run::Entity::find()
        .select_only()
        .column(Column::System)
        .column_as(Column::StartedAt.max(), "started_at")
        .filter(Column::Mode.ne(SyncMode::Targeted))
        .group_by(Column::System)
        .into_tuple()
        .all(db)
        .await?;
    for (system, at) in newest {
        let runs =
            sync_run::Entity::find().filter(Column::System.eq(system)).filter(Column::StartedAt.eq(at));
        kept.extend(runs.all(db).await?.into_iter().map(|it| it.id));
    }
    let compared: Vec<(SourceSystem, String, DateTime<Utc>)> = sync_object_report::Entity::find()
        .select_only()
        .columns([Report::System, Report::Object])
        .column_as(Report::EndedAt.max(), "ended_at")
        .filter(Report::AtSource.is_not_null())
        .group_by(Report::System)
        .group_by(Report::Object)
        .into_tuple()
        .all(db)
        .await?;
    for (system, object, at) in compared {
        let of_object = Report::System.eq(system).and(Report::Object.eq(object)).and(Report::EndedAt.eq(at));
        let reports = sync_object_report::Entity::find().filter(of_object).all(db).await?;
        kept.extend(reports.into_iter().map(|it| it.run_id));
    }
    Ok(kept)
}

async fn forget_failures(database: &Database, before: DateTime<Utc>) -> Result<u64> {
    use sync_error::Column;
    let done = Column::State.eq(SyncErrorState::Resolved).and(Column::LastSeenAt.lt(before));
    forget_rows::<sync_error::Entity>(database, Column::Id, done).await
}

async fn forget_changes(database: &Database, before: DateTime<Utc>) -> Result<u64> {
    use outbound_change::Column;
    let ended = [OutboundState::Accepted, OutboundState::Superseded];
    let done = Column::State.is_in(ended).and(Column::EndedAt.lt(before));
    forget_rows::<outbound_change::Entity>(database, Column::Id, done).await
}

/// Forgets rows that are done, some at a time. What comes up again meanwhile is not done, and stays.
async fn forget_rows<E: EntityTrait>(database: &Database, id: E::Column, done: Expr) -> Result<u64> {
    let mut forgotten = 0;
    loop {
        let some = E::find().select_only().column(id).filter(done.clone()).limit(AT_ONCE).into_query();
        let rows = E::delete_many().filter(id.in_subquery(some)).filter(done.clone());
        match rows.exec(database.read()).await?.rows_affected {
            0 => return Ok(forgotten),
            gone => forgotten += gone,
        }
    }
}
