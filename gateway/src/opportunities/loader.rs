//! Batched reads of opportunities for nested fields.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::ids::GoldenId;
use entity::opportunities::golden_opportunity::{Column, Model};
use sea_orm::QueryFilter;

use super::access;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::BatchLoad;
use crate::platform::graphql::children::{MAX_CHILDREN, newest_per_parent};

/// Opportunities by id.
#[derive(Default)]
pub struct OpportunityById;

#[async_trait]
impl BatchLoad for OpportunityById {
    type Key = GoldenId;
    type Value = Model;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Result<HashMap<GoldenId, Model>> {
        let query =
            access::visible_to(&ctx.caller).filter(among(ctx.read(), Column::Id, ids.iter().copied()));
        Ok(query.all(ctx.read()).await?.into_iter().map(|it| (it.id, it)).collect())
    }
}

/// The newest opportunities of an account.
#[derive(Default)]
pub struct OpportunitiesOfAccount;

#[async_trait]
impl BatchLoad for OpportunitiesOfAccount {
    type Key = GoldenId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Result<HashMap<GoldenId, Vec<Model>>> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::AccountId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.account_id).await?)
    }
}
