//! Noting failures while records are taken in, and their end.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use connectors::RecordError;
use domain::ids::{SyncErrorId, SyncRunId};
use domain::sources::SourceSystem;
use domain::sync::{SyncDirection, SyncErrorCategory, SyncErrorState, wait_after};
use entity::sync::sync_error::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::database::{insert_rows, lists};

/// Failed records that are read again at once.
const RETRIED_AT_ONCE: u64 = 200;

/// Where failures belong.
#[derive(Debug, Clone)]
pub(in crate::sync) struct Place {
    pub(in crate::sync) run: SyncRunId,
    pub(in crate::sync) system: SourceSystem,
    pub(in crate::sync) object: String,
}

/// Which record failed how.
type Failure = (String, SyncErrorCategory);

/// Logs failures; one that is known counts another attempt, and waits longer for the next.
pub(in crate::sync) async fn log(
    db: &impl ConnectionTrait,
    clock: &Clock,
    place: &Place,
    errors: &[RecordError],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut failures: BTreeMap<Failure, &RecordError> = BTreeMap::new();
    for error in errors {
        failures.entry((error.external_id.clone().unwrap_or_default(), error.category)).or_insert(error);
    }
    let mut known = known(db, place, failures.keys().map(|it| it.0.as_str())).await?;
    let rows = failures.into_iter().map(|(failure, error)| {
        let earlier = known.remove(&failure);
        entry(clock, place, error, earlier, now)
    });
    let rows = rows.map(IntoActiveModel::into_active_model).collect();
    let written_again = Column::iter().filter(|it| !matches!(it, Column::Id | Column::FirstSeenAt));
    let again = OnConflict::columns([
        Column::Direction,
        Column::System,
        Column::Object,
        Column::ExternalId,
        Column::Category,
    ])
    .update_columns(written_again)
    .to_owned();
    Ok(insert_rows::<Entity, _>(db, rows, Some(again)).await?)
}

/// What the log holds of these records.
async fn known(
    db: &impl ConnectionTrait,
    place: &Place,
    ids: impl Iterator<Item = &str>,
) -> Result<HashMap<Failure, Model>> {
    let ids: Vec<&str> = ids.collect();
    let mut known = HashMap::new();
    for list in lists(db, &ids) {
        let rows = Entity::find().filter(at(place)).filter(list.holds(Column::ExternalId));
        known.extend(rows.all(db).await?.into_iter().map(|it| ((it.external_id.clone(), it.category), it)));
    }
    Ok(known)
}

/// The entry of a failure. What a person decided to ignore stays ignored.
fn entry(
    clock: &Clock,
    place: &Place,
    error: &RecordError,
    earlier: Option<Model>,
    now: DateTime<Utc>,
) -> Model {
    let id = earlier.as_ref().map_or_else(|| clock.new_id(), |it| it.id);
    let attempts = earlier.as_ref().map_or(0, |it| it.attempts) + 1;
    let ignored = earlier.as_ref().filter(|it| it.state == SyncErrorState::Ignored);
    let is_retryable = error.external_id.is_some() && !error.category.is_permanent();
    let next = now + wait_after(attempts.unsigned_abs(), chance(id, attempts));
    Model {
        id,
        run_id: place.run,
        direction: SyncDirection::Inbound,
        system: place.system.clone(),
        object: place.object.clone(),
        external_id: error.external_id.clone().unwrap_or_default(),
        golden_id: None,
        category: error.category,
        code: Some(error.code.to_owned()),
        message: error.message.clone(),
        source_message: None,
        payload: error.payload.clone(),
        is_retryable,
        attempts,
        first_seen_at: earlier.as_ref().map_or(now, |it| it.first_seen_at),
        last_seen_at: now,
        state: ignored.map_or(SyncErrorState::Open, |it| it.state),
        next_attempt_at: Some(next).filter(|_| is_retryable && ignored.is_none()),
        reason: ignored.and_then(|it| it.reason.clone()),
        decided_by: earlier.as_ref().and_then(|it| it.decided_by.clone()),
        decided_at: earlier.as_ref().and_then(|it| it.decided_at),
    }
}

/// A number that differs from record to record and from attempt to attempt, the same in every replica.
fn chance(id: SyncErrorId, attempts: i32) -> u64 {
    let hash = blake3::hash(format!("{id}/{attempts}").as_bytes());
    u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes"))
}

/// Closes the failures of records that have been taken in after all.
pub(in crate::sync) async fn resolve(
    db: &impl ConnectionTrait,
    place: &Place,
    taken_in: &[String],
    now: DateTime<Utc>,
) -> Result<()> {
    for list in lists(db, taken_in) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(SyncErrorState::Resolved))
            .col_expr(Column::LastSeenAt, Expr::value(now))
            .col_expr(Column::NextAttemptAt, Expr::value(None::<DateTime<Utc>>))
            .filter(open_at(place))
            .filter(list.holds(Column::ExternalId))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Records whose next attempt is due, those that have waited longest first.
pub(in crate::sync) async fn to_retry(
    db: &impl ConnectionTrait,
    place: &Place,
    now: DateTime<Utc>,
) -> Result<Vec<String>> {
    let rows = Entity::find()
        .select_only()
        .column(Column::ExternalId)
        .filter(open_at(place))
        .filter(Column::ExternalId.ne(""))
        .filter(Column::NextAttemptAt.lte(now))
        .group_by(Column::ExternalId)
        .order_by_asc(Column::NextAttemptAt.min())
        .order_by_asc(Column::ExternalId)
        .limit(RETRIED_AT_ONCE);
    Ok(rows.into_tuple().all(db).await?)
}

/// Whether anything of this object is open: most pages have nothing to close.
pub(in crate::sync) async fn is_any_open(db: &impl ConnectionTrait, place: &Place) -> Result<bool> {
    Ok(Entity::find().filter(open_at(place)).one(db).await?.is_some())
}

/// What is open of an object.
fn open_at(place: &Place) -> Condition {
    at(place).add(Column::State.is_in(SyncErrorState::UNSETTLED))
}

/// What was read of an object.
fn at(place: &Place) -> Condition {
    Condition::all()
        .add(Column::System.eq(place.system.clone()))
        .add(Column::Object.eq(place.object.as_str()))
        .add(Column::Direction.eq(SyncDirection::Inbound))
}
