//! Batched reads of accounts for nested fields.

use domain::ids::GoldenId;
use entity::accounts::golden_account::{Column, Model};
use sea_orm::QueryFilter;

use super::access;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by};

/// Accounts by id.
#[derive(Default)]
pub struct AccountById;

impl BatchLoad for AccountById {
    type Key = GoldenId;
    type Value = Model;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Loaded<Self> {
        let query =
            access::visible_to(&ctx.caller).filter(among(ctx.read(), Column::Id, ids.iter().copied()));
        Ok(each_by(query.all(ctx.read()).await?, |it| it.id))
    }
}
