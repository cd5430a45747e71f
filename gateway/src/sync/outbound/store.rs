//! The outbox in SQL.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{GoldenId, OutboundChangeId};
use domain::sources::{SourceKey, SourceSystem};
use domain::sync::{OutboundOperation, OutboundState};
use entity::sync::outbound_change::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::error::Result;
use crate::platform::database::{insert_rows, lists};

/// Changes that are not at their end.
pub(super) const OPEN: [OutboundState; 3] =
    [OutboundState::Pending, OutboundState::Sending, OutboundState::Held];

/// The record that a change is for.
pub(super) fn key_of(row: &Model) -> SourceKey {
    SourceKey { system: row.system.clone(), object: row.object.clone(), external_id: row.external_id.clone() }
}

/// Whether the system is still to make the record.
pub(super) fn is_create(row: &Model) -> bool {
    row.operation == OutboundOperation::Create
}

/// The system's id of the record, once it has one.
pub fn id_there(row: &Model) -> Option<&str> {
    let is_there = !is_create(row) || row.state == OutboundState::Accepted;
    is_there.then_some(row.external_id.as_str())
}

/// Whether there is anything to tell anybody.
pub(super) async fn is_any_open(db: &impl ConnectionTrait) -> Result<bool> {
    let open = Entity::find().select_only().column(Column::Id).filter(Column::State.is_in(OPEN)).limit(1);
    Ok(open.into_tuple::<OutboundChangeId>().one(db).await?.is_some())
}

/// What is open or was refused, of these records.
pub(super) async fn about(db: &impl ConnectionTrait, keys: &[&SourceKey]) -> Result<Vec<Model>> {
    let mut rows = Vec::new();
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    for group in keys.chunk_by(|a, b| (&a.system, &a.object) == (&b.system, &b.object)) {
        let ids: Vec<&str> = group.iter().map(|it| it.external_id.as_str()).collect();
        for list in lists(db, &ids) {
            let query = Entity::find()
                .filter(Column::System.eq(group[0].system.clone()))
                .filter(Column::Object.eq(group[0].object.as_str()))
                .filter(list.holds(Column::ExternalId))
                .filter(Column::State.is_in(OPEN.into_iter().chain([OutboundState::Refused])));
            rows.extend(query.all(db).await?);
        }
    }
    Ok(rows)
}

/// What is on its way to a system.
pub(super) async fn sending(db: &impl ConnectionTrait, system: &SourceSystem) -> Result<Vec<Model>> {
    let rows = Entity::find()
        .filter(Column::System.eq(system.clone()))
        .filter(Column::State.eq(OutboundState::Sending));
    Ok(rows.order_by_asc(Column::Id).all(db).await?)
}

/// Those of these changes that are still on their way by the same attempt.
pub(super) async fn still_sending(db: &impl ConnectionTrait, rows: &[&Model]) -> Result<Vec<Model>> {
    let attempts: HashMap<OutboundChangeId, i32> = rows.iter().map(|it| (it.id, it.attempts)).collect();
    let mut still = Vec::new();
    let ids: Vec<OutboundChangeId> = rows.iter().map(|it| it.id).collect();
    for list in lists(db, &ids) {
        let query =
            Entity::find().filter(list.holds(Column::Id)).filter(Column::State.eq(OutboundState::Sending));
        still.extend(query.all(db).await?);
    }
    still.retain(|it| attempts.get(&it.id) == Some(&it.attempts));
    Ok(still)
}

/// The code of records that are put off until those that they refer to are there.
pub(super) const WAITS: &str = "WAITS_FOR_REFERENCE";

/// What is open or was refused of the records that a system is to make for these golden records.
pub(super) async fn creates_of(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    goldens: &[GoldenId],
) -> Result<Vec<Model>> {
    let mut rows = Vec::new();
    for list in lists(db, goldens) {
        let states = OPEN.into_iter().chain([OutboundState::Refused]);
        let query = creates(states).filter(Column::System.eq(system.clone()));
        let query = query.filter(list.holds(Column::GoldenId));
        rows.extend(query.order_by_asc(Column::Id).all(db).await?);
    }
    Ok(rows)
}

/// What is open of the records that a system is to make under these keys of ours.
pub(super) async fn creates_by_key(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    keys: &[&str],
) -> Result<Vec<Model>> {
    let mut rows = Vec::new();
    for list in lists(db, keys) {
        let query = creates(OPEN).filter(Column::System.eq(system.clone()));
        let query = query.filter(list.holds(Column::ExternalId));
        rows.extend(query.order_by_asc(Column::Id).all(db).await?);
    }
    Ok(rows)
}

