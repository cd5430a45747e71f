//! Hearing of what happens to registrations.

use async_graphql::{Context, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::registrations::RegistrationStep;
use futures::{Stream, StreamExt as _};

use super::types::DealRegistration;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::listening;
use crate::registrations::news::{DECISIONS, News, Steps};

/// Something that happened to a registration that the subscriber sees.
#[derive(SimpleObject)]
pub struct RegistrationNews {
    /// When.
    at: DateTime<Utc>,
    /// What.
    step: RegistrationStep,
    /// The registration as it was found then.
    deal_registration: DealRegistration,
}

impl From<News> for RegistrationNews {
    fn from(news: News) -> Self {
        Self { at: news.event.at, step: news.event.step, deal_registration: news.registration.into() }
    }
}

/// Hearing of registrations.
#[derive(Default)]
pub struct RegistrationSubscription;

#[Subscription]
impl RegistrationSubscription {
    /// Conflicts as they are raised or opened again, by the registrations they concern: partners hear of their own ones, and
    /// never who the others are. A nudge: read the registration again to know more.
    async fn conflict_raised(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = RegistrationNews>> {
        listen(ctx.data_unchecked(), &[RegistrationStep::Contested]).await
    }

    /// Decisions about registrations that the subscriber sees, also those that time makes.
    async fn registration_decided(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = RegistrationNews>> {
        listen(ctx.data_unchecked(), DECISIONS).await
    }
}

async fn listen(
    ctx: &RequestContext,
    steps: &'static [RegistrationStep],
) -> Result<impl Stream<Item = RegistrationNews> + use<>> {
    ctx.caller.require(Permission::ReadRegistrations)?;
    Ok(listening::listen(ctx, Steps(steps)).await.map(RegistrationNews::from))
}
