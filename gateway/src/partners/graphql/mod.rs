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

use domain::ids::PartnerId;

use super::loader::PartnerById;
use crate::error::Result;
use crate::platform::context::RequestContext;

/// The partner at the end of an edge, if the caller sees it.
pub async fn at_edge(ctx: &RequestContext, id: PartnerId) -> Result<Option<Partner>> {
    Ok(ctx.batch::<PartnerById>().get(ctx, id).await?.map(Partner::from))
}
