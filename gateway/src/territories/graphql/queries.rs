//! Reading territories.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDate;
use domain::access::Permission;
use domain::calendar::date_in_tokyo;
use domain::ids::{PartnerId, TerritoryAssignmentId};
use domain::products::ProductScope;
use domain::territories::{Industry, Prefecture};
use entity::territories::territory_assignment::{Column, Model};
use sea_orm::sea_query::{Condition, IntoCondition};
use sea_orm::{ColumnTrait, QueryFilter};

use super::coverage::TerritoryCoverage;
use super::types::TerritoryAssignment;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::all_of;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::territories::{service, store};

/// Which territories; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct TerritoryFilter {
    /// Of this partner.
    partner_id: Option<ID>,
    /// Reaching this prefecture, such as `JP-13`: named in it, or without a restriction.
    prefecture: Option<String>,
    /// Reaching this industry, such as `E`: named in it, or without a restriction.
    industry: Option<String>,
    /// Exclusive, or not.
    is_exclusive: Option<bool>,
    /// Holding on this date, in Japan.
    valid_on: Option<NaiveDate>,
}

impl TerritoryFilter {
    fn condition(&self) -> Result<Condition> {
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode(it, NodeType::Partner)).transpose()?;
        let partner = partner.map(|it: PartnerId| Column::PartnerId.eq(it).into_condition());
        let prefecture = self.prefecture.as_ref().map(|it| it.parse::<Prefecture>()).transpose()?;
        let industry = self.industry.as_ref().map(|it| it.parse::<Industry>()).transpose()?;
        let exclusive = self.is_exclusive.map(|it| Column::IsExclusive.eq(it).into_condition());
        Ok(all_of([
            partner,
            prefecture.map(|it| reaches(Column::Prefectures, &it.to_string())),
            industry.map(|it| reaches(Column::Industries, &it.to_string())),
            exclusive,
            self.valid_on.map(store::valid_on),
        ]))
    }
}

/// No code of a region is part of another.
fn reaches(column: Column, code: &str) -> Condition {
    Condition::any().add(column.eq("")).add(column.contains(code))
}

/// Reading territories.
#[derive(Default)]
pub struct TerritoryQueries;

#[Object]
impl TerritoryQueries {
    /// One territory.
    async fn territory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<TerritoryAssignment>> {
        one(ctx.data_unchecked(), &id).await.transpose()
    }

    /// Territories, page by page: staff see all, partners their own.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn territories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which territories; all when left out.")] filter: Option<TerritoryFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<TerritoryAssignment>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadTerritories)?;
        let query = store::visible_to(&ctx.caller).filter(filter.unwrap_or_default().condition()?);
        let order = order_by.of("territories", Column::Id, |row: &Model| row.id.into());
        let input = PageInput { first, after, last, before };
        page(ctx, query, Column::Id, order, &input, |row| (row.id.into(), row.into())).await
    }

    /// Who covers what, and where nobody does; for staff.
    async fn territory_coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which product.")] product: String,
        #[graphql(desc = "On which date, in Japan; today when left out.")] on: Option<NaiveDate>,
    ) -> Result<TerritoryCoverage> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let product = ProductScope::checked([product.as_str()])?.to_string();
        let on = on.unwrap_or_else(|| date_in_tokyo(ctx.now));
        let map = service::coverage(ctx, &product, on).await?;
        Ok(TerritoryCoverage { product, on, map })
    }
}

/// The territory, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: TerritoryAssignmentId) -> Result<Option<TerritoryAssignment>> {
    ctx.caller.require(Permission::ReadTerritories)?;
    Ok(service::find(ctx, id).await?.map(TerritoryAssignment::from))
}

async fn one(ctx: &RequestContext, id: &ID) -> Result<Option<TerritoryAssignment>> {
    by_id(ctx, NodeId::decode(id, NodeType::TerritoryAssignment)?).await
}
