//! Batched reads of partners for nested fields.

use std::collections::HashMap;

use domain::ids::{PartnerId, PartnerUserId};
use entity::partners::{partner, partner_user};
use sea_orm::{QueryFilter, QueryOrder};

use super::store;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by, groups_by};

/// Partners by id.
#[derive(Default)]
pub struct PartnerById;

impl BatchLoad for PartnerById {
    type Key = PartnerId;
    type Value = partner::Model;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Loaded<Self> {
        let query = store::visible_to(&ctx.caller).filter(among(
            ctx.read(),
            partner::Column::Id,
            ids.iter().copied(),
        ));
        Ok(each_by(query.all(ctx.read()).await?, |it| it.id))
    }
}

/// Subjects of a partner's managers.
#[derive(Default)]
pub struct ManagersOfPartner;

impl BatchLoad for ManagersOfPartner {
    type Key = PartnerId;
    type Value = Vec<String>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Loaded<Self> {
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

impl BatchLoad for PartnerUserById {
    type Key = PartnerUserId;
    type Value = partner_user::Model;

    async fn load(ctx: &RequestContext, ids: &[PartnerUserId]) -> Loaded<Self> {
        let query = store::users_visible_to(&ctx.caller);
        let query = query.filter(among(ctx.read(), partner_user::Column::Id, ids.iter().copied()));
        Ok(each_by(query.all(ctx.read()).await?, |it| it.id))
    }
}

/// The users of a partner, oldest first.
#[derive(Default)]
pub struct UsersOfPartner;

impl BatchLoad for UsersOfPartner {
    type Key = PartnerId;
    type Value = Vec<partner_user::Model>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Loaded<Self> {
        let query = store::users_visible_to(&ctx.caller)
            .filter(among(ctx.read(), partner_user::Column::PartnerId, ids.iter().copied()))
            .order_by_asc(partner_user::Column::Id);
        Ok(groups_by(query.all(ctx.read()).await?, |it| it.partner_id))
    }
}
