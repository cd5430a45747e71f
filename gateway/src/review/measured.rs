//! Questions to people as KPIs count them.

use chrono::{DateTime, Utc};
use domain::review::ReviewState;
use entity::review::review_task::{Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::Result;

/// The questions that wait for an answer, with the instant at which each was asked.
pub async fn waiting(db: &impl ConnectionTrait) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    let waiting = Entity::find().select_only().columns([Column::Id, Column::CreatedAt]);
    let waiting = waiting.filter(Column::State.is_in([ReviewState::Open, ReviewState::Claimed]));
    Ok(waiting.order_by_asc(Column::Id).into_tuple().all(db).await?)
}
