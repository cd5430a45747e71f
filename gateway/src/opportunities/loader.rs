//! Batched reads of opportunities for nested fields.

use domain::ids::{GoldenId, PartnerId};
use entity::opportunities::golden_opportunity::{Column, Model};
use sea_orm::QueryFilter;

use super::access;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by};
use crate::platform::graphql::children::{MAX_CHILDREN, newest_per_parent};

/// Opportunities by id.
#[derive(Default)]
pub struct OpportunityById;

impl BatchLoad for OpportunityById {
    type Key = GoldenId;
    type Value = Model;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Loaded<Self> {
        let query =
            access::visible_to(&ctx.caller).filter(among(ctx.read(), Column::Id, ids.iter().copied()));
        Ok(each_by(query.all(ctx.read()).await?, |it| it.id))
    }
}

/// The newest opportunities that a partner brought.
#[derive(Default)]
pub struct OpportunitiesOfPartner;

impl BatchLoad for OpportunitiesOfPartner {
    type Key = PartnerId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Loaded<Self> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::SourcingPartnerId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.sourcing_partner_id)
            .await?)
    }
}

/// The newest opportunities of an account.
#[derive(Default)]
pub struct OpportunitiesOfAccount;

impl BatchLoad for OpportunitiesOfAccount {
    type Key = GoldenId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Loaded<Self> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::AccountId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.account_id).await?)
    }
}
