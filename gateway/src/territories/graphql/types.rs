//! What the API shows of territories.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::GoldenId;
use entity::territories::territory_assignment::Model;

use super::regions::{Industry, Prefecture};
use crate::accounts::graphql::{Account, at_edge};
use crate::error::Result;
use crate::partners::graphql::{Partner, at_edge as partner_at_edge};
use crate::platform::context::RequestContext;
use crate::platform::database::split_codes;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::territories::loader::AccountsOfTerritory;

/// A dated right of a partner to work somewhere. Each empty list means no restriction; what is not empty must all fit.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct TerritoryAssignment {
    /// Global id.
    pub id: ID,
    /// Counts changes; a change names the version it saw.
    version: i32,
    /// For which products.
    products: Vec<String>,
    /// Whether nobody else may hold the same.
    is_exclusive: bool,
    /// The first date, in Japan.
    valid_from: NaiveDate,
    /// The first date after it; null while it has no end.
    valid_until: Option<NaiveDate>,
    /// When it was assigned.
    created_at: DateTime<Utc>,
    #[graphql(skip)]
    row: Model,
}

impl From<Model> for TerritoryAssignment {
    fn from(row: Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::TerritoryAssignment, row.id),
            version: row.version,
            products: row.products.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            is_exclusive: row.is_exclusive,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            created_at: row.created_at,
            row,
        }
    }
}

impl TerritoryAssignment {
    async fn accounts(&self, ctx: &RequestContext) -> Result<Vec<GoldenId>> {
        let accounts = ctx.batch::<AccountsOfTerritory>().get(ctx, self.row.id).await?;
        Ok(accounts.unwrap_or_default().into_iter().collect())
    }
}

#[ComplexObject]
impl TerritoryAssignment {
    /// Whose.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_at_edge(ctx.data_unchecked(), self.row.partner_id).await
    }

    /// Where.
    async fn prefectures(&self) -> Result<Vec<Prefecture>> {
        Ok(split_codes(&self.row.prefectures)?.into_iter().map(Prefecture).collect())
    }

    /// For which industries.
    async fn industries(&self) -> Result<Vec<Industry>> {
        Ok(split_codes(&self.row.industries)?.into_iter().map(Industry).collect())
    }

    /// Global ids of the accounts that it is about alone.
    async fn named_account_ids(&self, ctx: &Context<'_>) -> Result<Vec<ID>> {
        let accounts = self.accounts(ctx.data_unchecked()).await?;
        Ok(accounts.into_iter().map(|it| NodeId::encode(NodeType::Account, it)).collect())
    }

    /// Those of the accounts that the caller sees.
    #[graphql(complexity = "10 * child_complexity")]
    async fn named_accounts(&self, ctx: &Context<'_>) -> Result<Vec<Account>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let ids = self.accounts(ctx).await?;
        let accounts = futures::future::try_join_all(ids.into_iter().map(|it| at_edge(ctx, Some(it), None)));
        Ok(accounts.await?.into_iter().flatten().collect())
    }

    /// Why it was given its end; shown to staff.
    async fn end_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        let is_staff = ctx.data_unchecked::<RequestContext>().caller.is_staff();
        self.row.end_reason.as_deref().filter(|_| is_staff)
    }
}
