//! Use cases of runs and the error log.

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::SyncRunId;
use domain::review::ReviewKind;
use domain::sources::SourceSystem;
use domain::sync::{SyncMode, SyncRunState};
use entity::sync::{sync_error, sync_run, watermark};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::failures::Place;
use super::failures::which::Which;
use super::run::SyncFailure;
use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::database::Database;
use crate::review;

/// Begins a run. A run of the same source that has not ended was killed, or gives way to this one.
pub async fn begin(
    database: &Database,
    clock: &Clock,
    system: &SourceSystem,
    mode: SyncMode,
) -> Result<SyncRunId> {
    use sync_run::Column;
    let now = clock.now();
    let txn = database.begin_write().await?;
    sync_run::Entity::update_many()
        .col_expr(Column::State, Expr::value(SyncRunState::Failed))
        .col_expr(Column::EndedAt, Expr::value(now))
        .col_expr(Column::Message, Expr::value("it did not end; a newer run goes on from its last page"))
        .filter(Column::System.eq(system.clone()))
        .filter(Column::State.eq(SyncRunState::Running))
        .exec(&txn)
        .await?;
    let run = sync_run::Model {
        id: clock.new_id(),
        system: system.clone(),
        mode,
        state: SyncRunState::Running,
        started_at: now,
        heartbeat_at: now,
        ended_at: None,
        records_read: 0,
        records_changed: 0,
        records_unchanged: 0,
        records_failed: 0,
        message: None,
    };
    let run = run.into_active_model().insert(&txn).await?;
    txn.commit().await?;
    Ok(run.id)
}

/// Notes how a run ended, unless another one has taken over.
pub async fn end(
    database: &Database,
    clock: &Clock,
    id: SyncRunId,
    failure: Option<&SyncFailure>,
) -> Result<()> {
    use sync_run::Column;
    let state = if failure.is_some() { SyncRunState::Failed } else { SyncRunState::Succeeded };
    sync_run::Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::EndedAt, Expr::value(clock.now()))
        .col_expr(Column::Message, Expr::value(failure.map(ToString::to_string)))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(SyncRunState::Running))
        .exec(database.read())
        .await?;
    Ok(())
}

/// The newest runs, of all sources.
pub async fn newest_runs(database: &Database, limit: u64) -> Result<Vec<sync_run::Model>> {
    let runs = sync_run::Entity::find().order_by_desc(sync_run::Column::Id).limit(limit);
    Ok(runs.all(database.read()).await?)
}

/// One run.
pub async fn find_run(database: &Database, id: SyncRunId) -> Result<Option<sync_run::Model>> {
    Ok(sync_run::Entity::find_by_id(id).one(database.read()).await?)
}

/// How far each object has been read.
pub async fn watermarks(database: &Database) -> Result<Vec<watermark::Model>> {
    use watermark::Column;
    let rows = watermark::Entity::find().order_by_asc(Column::System).order_by_asc(Column::Object);
    Ok(rows.all(database.read()).await?)
}

/// Entries of the error log, those that were seen last first.
pub async fn errors(database: &Database, which: &Which, limit: u64) -> Result<Vec<sync_error::Model>> {
    use sync_error::Column;
    let found = sync_error::Entity::find()
        .filter(which.condition())
        .order_by_desc(Column::LastSeenAt)
        .order_by_desc(Column::Id)
        .limit(limit);
    Ok(found.all(database.read()).await?)
}

/// Tells people that deletions may have been missed: the source's list no longer reaches back far enough.
pub(super) async fn raise_delete_horizon(
    database: &Database,
    clock: &Clock,
    (kind, place, since): (RecordKind, &Place, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<()> {
    let subject = serde_json::json!({ "system": place.system, "object": place.object, "since": since });
    let fingerprint = format!("{}|{}|{}|{since}", ReviewKind::DeleteHorizon, place.system, place.object);
    let question = review::service::Question::new(ReviewKind::DeleteHorizon, kind, fingerprint, subject);
    review::service::ask(database.read(), clock, now, question).await?;
    Ok(())
}
