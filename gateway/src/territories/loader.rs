//! Batched reads of territories for nested fields.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use domain::ids::{GoldenId, PartnerId, TerritoryAssignmentId};
use entity::territories::territory_assignment::{Column, Model};
use sea_orm::{QueryFilter, QueryOrder};

use super::store;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::BatchLoad;

/// The accounts that a territory names.
#[derive(Default)]
pub struct AccountsOfTerritory;

#[async_trait]
impl BatchLoad for AccountsOfTerritory {
    type Key = TerritoryAssignmentId;
    type Value = BTreeSet<GoldenId>;

    async fn load(
        ctx: &RequestContext,
        ids: &[TerritoryAssignmentId],
    ) -> Result<HashMap<TerritoryAssignmentId, BTreeSet<GoldenId>>> {
        Ok(store::named_accounts(ctx.read(), ids).await?.into_iter().collect())
    }
}

/// The territories of a partner, oldest first.
#[derive(Default)]
pub struct TerritoriesOfPartner;

#[async_trait]
impl BatchLoad for TerritoriesOfPartner {
    type Key = PartnerId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Result<HashMap<PartnerId, Vec<Model>>> {
        let query = store::visible_to(&ctx.caller)
            .filter(among(ctx.read(), Column::PartnerId, ids.iter().copied()))
            .order_by_asc(Column::Id);
        let mut territories: HashMap<_, Vec<_>> = HashMap::new();
        for row in query.all(ctx.read()).await? {
            territories.entry(row.partner_id).or_default().push(row);
        }
        Ok(territories)
    }
}
