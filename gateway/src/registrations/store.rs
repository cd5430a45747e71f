//! Registrations in SQL. What a person asks for starts from what the caller sees.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::ids::{GoldenId, RegistrationId};
use domain::registrations::RegistrationStatus;
use entity::registrations::deal_registration::{Column, Entity, Model};
use entity::registrations::{registration_doubt, registration_event, registration_key};
use entity::sync::counter;
use mastering::matching::blocking::BlockingKey;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::access;
use crate::platform::auth::Caller;
use crate::platform::database::{among, insert_rows};

/// The counter that numbers submissions.
const SUBMISSIONS: &str = "submissions";

pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: RegistrationId,
) -> Result<Option<Model>, DbErr> {
    access::visible_to(caller).filter(Column::Id.eq(id)).one(db).await
}

/// As [`find`]; keeps others from changing it until the transaction ends.
pub(super) async fn lock(
    txn: &impl ConnectionTrait,
    caller: &Caller,
    id: RegistrationId,
) -> Result<Option<Model>, DbErr> {
    access::visible_to(caller).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await
}

pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().insert(db).await
}

pub(super) async fn replace(db: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(db).await
}

pub(super) async fn note(db: &impl ConnectionTrait, event: registration_event::Model) -> Result<(), DbErr> {
    event.into_active_model().insert(db).await.map(drop)
}

/// What happened to these registrations, oldest first.
pub(super) async fn events(
    db: &impl ConnectionTrait,
    ids: &[RegistrationId],
) -> Result<Vec<registration_event::Model>, DbErr> {
    registration_event::Entity::find()
        .filter(registration_event::Column::RegistrationId.is_in(ids.iter().copied()))
        .order_by_asc(registration_event::Column::Id)
        .all(db)
        .await
}

/// The number of the next submission. Numbers may have gaps.
pub(super) async fn next_number(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let row = counter::Model { name: SUBMISSIONS.to_owned(), value: 1 };
    let add = OnConflict::column(counter::Column::Name)
        .value(counter::Column::Value, Expr::col((counter::Entity, counter::Column::Value)).add(1_i64))
        .to_owned();
    let counter =
        counter::Entity::insert(row.into_active_model()).on_conflict(add).exec_with_returning(db).await?;
    Ok(counter.value)
}

/// When the last claim on a customer was handed in.
pub(super) async fn last_priority(
    db: &impl ConnectionTrait,
    claimed: GoldenId,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let last = Entity::find()
        .select_only()
        .column(Column::PriorityTime)
        .filter(Column::ClaimedId.eq(claimed))
        .filter(Column::PriorityTime.is_not_null())
        .order_by_desc(Column::PriorityTime)
        .limit(1);
    last.into_tuple().one(db).await
}

/// Puts a registration under the keys of its company.
pub(super) async fn put_under(
    db: &impl ConnectionTrait,
    id: RegistrationId,
    keys: &[BlockingKey],
) -> Result<(), DbErr> {
    use registration_key::{Column, Entity, Model};
    Entity::delete_many().filter(Column::RegistrationId.eq(id)).exec(db).await?;
    let rows = keys.iter().map(|it| Model { key: it.0, registration_id: id }.into_active_model());
    insert_rows::<Entity, _>(db, rows.collect(), None).await
}

/// Notes what else the company of a registration may be.
pub(super) async fn put_doubts(
    db: &impl ConnectionTrait,
    id: RegistrationId,
    possible: &BTreeSet<GoldenId>,
) -> Result<(), DbErr> {
    use registration_doubt::{Column, Entity, Model};
    Entity::delete_many().filter(Column::RegistrationId.eq(id)).exec(db).await?;
    let rows = possible.iter().map(|it| Model { possible_id: *it, registration_id: id }.into_active_model());
    insert_rows::<Entity, _>(db, rows.collect(), None).await
}

/// Open registrations under these keys, at most so many.
pub(super) async fn open_under(
    db: &impl ConnectionTrait,
    keys: &[BlockingKey],
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let under = Query::select()
        .column(registration_key::Column::RegistrationId)
        .from(registration_key::Entity)
        .and_where(among(db, registration_key::Column::Key, keys.iter().map(|it| it.0)))
        .take();
    Entity::find()
        .filter(Column::Id.in_subquery(under))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ClaimedId.is_not_null())
        .order_by_asc(Column::SubmissionSeq)
        .limit(limit)
        .all(db)
        .await
}

/// A few registrations that meet a condition, oldest first: what a job works through.
pub(super) async fn due(
    db: &impl ConnectionTrait,
    statuses: &[RegistrationStatus],
    condition: Condition,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let due = Entity::find().filter(Column::Status.is_in(statuses.iter().copied())).filter(condition);
    due.order_by_asc(Column::Id).limit(limit).all(db).await
}

/// The registration, locked until the transaction ends, if it still meets the condition then.
pub(super) async fn lock_due(
    txn: &impl ConnectionTrait,
    id: RegistrationId,
    statuses: &[RegistrationStatus],
    condition: Condition,
) -> Result<Option<Model>, DbErr> {
    let due = Entity::find_by_id(id).filter(Column::Status.is_in(statuses.iter().copied())).filter(condition);
    due.lock_exclusive().one(txn).await
}
