//! Distribution in the API.

mod mutations;
mod queries;
mod ranking;
mod subscription;
mod types;

pub use mutations::DistributionMutations;
pub use queries::{DistributionQueries, by_id};
pub use subscription::DistributionSubscription;
pub use types::LeadOffer;

use domain::ids::GoldenId;

use super::loader::OffersOfLead;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::children::MAX_CHILDREN;

/// The offers of a lead that the caller sees, newest first.
pub async fn of_lead(ctx: &RequestContext, lead: GoldenId) -> Result<Vec<LeadOffer>> {
    let limit = usize::try_from(MAX_CHILDREN).expect("a positive number");
    let offers = ctx.batch::<OffersOfLead>().get(ctx, lead).await?.unwrap_or_default();
    Ok(offers.into_iter().take(limit).map(LeadOffer::from).collect())
}
