//! Opportunities in the API.

mod queries;
mod types;

use domain::ids::GoldenId;

pub use queries::{OpportunityQueries, by_id};
pub use types::Opportunity;

use super::loader::OpportunitiesOfAccount;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::children::MAX_CHILDREN;

/// The newest opportunities of an account.
pub async fn newest_of_account(ctx: &RequestContext, id: GoldenId, first: i32) -> Result<Vec<Opportunity>> {
    let limit = usize::try_from(first.clamp(0, MAX_CHILDREN)).expect("clamped to a positive number");
    let rows = ctx.batch::<OpportunitiesOfAccount>().get(ctx, id).await?.unwrap_or_default();
    Ok(rows.into_iter().take(limit).map(|row| Opportunity::new(ctx, row)).collect())
}
