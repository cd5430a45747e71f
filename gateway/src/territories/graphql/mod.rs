//! Territories in the API.

mod coverage;
mod mutations;
mod queries;
mod regions;
mod types;

use domain::access::Permission;
use domain::ids::PartnerId;

pub use mutations::TerritoryMutations;
pub use queries::{TerritoryQueries, by_id};
pub use regions::{Industry, Prefecture, parse};
pub use types::TerritoryAssignment;

use super::loader::TerritoriesOfPartner;
use crate::error::Result;
use crate::platform::context::RequestContext;

/// The territories of a partner, oldest first; `None` for those who may not read them.
pub async fn of_partner(ctx: &RequestContext, id: PartnerId) -> Result<Option<Vec<TerritoryAssignment>>> {
    if !ctx.caller.may(Permission::ReadTerritories) {
        return Ok(None);
    }
    let rows = ctx.batch::<TerritoriesOfPartner>().get(ctx, id).await?.unwrap_or_default();
    Ok(Some(rows.into_iter().map(TerritoryAssignment::from).collect()))
}
