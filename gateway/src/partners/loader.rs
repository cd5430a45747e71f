//! Batched reads of partners for nested fields.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::ids::{PartnerId, PartnerUserId};
use entity::partners::{partner, partner_user};
use sea_orm::{QueryFilter, QueryOrder};

use super::store;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::BatchLoad;

/// Partners by id.
#[derive(Default)]
pub struct PartnerById;

#[async_trait]
impl BatchLoad for PartnerById {
    type Key = PartnerId;
    type Value = partner::Model;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Result<HashMap<PartnerId, partner::Model>> {
        let query = store::visible_to(&ctx.caller).filter(among(
            ctx.read(),
            partner::Column::Id,
            ids.iter().copied(),
        ));
        Ok(query.all(ctx.read()).await?.into_iter().map(|it| (it.id, it)).collect())
    }
}

/// Subjects of a partner's managers.
#[derive(Default)]
pub struct ManagersOfPartner;

#[async_trait]
impl BatchLoad for ManagersOfPartner {
    type Key = PartnerId;
    type Value = Vec<String>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Result<HashMap<PartnerId, Vec<String>>> {
        let mut managers: HashMap<_, Vec<String>> = HashMap::new();
        for row in store::managers(ctx.read(), ids).await? {
            managers.entry(row.partner_id).or_default().push(row.subject);
        }
        Ok(managers)
    }
}

/// Partner users by id.
#[derive(Default)]
pub struct PartnerUserById;

#[async_trait]
impl BatchLoad for PartnerUserById {
    type Key = PartnerUserId;
    type Value = partner_user::Model;

    async fn load(
        ctx: &RequestContext,
        ids: &[PartnerUserId],
    ) -> Result<HashMap<PartnerUserId, partner_user::Model>> {
        let query = store::users_visible_to(&ctx.caller);
        let query = query.filter(among(ctx.read(), partner_user::Column::Id, ids.iter().copied()));
        Ok(query.all(ctx.read()).await?.into_iter().map(|it| (it.id, it)).collect())
    }
}

/// The users of a partner, oldest first.
#[derive(Default)]
pub struct UsersOfPartner;

#[async_trait]
impl BatchLoad for UsersOfPartner {
    type Key = PartnerId;
    type Value = Vec<partner_user::Model>;

    async fn load(
        ctx: &RequestContext,
        ids: &[PartnerId],
    ) -> Result<HashMap<PartnerId, Vec<partner_user::Model>>> {
        let query = store::users_visible_to(&ctx.caller)
            .filter(among(ctx.read(), partner_user::Column::PartnerId, ids.iter().copied()))
            .order_by_asc(partner_user::Column::Id);
        let mut users: HashMap<_, Vec<_>> = HashMap::new();
        for row in query.all(ctx.read()).await? {
            users.entry(row.partner_id).or_default().push(row);
        }
        Ok(users)
    }
}
