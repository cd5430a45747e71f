//! Dry runs in SQL: the queue of those to be done, and what was found.

use chrono::{DateTime, Utc};
use domain::ids::{PolicyDryRunId, PolicyVersionId};
use domain::policies::DryRunState;
use entity::policies::dry_run::{Column, Entity, Model};
use entity::policies::{dry_run_example, policy_version};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::platform::context::RequestContext;
use crate::platform::database::insert_rows;
use crate::platform::graphql::batch::{BatchLoad, Loaded, groups_by};

/// How often a dry run is begun again before it is given up.
const MAX_ATTEMPTS: i32 = 5;

/// The dry runs of a version, newest first.
#[derive(Default)]
pub struct RunsOfVersion;

impl BatchLoad for RunsOfVersion {
    type Key = PolicyVersionId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[PolicyVersionId]) -> Loaded<Self> {
        let of_versions = Column::PolicyVersionId.is_in(ids.iter().copied());
        let rows = Entity::find().filter(of_versions).order_by_desc(Column::Id).all(ctx.read()).await?;
        Ok(groups_by(rows, |it| it.policy_version_id))
    }
}

pub(super) async fn insert(db: &impl ConnectionTrait, run: Model) -> Result<Model, DbErr> {
    run.into_active_model().insert(db).await
}

pub(super) async fn find(db: &impl ConnectionTrait, id: PolicyDryRunId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The last other run that has succeeded: of the same version, else of any version of its kind.
pub(super) async fn last_other(db: &impl ConnectionTrait, run: &Model) -> Result<Option<Model>, DbErr> {
    let others = Entity::find()
        .filter(Column::Id.ne(run.id))
        .filter(Column::State.eq(DryRunState::Succeeded))
        .order_by_desc(Column::Id);
    let same = others.clone().filter(Column::PolicyVersionId.eq(run.policy_version_id)).one(db).await?;
    if same.is_some() {
        return Ok(same);
    }
    let kind_of = |version: PolicyVersionId| {
        Query::select()
            .column(policy_version::Column::Kind)
            .from(policy_version::Entity)
            .and_where(policy_version::Column::Id.eq(version))
            .take()
    };
    let of_kind = Query::select()
        .column(policy_version::Column::Id)
        .from(policy_version::Entity)
        .and_where(policy_version::Column::Kind.in_subquery(kind_of(run.policy_version_id)))
        .take();
    others.filter(Column::PolicyVersionId.in_subquery(of_kind)).one(db).await
}

pub(super) fn examples(run: PolicyDryRunId) -> Select<dry_run_example::Entity> {
    dry_run_example::Entity::find().filter(dry_run_example::Column::DryRunId.eq(run))
}

/// The last run of a version that has succeeded.
pub(super) async fn last_done(
    db: &impl ConnectionTrait,
    version: PolicyVersionId,
) -> Result<Option<PolicyDryRunId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PolicyVersionId.eq(version))
        .filter(Column::State.eq(DryRunState::Succeeded))
        .order_by_desc(Column::Id)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// The oldest run that waits, or whose holder has died.
pub(super) async fn next(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Option<PolicyDryRunId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(may_be_taken(now))
        .order_by_asc(Column::Id)
        .into_tuple()
        .one(db)
        .await
}

fn may_be_taken(now: DateTime<Utc>) -> Condition {
    let is_abandoned = Column::State.eq(DryRunState::Running).and(Column::LeaseUntil.lt(now));
    Condition::any().add(Column::State.eq(DryRunState::Queued)).add(is_abandoned)
}

/// Takes a run, unless somebody else has it.
pub(super) async fn take(
    db: &impl ConnectionTrait,
    id: PolicyDryRunId,
    holder: Uuid,
    (now, lease_until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, DbErr> {
    let taken = Entity::update_many()
        .col_expr(Column::State, Expr::value(DryRunState::Running))
        .col_expr(Column::Holder, Expr::value(holder))
        .col_expr(Column::LeaseUntil, Expr::value(lease_until))
        .col_expr(Column::StartedAt, Expr::value(now))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::RecordsDone, Expr::value(0_i64))
        .filter(Column::Id.eq(id))
        .filter(may_be_taken(now))
        .exec(db)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Gives up what was begun too often: it kills whoever tries.
pub(super) async fn give_up(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(DryRunState::Failed))
        .col_expr(Column::EndedAt, Expr::value(now))
        .col_expr(
            Column::Message,
            Expr::value("it was begun too often without coming to an end; start another one"),
        )
        .filter(may_be_taken(now))
        .filter(Column::Attempts.gte(MAX_ATTEMPTS))
        .exec(db)
        .await?;
    Ok(())
}

/// Tells how far the work is; false when the run is no longer the holder's.
pub(super) async fn progress(
    db: &impl ConnectionTrait,
    (id, holder): (PolicyDryRunId, Uuid),
    (done, total): (i64, i64),
) -> Result<bool, DbErr> {
    let told = held(id, holder)
        .col_expr(Column::RecordsDone, Expr::value(done))
        .col_expr(Column::RecordsTotal, Expr::value(total));
    Ok(told.exec(db).await?.rows_affected == 1)
}

/// Tells that the holder lives; false when the run is no longer the holder's.
pub(super) async fn renew(
    db: &impl ConnectionTrait,
    (id, holder): (PolicyDryRunId, Uuid),
    lease_until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let told = held(id, holder).col_expr(Column::LeaseUntil, Expr::value(lease_until));
    Ok(told.exec(db).await?.rows_affected == 1)
}

/// Ends a run with what it found, or with what went wrong; false when it is no longer the holder's.
pub(super) async fn end(
    db: &impl ConnectionTrait,
    holder: Uuid,
    ended: &Model,
    examples: Vec<dry_run_example::Model>,
) -> Result<bool, DbErr> {
    let row = held(ended.id, holder)
        .col_expr(Column::State, Expr::value(ended.state))
        .col_expr(Column::EndedAt, Expr::value(ended.ended_at))
        .col_expr(Column::AgainstId, Expr::value(ended.against_id))
        .col_expr(Column::RecordsDone, Expr::value(ended.records_done))
        .col_expr(Column::RecordsTotal, Expr::value(ended.records_total))
        .col_expr(Column::Message, Expr::value(ended.message.clone()))
        .col_expr(Column::Summary, Expr::value(ended.summary.clone()));
    if row.exec(db).await?.rows_affected == 0 {
        return Ok(false);
    }
    let examples = examples.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<dry_run_example::Entity, _>(db, examples, None).await?;
    Ok(true)
}

fn held(id: PolicyDryRunId, holder: Uuid) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::Id.eq(id))
        .filter(Column::Holder.eq(holder))
        .filter(Column::State.eq(DryRunState::Running))
}
