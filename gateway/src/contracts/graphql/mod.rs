//! Contracts in the API.

mod inputs;
mod mutations;
mod papers;
mod queries;
mod types;

use domain::access::Permission;
use domain::ids::PartnerId;

pub use mutations::ContractMutations;
pub use papers::ContractPaperMutations;
pub use queries::{ContractQueries, by_id};
pub use types::Contract;

use super::loader::ContractsOfPartner;
use crate::error::Result;
use crate::platform::context::RequestContext;

/// The contracts of a partner, newest first; `None` for those who may not read any.
pub async fn of_partner(ctx: &RequestContext, id: PartnerId) -> Result<Option<Vec<Contract>>> {
    if !ctx.caller.may(Permission::ReadContracts) {
        return Ok(None);
    }
    let rows = ctx.batch::<ContractsOfPartner>().get(ctx, id).await?.unwrap_or_default();
    Ok(Some(rows.into_iter().map(Contract::from).collect()))
}
