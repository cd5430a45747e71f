//! Batched reads of leads for nested fields.

use domain::ids::{GoldenId, PartnerId};
use entity::leads::golden_lead::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::access;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by};
use crate::platform::graphql::children::{MAX_CHILDREN, newest_per_parent};

/// Leads by id; an id that lost a merge gives its survivor.
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

impl BatchLoad for LeadById {
    type Key = GoldenId;
    type Value = Model;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Loaded<Self> {
        let mut found = seen(ctx, ids).await?;
        let lost: Vec<GoldenId> = ids.iter().copied().filter(|it| !found.contains_key(it)).collect();
        if lost.is_empty() {
            return Ok(found);
        }
        let redirects = Entity::find().select_only().columns([Column::Id, Column::RedirectTo]);
        let redirects = redirects.filter(among(ctx.read(), Column::Id, lost));
        let redirects = redirects.filter(Column::RedirectTo.is_not_null()).into_tuple();
        let redirects: Vec<(GoldenId, GoldenId)> = redirects.all(ctx.read()).await?;
        let survivors = seen(ctx, &redirects.iter().map(|it| it.1).collect::<Vec<_>>()).await?;
        found.extend(redirects.iter().filter_map(|(id, to)| Some((*id, survivors.get(to)?.clone()))));
        Ok(found)
    }
}

async fn seen(ctx: &RequestContext, ids: &[GoldenId]) -> Loaded<LeadById> {
    let these = among(ctx.read(), Column::Id, ids.iter().copied());
    let rows = access::visible_to(&ctx.caller).filter(these).all(ctx.read()).await?;
    Ok(each_by(rows, |it| it.id))
}

impl BatchLoad for LeadsOfPartner {
    type Key = PartnerId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Loaded<Self> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::AssignedPartnerId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.assigned_partner_id)
            .await?)
    }
}

impl BatchLoad for LeadsOfAccount {
    type Key = GoldenId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Loaded<Self> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::AccountId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.account_id).await?)
    }
}

impl BatchLoad for LeadsOfOpportunity {
    type Key = GoldenId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Loaded<Self> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::OpportunityId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.opportunity_id).await?)
    }
}
