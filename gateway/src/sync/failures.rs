//! The error log: records that could not be taken in, each once per kind of failure, until they can.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use connectors::RecordError;
use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use domain::sync::{SyncDirection, SyncErrorCategory, SyncErrorState};
use entity::sync::sync_error::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::database::chunk_size;

/// Failed records that one run reads again.
const RETRIED_AT_ONCE: u64 = 200;

/// Where failures belong.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) run: SyncRunId,
    pub(super) system: SourceSystem,
    pub(super) object: String,
}

/// Logs failures; one that is known counts another attempt.
pub(super) async fn log(
    db: &impl ConnectionTrait,
    clock: &Clock,
    place: &Place,
    errors: &[RecordError],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut rows: BTreeMap<(String, SyncErrorCategory), Model> = BTreeMap::new();
    for error in errors {
        let external_id = error.external_id.clone().unwrap_or_default();
        rows.entry((external_id.clone(), error.category)).or_insert_with(|| Model {
            id: clock.new_id(),
            run_id: place.run,
            direction: SyncDirection::Inbound,
            system: place.system.clone(),
            object: place.object.clone(),
            external_id,
            golden_id: None,
            category: error.category,
            code: Some(error.code.to_owned()),
            message: error.message.clone(),
            is_retryable: error.external_id.is_some(),
            attempts: 1,
            first_seen_at: now,
            last_seen_at: now,
            state: SyncErrorState::Open,
        });
    }
    let again = OnConflict::columns([Column::System, Column::Object, Column::ExternalId, Column::Category])
        .update_columns([Column::RunId, Column::Code, Column::Message, Column::LastSeenAt])
        .value(Column::State, reopened())
        .value(Column::Attempts, Expr::col((Entity, Column::Attempts)).add(1))
        .to_owned();
    let rows: Vec<Model> = rows.into_values().collect();
    for chunk in rows.chunks(chunk_size(Column::iter().count())) {
        let rows = chunk.iter().cloned().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).on_conflict(again.clone()).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Closes the failures of records that have been taken in after all.
pub(super) async fn resolve(
    db: &impl ConnectionTrait,
    place: &Place,
    taken_in: &[String],
    now: DateTime<Utc>,
) -> Result<()> {
    for chunk in taken_in.chunks(chunk_size(1)) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(SyncErrorState::Resolved))
            .col_expr(Column::LastSeenAt, Expr::value(now))
            .filter(open_at(place))
            .filter(Column::ExternalId.is_in(chunk.iter().map(String::as_str)))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Records that failed and are to be read again, those that have waited longest first.
pub(super) async fn to_retry(db: &impl ConnectionTrait, place: &Place) -> Result<Vec<String>> {
    let rows = Entity::find()
        .select_only()
        .column(Column::ExternalId)
        .filter(open_at(place))
        .filter(Column::IsRetryable.eq(true))
        .group_by(Column::ExternalId)
        .order_by_asc(Column::LastSeenAt.min())
        .order_by_asc(Column::ExternalId)
        .limit(RETRIED_AT_ONCE);
    Ok(rows.into_tuple().all(db).await?)
}

/// Whether anything of this object is open: most pages have nothing to close.
pub(super) async fn is_any_open(db: &impl ConnectionTrait, place: &Place) -> Result<bool> {
    Ok(Entity::find().filter(open_at(place)).one(db).await?.is_some())
}

/// What failed again is open again, unless a person decided to ignore it.
fn reopened() -> sea_orm::sea_query::SimpleExpr {
    let state = || Expr::col((Entity, Column::State));
    Expr::case(state().eq(SyncErrorState::Ignored), state()).finally(SyncErrorState::Open).into()
}

/// What is open of an object.
fn open_at(place: &Place) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(Column::System.eq(place.system.clone()))
        .add(Column::Object.eq(place.object.as_str()))
        .add(Column::Direction.eq(SyncDirection::Inbound))
        .add(Column::State.is_in([SyncErrorState::Open, SyncErrorState::Retrying]))
}
