//! Batched reads of territories for nested fields.

use std::collections::BTreeSet;

use domain::ids::{GoldenId, PartnerId, TerritoryAssignmentId};
use entity::territories::territory_assignment::{Column, Model};
use sea_orm::{QueryFilter, QueryOrder};

use super::store;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, groups_by};

/// The accounts that a territory names.
#[derive(Default)]
pub struct AccountsOfTerritory;

impl BatchLoad for AccountsOfTerritory {
    type Key = TerritoryAssignmentId;
    type Value = BTreeSet<GoldenId>;

    async fn load(ctx: &RequestContext, ids: &[TerritoryAssignmentId]) -> Loaded<Self> {
        Ok(store::named_accounts(ctx.read(), ids).await?.into_iter().collect())
    }
}

/// The territories of a partner, oldest first.
#[derive(Default)]
pub struct TerritoriesOfPartner;

impl BatchLoad for TerritoriesOfPartner {
    type Key = PartnerId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Loaded<Self> {
        let query = store::visible_to(&ctx.caller)
            .filter(among(ctx.read(), Column::PartnerId, ids.iter().copied()))
            .order_by_asc(Column::Id);
        Ok(groups_by(query.all(ctx.read()).await?, |it| it.partner_id))
    }
}
