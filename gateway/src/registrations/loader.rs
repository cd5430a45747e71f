//! Batched reads of registrations for nested fields.

use domain::ids::RegistrationId;
use entity::registrations::{deal_registration, registration_event};
use sea_orm::QueryFilter;

use super::{access, store};
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by, groups_by};

/// Registrations by id.
#[derive(Default)]
pub struct RegistrationById;

impl BatchLoad for RegistrationById {
    type Key = RegistrationId;
    type Value = deal_registration::Model;

    async fn load(ctx: &RequestContext, ids: &[RegistrationId]) -> Loaded<Self> {
        let these = among(ctx.read(), deal_registration::Column::Id, ids.iter().copied());
        let rows = access::visible_to(&ctx.caller).filter(these).all(ctx.read()).await?;
        Ok(each_by(rows, |it| it.id))
    }
}

/// What happened to a registration that the caller was shown already, oldest first.
#[derive(Default)]
pub struct EventsOfRegistration;

impl BatchLoad for EventsOfRegistration {
    type Key = RegistrationId;
    type Value = Vec<registration_event::Model>;

    async fn load(ctx: &RequestContext, ids: &[RegistrationId]) -> Loaded<Self> {
        Ok(groups_by(store::events(ctx.read(), ids).await?, |it| it.registration_id))
    }
}
