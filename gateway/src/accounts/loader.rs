//! Batched reads of accounts for nested fields.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::ids::GoldenId;
use entity::accounts::golden_account::{Column, Model};
use sea_orm::QueryFilter;

use super::access;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::BatchLoad;

/// Accounts by id.
#[derive(Default)]
pub struct AccountById;

#[async_trait]
impl BatchLoad for AccountById {
    type Key = GoldenId;
    type Value = Model;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Result<HashMap<GoldenId, Model>> {
        let query =
            access::visible_to(&ctx.caller).filter(among(ctx.read(), Column::Id, ids.iter().copied()));
        Ok(query.all(ctx.read()).await?.into_iter().map(|it| (it.id, it)).collect())
    }
}
