//! Batched reads of leads for nested fields.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::ids::{GoldenId, PartnerId};
use entity::leads::golden_lead::{Column, Model};
use sea_orm::{ColumnTrait, QueryFilter};

use super::access;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::BatchLoad;
use crate::platform::graphql::children::{MAX_CHILDREN, newest_per_parent};

/// Leads by id.
#[derive(Default)]
pub struct LeadById;

/// The newest leads of a partner.
#[derive(Default)]
pub struct LeadsOfPartner;

/// The newest leads of an account.
#[derive(Default)]
pub struct LeadsOfAccount;

/// The newest leads converted into an opportunity.
#[derive(Default)]
pub struct LeadsOfOpportunity;

#[async_trait]
impl BatchLoad for LeadById {
    type Key = GoldenId;
    type Value = Model;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Result<HashMap<GoldenId, Model>> {
        let query = access::visible_to(&ctx.caller).filter(Column::Id.is_in(ids.iter().copied()));
        Ok(query.all(ctx.read()).await?.into_iter().map(|it| (it.id, it)).collect())
    }
}

#[async_trait]
impl BatchLoad for LeadsOfPartner {
    type Key = PartnerId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Result<HashMap<PartnerId, Vec<Model>>> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::AssignedPartnerId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.assigned_partner_id)
            .await?)
    }
}

#[async_trait]
impl BatchLoad for LeadsOfAccount {
    type Key = GoldenId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Result<HashMap<GoldenId, Vec<Model>>> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::AccountId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.account_id).await?)
    }
}

#[async_trait]
impl BatchLoad for LeadsOfOpportunity {
    type Key = GoldenId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Result<HashMap<GoldenId, Vec<Model>>> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::OpportunityId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.opportunity_id).await?)
    }
}
