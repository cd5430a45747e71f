//! Use cases of accounts.

use domain::ids::GoldenId;
use entity::accounts::golden_account::Model;

use super::access;
use crate::error::Result;
use crate::golden::served;
use crate::platform::context::RequestContext;

/// The account, if the caller sees it; an id that lost a merge gives its survivor.
pub async fn find(ctx: &RequestContext, id: GoldenId) -> Result<Option<Model>> {
    Ok(served::find(ctx.read(), access::visible_to(&ctx.caller), id).await?)
}