fn creates(states: impl IntoIterator<Item = OutboundState>) -> Select<Entity> {
    let made = Column::Operation.eq(OutboundOperation::Create);
    Entity::find().filter(made).filter(Column::State.is_in(states))
}

/// Lets a record that is to be made for one golden record be made for another one.
pub(super) async fn make_for(db: &impl ConnectionTrait, from: GoldenId, to: GoldenId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::GoldenId, Expr::value(to))
        .filter(Column::GoldenId.eq(from))
        .filter(Column::Operation.eq(OutboundOperation::Create))
        .filter(Column::State.is_in(OPEN))
        .exec(db)
        .await?;
    Ok(())
}

/// Lets a record that is to be made under the key of a golden record be made for that.
pub(super) async fn make_for_itself(db: &impl ConnectionTrait, golden: GoldenId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::GoldenId, Expr::value(golden))
        .filter(Column::ExternalId.eq(golden.to_string()))
        .filter(Column::Operation.eq(OutboundOperation::Create))
        .filter(Column::State.is_in(OPEN))
        .exec(db)
        .await?;
    Ok(())
}

/// Lets records be looked at again that wait for others.
pub(super) async fn wake(db: &impl ConnectionTrait, system: &SourceSystem, now: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(now))
        .filter(Column::System.eq(system.clone()))
        .filter(Column::State.eq(OutboundState::Pending))
        .filter(Column::Code.eq(WAITS))
        .exec(db)
        .await?;
    Ok(())
}

/// What is to be sent to a system now: the longest due of one kind first, and nothing about a record of which something
/// is on its way.
pub(super) async fn due(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Model>> {
    let sending = sending(db, system).await?;
    let on_its_way: HashSet<&str> = sending.iter().map(|it| it.external_id.as_str()).collect();
    let being_made: BTreeSet<GoldenId> =
        sending.iter().filter(|it| is_create(it)).map(|it| it.golden_id).collect();
    let rows = Entity::find()
        .filter(Column::System.eq(system.clone()))
        .filter(Column::State.eq(OutboundState::Pending))
        .filter(Column::NextAttemptAt.lte(now))
        .order_by_asc(Column::Object)
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
        .limit(limit);
    let mut rows = rows.all(db).await?;
    rows.retain(|it| !on_its_way.contains(it.external_id.as_str()));
    rows.retain(|it| !(is_create(it) && being_made.contains(&it.golden_id)));
    let kind = rows.first().map(|it| it.kind);
    rows.retain(|it| Some(it.kind) == kind);
    Ok(rows)
}

/// Changes of a record that were sent lately.
pub(super) async fn sent_lately(
    db: &impl ConnectionTrait,
    rows: &[Model],
    since: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let mut sent = Vec::new();
    let ids: Vec<&str> = rows.iter().map(|it| it.external_id.as_str()).collect();
    for list in lists(db, &ids) {
        let query = Entity::find()
            .filter(Column::System.eq(rows[0].system.clone()))
            .filter(Column::Object.eq(rows[0].object.as_str()))
            .filter(list.holds(Column::ExternalId))
            .filter(Column::SentAt.gt(since))
            .filter(Column::State.eq(OutboundState::Accepted));
        sent.extend(query.all(db).await?);
    }
    Ok(sent)
}

/// Marks changes as on their way.
pub(super) async fn lease(
    db: &impl ConnectionTrait,
    rows: &mut [Model],
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<()> {
    for row in rows.iter_mut() {
        row.state = OutboundState::Sending;
        row.attempts += 1;
        row.leased_until = Some(now + lease);
        row.sent_at = Some(now);
        row.updated_at = now;
    }
    replace(db, rows.to_vec()).await
}

/// Ends changes.
pub(super) async fn end(
    db: &impl ConnectionTrait,
    rows: &[Model],
    state: OutboundState,
    now: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<OutboundChangeId> = rows.iter().map(|it| it.id).collect();
    for list in lists(db, &ids) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(state))
            .col_expr(Column::EndedAt, Expr::value(now))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .col_expr(Column::LeasedUntil, Expr::value(None::<DateTime<Utc>>))
            .filter(list.holds(Column::Id))
            .exec(db)
            .await?;
    }
    Ok(())
}

pub(super) async fn insert(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<()> {
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    Ok(insert_rows::<Entity, _>(db, rows, None).await?)
}

/// Writes rows that exist as they are now.
pub(super) async fn replace(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<()> {
    let replaced = Column::iter().filter(|it| !matches!(it, Column::Id));
    let replace = OnConflict::column(Column::Id).update_columns(replaced).to_owned();
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    Ok(insert_rows::<Entity, _>(db, rows, Some(replace)).await?)
}
