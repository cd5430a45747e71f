//! Batched reads of contacts for nested fields.

use domain::ids::GoldenId;
use entity::contacts::golden_contact::{Column, Model};

use super::access;
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::{BatchLoad, Loaded};
use crate::platform::graphql::children::{MAX_CHILDREN, newest_per_parent};

/// The newest contacts of an account.
#[derive(Default)]
pub struct ContactsOfAccount;

impl BatchLoad for ContactsOfAccount {
    type Key = GoldenId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Loaded<Self> {
        let visible = access::listed_for(&ctx.caller);
        let columns = (Column::Id, Column::AccountId);
        Ok(newest_per_parent(ctx.read(), visible, columns, ids, MAX_CHILDREN, |it| it.account_id).await?)
    }
}
