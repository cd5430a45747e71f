//! Use cases of runs and the error log.

use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::fields::RecordKind;
use domain::ids::SyncRunId;
use domain::review::ReviewKind;
use domain::sources::SourceSystem;
use domain::sync::{SyncMode, SyncRunState};
use entity::sync::{sync_error, sync_run, watermark};
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::failures::Place;
use super::failures::which::Which;
use super::run::{Counts, SyncFailure, SyncJob};
use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::platform::database::Database;
use crate::review;

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

/// The newest run of a source that was one of its own.
pub async fn last_run(database: &Database, system: &SourceSystem) -> Result<Option<sync_run::Model>> {
    use sync_run::Column;
    let run = sync_run::Entity::find()
        .filter(Column::System.eq(system.clone()))
        .filter(Column::Mode.ne(SyncMode::Targeted))
        .order_by_desc(Column::Id);
    Ok(run.one(database.read()).await?)
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

/// Notes what became of records that were taken in outside of any run, where something did.
pub(super) async fn note_alone(
    db: &impl ConnectionTrait,
    place: &Place,
    counts: Counts,
    now: DateTime<Utc>,
) -> Result<()> {
    if counts.changed == 0 && counts.failed == 0 {
        return Ok(());
    }
    let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    let run = sync_run::Model {
        id: place.run,
        system: place.system.clone(),
        mode: SyncMode::Targeted,
        state: SyncRunState::Succeeded,
        started_at: now,
        heartbeat_at: now,
        ended_at: Some(now),
        records_read: number(counts.read),
        records_changed: number(counts.changed),
        records_unchanged: number(counts.unchanged),
        records_failed: number(counts.failed),
        message: None,
    };
    // Several pages of the same records are one.
    let once = OnConflict::column(sync_run::Column::Id).do_nothing().to_owned();
    let insert = sync_run::Entity::insert(run.into_active_model()).on_conflict(once);
    insert.exec_without_returning(db).await?;
    Ok(())
}

/// Tells people that deletions may have been missed: the source's list no longer reaches back far enough.
pub(super) async fn raise_delete_horizon(
    job: &SyncJob,
    (kind, place, since): (RecordKind, &Place, DateTime<Utc>),
) -> Result<()> {
    let clock = &job.mastering.clock;
    let subject = serde_json::json!({ "system": place.system, "object": place.object, "since": since });
    let fingerprint = horizon_fingerprint(place, since);
    let question = review::service::Question::new(ReviewKind::DeleteHorizon, kind, fingerprint, subject);
    review::service::ask(job.database.read(), clock, clock.now(), question).await?;
    Ok(())
}

/// Closes that question: all ids have been compared, so nothing is missed any more.
pub(super) async fn withdraw_delete_horizon(
    job: &SyncJob,
    (_, place, since): (RecordKind, &Place, DateTime<Utc>),
) -> Result<()> {
    let clock = &job.mastering.clock;
    let fingerprints = [horizon_fingerprint(place, since)];
    review::service::withdraw(job.database.read(), clock, clock.now(), &fingerprints).await
}

fn horizon_fingerprint(place: &Place, since: DateTime<Utc>) -> String {
    format!("{}|{}|{}|{since}", ReviewKind::DeleteHorizon, place.system, place.object)
}

/// Rows of the systems that the caller may work on: a job only on those that its token names.
pub fn own_systems(ctx: &RequestContext, system: impl ColumnTrait) -> Condition {
    let is_job = ctx.caller.roles.iter().all(|it| *it == Role::IntegrationJob);
    let own = ctx.caller.scopes.iter().filter_map(|it| it.strip_prefix("source:"));
    match is_job {
        true => Condition::all().add(system.is_in(own)),
        false => Condition::all(),
    }
}
