//! The windows, grace times and limits of the partner channel that are in force.

use std::sync::Arc;

use domain::lifecycle::LifecyclePolicy;
use sea_orm::ConnectionTrait;

use super::Policies;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::{BatchLoad, Loaded};

/// The policy in force, as this transaction sees it.
pub async fn lifecycle(db: &impl ConnectionTrait, ctx: &RequestContext) -> Result<Arc<LifecyclePolicy>> {
    Ok(Arc::clone(&ctx.shared::<Policies>().in_force(db).await?.lifecycle))
}

/// The same for fields of answers: asked once in a request.
#[derive(Default)]
pub struct LifecycleInForce;

impl BatchLoad for LifecycleInForce {
    type Key = ();
    type Value = Arc<LifecyclePolicy>;

    async fn load(ctx: &RequestContext, _: &[()]) -> Loaded<Self> {
        Ok([((), lifecycle(ctx.read(), ctx).await?)].into())
    }
}
