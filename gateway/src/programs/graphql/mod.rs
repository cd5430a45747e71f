//! Programs and tiers in the API.

mod mutations;
mod queries;
mod types;

use domain::access::Permission;
use domain::ids::PartnerId;

pub use mutations::ProgramMutations;
pub use queries::ProgramQueries;
pub use types::{PartnerTier, TierEvaluation};

use super::loader::{EvaluationsOfPartner, TierOfPartner};
use crate::error::Result;
use crate::platform::context::RequestContext;

/// The tier of a partner, now; `None` for those who may not read tiers.
pub async fn tier_of(ctx: &RequestContext, id: PartnerId) -> Result<Option<PartnerTier>> {
    if !ctx.caller.may(Permission::ReadPrograms) {
        return Ok(None);
    }
    Ok(ctx.batch::<TierOfPartner>().get(ctx, id).await?.map(PartnerTier::from))
}

/// The evaluations of a partner, newest first; `None` for those who may not read tiers.
pub async fn evaluations_of(ctx: &RequestContext, id: PartnerId) -> Result<Option<Vec<TierEvaluation>>> {
    if !ctx.caller.may(Permission::ReadPrograms) {
        return Ok(None);
    }
    let rows = ctx.batch::<EvaluationsOfPartner>().get(ctx, id).await?.unwrap_or_default();
    Ok(Some(rows.into_iter().map(TierEvaluation::from).collect()))
}
