//! Leads in SQL. Every query starts from what the caller sees.

use domain::ids::GoldenId;
use entity::leads::golden_lead::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::access;
use crate::platform::auth::Caller;

/// The lead of that id; an id that lost a merge gives its survivor.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: GoldenId,
) -> Result<Option<Model>, DbErr> {
    let visible = |id: GoldenId| access::visible_to(caller).filter(Column::Id.eq(id));
    if let Some(found) = visible(id).one(db).await? {
        return Ok(Some(found));
    }
    match Entity::find_by_id(id).one(db).await?.and_then(|it| it.redirect_to) {
        Some(survivor) => visible(survivor).one(db).await,
        None => Ok(None),
    }
}
