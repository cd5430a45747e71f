//! Partners in the API.

mod inputs;
mod mutations;
mod prospects;
mod queries;
mod types;

pub use mutations::PartnerMutations;
pub use prospects::{ProspectMutations, ProspectQueries};
pub use queries::{PartnerQueries, by_id, user_by_id};
pub use types::{Partner, PartnerUser};

use domain::ids::{PartnerId, PartnerUserId};

use super::loader::{PartnerById, PartnerUserById};
use crate::error::Result;
use crate::platform::context::RequestContext;

/// The partner at the end of an edge, if the caller sees it.
pub async fn at_edge(ctx: &RequestContext, id: PartnerId) -> Result<Option<Partner>> {
    Ok(ctx.batch::<PartnerById>().get(ctx, id).await?.map(Partner::from))
}

/// The partner user at the end of an edge, if the caller sees it.
pub async fn user_at_edge(ctx: &RequestContext, id: PartnerUserId) -> Result<Option<PartnerUser>> {
    Ok(ctx.batch::<PartnerUserById>().get(ctx, id).await?.map(PartnerUser::from))
}
