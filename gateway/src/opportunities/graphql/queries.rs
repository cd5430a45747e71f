//! Reading opportunities.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Permission;
use domain::ids::{GoldenId, PartnerId};
use entity::opportunities::golden_opportunity::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::types::Opportunity;
use crate::error::Result;
use crate::golden::graphql::AsOfInput;
use crate::golden::history::pages::{self, Filter, Wanted};
use crate::golden::history::{loader, past::Past};
use crate::opportunities::{access, service};
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::filter::{TextFilter, all_of};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::sync::read_through::{MaxAge, fresh};

/// Which opportunities; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct OpportunityFilter {
    /// Name.
    name: Option<TextFilter>,
    /// Phase, as the CRM calls it.
    stage: Option<TextFilter>,
    /// Closed, or still open.
    is_closed: Option<bool>,
    /// Won.
    is_won: Option<bool>,
    /// Of this account.
    account_id: Option<ID>,
    /// Sourced by this partner.
    sourcing_partner_id: Option<ID>,
    /// Closes on or after this date.
    close_date_from: Option<NaiveDate>,
    /// Closes before this date.
    close_date_before: Option<NaiveDate>,
    /// A served value changed at or after this instant.
    updated_since: Option<DateTime<Utc>>,
}

impl OpportunityFilter {
    fn condition(&self, caller: &Caller) -> Result<Condition> {
        let account = self.account_id.as_ref().map(|id| NodeId::decode::<GoldenId>(id, NodeType::Account));
        let partner = self.sourcing_partner_id.as_ref();
        let partner = partner.map(|id| NodeId::decode::<PartnerId>(id, NodeType::Partner));
        Ok(all_of([
            self.name.as_ref().map(|it| it.on(Column::Name)),
            self.stage.as_ref().map(|it| it.on(Column::Stage)),
            self.is_closed.map(|it| Column::IsClosed.eq(it).into_condition()),
            self.is_won.map(|it| Column::IsWon.eq(it).into_condition()),
            account.transpose()?.map(|it| Column::AccountId.eq(it).into_condition()),
            partner.transpose()?.map(|it| sourced_by(caller, it)),
            self.close_date_from.map(|it| Column::CloseDate.gte(it).into_condition()),
            self.close_date_before.map(|it| Column::CloseDate.lt(it).into_condition()),
            self.updated_since.map(|it| Column::UpdatedAt.gte(it).into_condition()),
        ]))
    }

    /// The filter on opportunities of the past, which only staff read.
    fn on_past(self) -> Result<Filter<Model>> {
        let account = self.account_id.as_ref().map(|id| NodeId::decode(id, NodeType::Account));
        let partner = self.sourcing_partner_id.as_ref().map(|id| NodeId::decode(id, NodeType::Partner));
        let (account, partner) = (account.transpose()?, partner.transpose()?);
        Ok(Box::new(move |past: &Past<Model>| {
            let row = &past.row;
            let is = TextFilter::is_met;
            is(&self.name, &row.name)
                && is(&self.stage, &row.stage)
                && self.is_closed.is_none_or(|it| row.is_closed == Some(it))
                && self.is_won.is_none_or(|it| row.is_won == Some(it))
                && account.is_none_or(|it| row.account_id == Some(it))
                && partner.is_none_or(|it| row.sourcing_partner_id == Some(it))
                && self.close_date_from.is_none_or(|from| row.close_date.is_some_and(|it| it >= from))
                && self.close_date_before.is_none_or(|before| row.close_date.is_some_and(|it| it < before))
                && self.updated_since.is_none_or(|it| row.updated_at >= it)
        }))
    }
}

/// A partner asks only for its own: the answer must not tell who else sourced a deal.
fn sourced_by(caller: &Caller, partner: PartnerId) -> Condition {
    let may_ask = caller.is_staff() || caller.partner == Some(partner);
    Column::SourcingPartnerId.eq(partner).into_condition().add(Expr::value(may_ask))
}

/// Orders of opportunities. Those without a date or amount come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum OpportunityOrder {
    /// Newest first.
    #[default]
    CreatedDesc,
    /// Last changed first.
    UpdatedDesc,
    /// Next to close first.
    CloseDateAsc,
    /// Largest first, by minor units whatever the currency.
    AmountDesc,
}

