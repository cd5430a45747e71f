//! Use cases of opportunities.

use domain::ids::GoldenId;
use entity::opportunities::golden_opportunity::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::access;
use crate::error::Result;
use crate::platform::context::RequestContext;

/// The opportunity, if the caller sees it; an id that lost a merge gives its survivor.
pub async fn find(ctx: &RequestContext, id: GoldenId) -> Result<Option<Model>> {
    let visible = |id: GoldenId| access::visible_to(&ctx.caller).filter(Column::Id.eq(id));
    if let Some(found) = visible(id).one(ctx.read()).await? {
        return Ok(Some(found));
    }
    match Entity::find_by_id(id).one(ctx.read()).await?.and_then(|it| it.redirect_to) {
        Some(survivor) => Ok(visible(survivor).one(ctx.read()).await?),
        None => Ok(None),
    }
}
