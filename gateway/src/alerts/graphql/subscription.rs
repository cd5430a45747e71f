//! Hearing of alerts.

use async_graphql::{Context, Subscription};
use domain::access::Permission;
use futures::{Stream, StreamExt as _};

use super::types::PartnerAlert;
use crate::alerts::news::Raised;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::listening;

/// Hearing of alerts.
#[derive(Default)]
pub struct AlertSubscription;

#[Subscription]
impl AlertSubscription {
    /// Alerts as they are raised: channel managers hear of those about the partners they manage.
    async fn alert_raised(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = PartnerAlert>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadAlerts)?;
        Ok(listening::listen(ctx, Raised).await.map(PartnerAlert::from))
    }
}
