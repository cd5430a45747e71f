//! Review tasks in SQL. What a person asks for starts from what the caller sees.

use std::collections::HashMap;

use domain::ids::{GoldenId, ReviewBatchId, ReviewTaskId};
use domain::review::{ReviewAction, ReviewKind, ReviewState};
use entity::review::review_event;
use entity::review::review_task::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::access;
use crate::platform::auth::Caller;
use crate::platform::database::{among, insert_rows, lists};

/// The task, locked until the transaction ends.
pub(super) async fn lock_visible(
    txn: &impl ConnectionTrait,
    caller: &Caller,
    id: ReviewTaskId,
) -> Result<Option<Model>, DbErr> {
    access::visible_to(caller).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await
}

/// The tasks that ask these questions, by fingerprint.
pub(super) async fn by_fingerprint(
    db: &impl ConnectionTrait,
    fingerprints: &[String],
) -> Result<HashMap<String, Model>, DbErr> {
    let mut found = HashMap::new();
    for list in lists(db, fingerprints) {
        let rows = Entity::find().filter(list.holds(Column::Fingerprint));
        found.extend(rows.all(db).await?.into_iter().map(|it| (it.fingerprint.clone(), it)));
    }
    Ok(found)
}

/// The tasks of a kind about these golden records that wait for an answer.
pub(super) async fn waiting_about(
    db: &impl ConnectionTrait,
    kind: ReviewKind,
    goldens: &[GoldenId],
) -> Result<Vec<Model>, DbErr> {
    let mut tasks = HashMap::new();
    for list in lists(db, goldens) {
        let named = list.holds(Column::GoldenId).or(list.holds(Column::OtherGoldenId));
        let waiting = Entity::find().filter(Column::State.is_in(ReviewState::WAITING)).filter(named);
        let waiting = waiting.filter(Column::Kind.eq(kind)).all(db).await?;
        tasks.extend(waiting.into_iter().map(|it| (it.id, it)));
    }
    Ok(tasks.into_values().collect())
}

/// Writes tasks that are new. One that another transaction has asked meanwhile stays as it is.
pub(super) async fn insert(db: &impl ConnectionTrait, tasks: Vec<Model>) -> Result<(), DbErr> {
    let once = OnConflict::column(Column::Fingerprint).do_nothing().to_owned();
    let rows = tasks.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<Entity, _>(db, rows, Some(once)).await
}

/// Writes tasks that exist as they are now.
pub(super) async fn replace(db: &impl ConnectionTrait, tasks: Vec<Model>) -> Result<(), DbErr> {
    let others = Column::iter().filter(|it| !matches!(it, Column::Id | Column::Fingerprint));
    let replace = OnConflict::column(Column::Id).update_columns(others).to_owned();
    let rows = tasks.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<Entity, _>(db, rows, Some(replace)).await
}

/// Moves tasks to another state.
pub(super) async fn move_to(
    db: &impl ConnectionTrait,
    ids: &[ReviewTaskId],
    state: ReviewState,
    now: sea_orm::prelude::DateTimeUtc,
) -> Result<(), DbErr> {
    for list in lists(db, ids) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(state))
            .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
            .col_expr(Column::ClaimedUntil, Expr::value(None::<sea_orm::prelude::DateTimeUtc>))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(list.holds(Column::Id))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Writes down what happened.
pub(super) async fn note(db: &impl ConnectionTrait, events: Vec<review_event::Model>) -> Result<(), DbErr> {
    let rows = events.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<review_event::Entity, _>(db, rows, None).await
}

/// What happened to these tasks, oldest first.
pub(super) async fn events_of(
    db: &impl ConnectionTrait,
    ids: &[ReviewTaskId],
) -> Result<Vec<review_event::Model>, DbErr> {
    let of_tasks = among(db, review_event::Column::TaskId, ids.iter().copied());
    review_event::Entity::find().filter(of_tasks).order_by_asc(review_event::Column::Id).all(db).await
}

/// The tasks that this was done to in one batch.
pub(super) async fn tasks_of_batch(
    db: &impl ConnectionTrait,
    batch: ReviewBatchId,
    done: ReviewAction,
) -> Result<Vec<ReviewTaskId>, DbErr> {
    use review_event::Column;
    let tasks = review_event::Entity::find()
        .select_only()
        .column(Column::TaskId)
        .filter(Column::BatchId.eq(batch))
        .filter(Column::Action.eq(done));
    tasks.into_tuple().all(db).await
}

/// The tasks of these ids that the caller sees, oldest first.
pub(super) async fn by_ids(
    db: &impl ConnectionTrait,
    caller: &Caller,
    ids: &[ReviewTaskId],
) -> Result<Vec<Model>, DbErr> {
    let tasks = access::visible_to(caller).filter(among(db, Column::Id, ids.iter().copied()));
    tasks.order_by_asc(Column::Id).all(db).await
}

/// The decisions that count: those since the question was last asked, or last could not be carried out.
pub(super) fn counting(events: &[review_event::Model]) -> &[review_event::Model] {
    let ends = |it: &review_event::Model| matches!(it.action, ReviewAction::Reopened | ReviewAction::Failed);
    let begin = events.iter().rposition(ends).map_or(0, |it| it + 1);
    &events[begin..]
}