impl SortKey<Model> for OpportunityOrder {
    fn name(self) -> String {
        format!("opportunities/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        match self {
            Self::CreatedDesc => Expr::col(Column::Id),
            Self::UpdatedDesc => Expr::col(Column::UpdatedAt),
            Self::CloseDateAsc => Expr::col(Column::CloseDate).if_null(never()),
            Self::AmountDesc => Expr::col(Column::AmountMinor).if_null(i64::MIN),
        }
    }

    fn is_ascending(self) -> bool {
        matches!(self, Self::CloseDateAsc)
    }

    fn value(self, row: &Model) -> SortValue {
        match self {
            Self::CreatedDesc => SortValue::Id(row.id.into()),
            Self::UpdatedDesc => SortValue::Instant(row.updated_at),
            Self::CloseDateAsc => SortValue::Date(row.close_date.unwrap_or_else(never)),
            Self::AmountDesc => SortValue::Integer(row.amount_minor.unwrap_or(i64::MIN)),
        }
    }

    fn sample(self) -> SortValue {
        match self {
            Self::CreatedDesc => SortValue::Id(Uuid::nil()),
            Self::UpdatedDesc => SortValue::Instant(DateTime::UNIX_EPOCH),
            Self::CloseDateAsc => SortValue::Date(never()),
            Self::AmountDesc => SortValue::Integer(0),
        }
    }
}

/// Later than any date that a deal could close on, and one that both databases can hold.
fn never() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date of the calendar")
}

/// Reading opportunities.
#[derive(Default)]
pub struct OpportunityQueries;

#[Object]
impl OpportunityQueries {
    /// One opportunity. An id that lost a merge gives the survivor.
    async fn opportunity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
        #[graphql(desc = "As of when; now when left out. Staff only.")] as_of: Option<AsOfInput>,
        #[graphql(
            desc = "How old it may be: when its mirror is older, it is fetched from its sources first. However old when left out, and as of another time."
        )]
        max_age: Option<MaxAge>,
    ) -> Option<Result<Opportunity>> {
        one(ctx.data_unchecked(), &id, as_of, max_age).await.transpose()
    }

    /// Opportunities, page by page.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn opportunities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which opportunities; all when left out.")] filter: Option<OpportunityFilter>,
        #[graphql(default, desc = "In which order; as of another time, only by creation.")]
        order_by: OpportunityOrder,
        #[graphql(desc = "As of when; now when left out. Staff only.")] as_of: Option<AsOfInput>,
    ) -> Result<Page<Opportunity>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadCustomers)?;
        let input = PageInput { first, after, last, before };
        if let Some(as_of) = as_of {
            let filter = filter.map(OpportunityFilter::on_past).transpose()?;
            let wanted = Wanted { as_of: as_of.understood(ctx)?, input, filter };
            return pages::page::<Entity, _>(ctx, wanted, order_by, |it| Opportunity::past(ctx, it)).await;
        }
        let query =
            access::listed_for(&ctx.caller).filter(filter.unwrap_or_default().condition(&ctx.caller)?);
        let node = |row: Model| (row.id.into(), Opportunity::new(ctx, row));
        page(ctx, query, Column::Id, order_by, &input, node).await
    }
}

/// The opportunity, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: GoldenId) -> Result<Option<Opportunity>> {
    ctx.caller.require(Permission::ReadCustomers)?;
    Ok(service::find(ctx, id).await?.map(|row| Opportunity::new(ctx, row).asked_for_by(id)))
}

async fn one(
    ctx: &RequestContext,
    id: &ID,
    as_of: Option<AsOfInput>,
    max_age: Option<MaxAge>,
) -> Result<Option<Opportunity>> {
    let id = NodeId::decode(id, NodeType::Opportunity)?;
    let Some(as_of) = as_of else {
        return fresh(ctx, max_age, || by_id(ctx, id), |it: &Opportunity| &it.id).await;
    };
    let past = loader::find::<Entity>(ctx, as_of.understood(ctx)?, id).await?;
    Ok(past.map(|it| Opportunity::past(ctx, it).asked_for_by(id)))
}
