//! Batched reads of registrations for nested fields.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::ids::RegistrationId;
use entity::registrations::{deal_registration, registration_event};
use sea_orm::QueryFilter;

use super::{access, store};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::BatchLoad;

/// Registrations by id.
#[derive(Default)]
pub struct RegistrationById;

#[async_trait]
impl BatchLoad for RegistrationById {
    type Key = RegistrationId;
    type Value = deal_registration::Model;

    async fn load(
        ctx: &RequestContext,
        ids: &[RegistrationId],
    ) -> Result<HashMap<RegistrationId, deal_registration::Model>> {
        let these = among(ctx.read(), deal_registration::Column::Id, ids.iter().copied());
        let rows = access::visible_to(&ctx.caller).filter(these).all(ctx.read()).await?;
        Ok(rows.into_iter().map(|it| (it.id, it)).collect())
    }
}

/// What happened to a registration that the caller was shown already, oldest first.
#[derive(Default)]
pub struct EventsOfRegistration;

#[async_trait]
impl BatchLoad for EventsOfRegistration {
    type Key = RegistrationId;
    type Value = Vec<registration_event::Model>;

    async fn load(
        ctx: &RequestContext,
        ids: &[RegistrationId],
    ) -> Result<HashMap<RegistrationId, Vec<registration_event::Model>>> {
        let mut events: HashMap<_, Vec<_>> = HashMap::new();
        for row in store::events(ctx.read(), ids).await? {
            events.entry(row.registration_id).or_default().push(row);
        }
        Ok(events)
    }
}
