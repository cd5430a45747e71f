//! Hearing of offers.

use async_graphql::{Context, Subscription};
use domain::access::Permission;
use futures::{Stream, StreamExt as _};

use super::types::LeadOffer;
use crate::distribution::news::Offered;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::listening;

/// Hearing of offers.
#[derive(Default)]
pub struct DistributionSubscription;

#[Subscription]
impl DistributionSubscription {
    /// Leads as they are offered: partners hear of those offered to them.
    async fn lead_offered(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = LeadOffer>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadOffers)?;
        Ok(listening::listen(ctx, Offered).await.map(LeadOffer::from))
    }
}
