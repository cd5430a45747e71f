//! Use cases of opportunities.

use domain::ids::GoldenId;
use entity::opportunities::golden_opportunity::Model;

use super::access;
use crate::error::Result;
use crate::golden::served;
use crate::platform::context::RequestContext;

/// The opportunity, if the caller sees it; an id that lost a merge gives its survivor.
pub async fn find(ctx: &RequestContext, id: GoldenId) -> Result<Option<Model>> {
    Ok(served::find(ctx.read(), access::visible_to(&ctx.caller), id).await?)
}
