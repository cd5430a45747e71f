//! Reading leads.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, PartnerId};
use domain::leads::LeadStage;
use entity::leads::golden_lead::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::types::Lead;
use crate::error::Result;
use crate::golden;
use crate::golden::graphql::AsOfInput;
use crate::golden::history::pages::{self, Filter, Wanted};
use crate::golden::history::{loader, past::Past};
use crate::leads::{access, service};
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::filter::{TextFilter, all_of};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::sync::read_through::{MaxAge, fresh};

/// Which leads; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct LeadFilter {
    /// Company as the person gave it.
    company: Option<TextFilter>,
    /// 姓.
    last_name: Option<TextFilter>,
    /// Mail address.
    email: Option<TextFilter>,
    /// 都道府県.
    region: Option<TextFilter>,
    /// One of these.
    stage: Option<Vec<LeadStage>>,
    /// Worked by this partner.
    assigned_partner_id: Option<ID>,
    /// Worked by any partner, or by none.
    is_assigned: Option<bool>,
    /// Belongs to this account.
    account_id: Option<ID>,
    /// Made of several records of other systems; staff only.
    is_merged: Option<bool>,
    /// A served value changed at or after this instant.
    updated_since: Option<DateTime<Utc>>,
}

impl LeadFilter {
    fn condition(&self, caller: &Caller) -> Result<Condition> {
        let partner =
            self.assigned_partner_id.as_ref().map(|id| NodeId::decode::<PartnerId>(id, NodeType::Partner));
        let account = self.account_id.as_ref().map(|id| NodeId::decode::<GoldenId>(id, NodeType::Account));
        let email = self
            .email
            .as_ref()
            .map(|it| it.on(Column::Email).add(access::with_shown_contact_details(caller)));
        let assigned = self.is_assigned.map(|it| match it {
            true => Column::AssignedPartnerId.is_not_null(),
            false => Column::AssignedPartnerId.is_null(),
        });
        if self.is_merged.is_some() {
            caller.require(Permission::ReadSources)?;
        }
        let merged = self.is_merged.map(|it| match it {
            true => Column::Id.in_subquery(golden::service::merged(RecordKind::Lead)),
            false => Column::Id.not_in_subquery(golden::service::merged(RecordKind::Lead)),
        });
        Ok(all_of([
            merged.map(IntoCondition::into_condition),
            self.company.as_ref().map(|it| it.on(Column::Company)),
            self.last_name.as_ref().map(|it| it.on(Column::LastName)),
            self.region.as_ref().map(|it| it.on(Column::Region)),
            email,
            self.stage.as_ref().map(|it| Column::Stage.is_in(it.iter().map(|it| it.code())).into_condition()),
            partner.transpose()?.map(|it| Column::AssignedPartnerId.eq(it).into_condition()),
            account.transpose()?.map(|it| Column::AccountId.eq(it).into_condition()),
            assigned.map(IntoCondition::into_condition),
            self.updated_since.map(|it| Column::UpdatedAt.gte(it).into_condition()),
        ]))
    }

    /// The filter on leads of the past, which only staff read.
    fn on_past(self) -> Result<Filter<Model>> {
        let partner = self.assigned_partner_id.as_ref().map(|id| NodeId::decode(id, NodeType::Partner));
        let account = self.account_id.as_ref().map(|id| NodeId::decode(id, NodeType::Account));
        let (partner, account) = (partner.transpose()?, account.transpose()?);
        Ok(Box::new(move |past: &Past<Model>| {
            let row = &past.row;
            let is = TextFilter::is_met;
            let is_in =
                |stages: &Vec<LeadStage>| stages.iter().any(|it| row.stage.as_deref() == Some(it.code()));
            is(&self.company, &row.company)
                && is(&self.last_name, &row.last_name)
                && is(&self.email, &row.email)
                && is(&self.region, &row.region)
                && self.stage.as_ref().is_none_or(is_in)
                && partner.is_none_or(|it| row.assigned_partner_id == Some(it))
                && self.is_assigned.is_none_or(|it| row.assigned_partner_id.is_some() == it)
                && account.is_none_or(|it| row.account_id == Some(it))
                && self.is_merged.is_none_or(|it| (past.records > 1) == it)
                && self.updated_since.is_none_or(|it| row.updated_at >= it)
        }))
    }
}

/// Orders of leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum LeadOrder {
    /// Newest first.
    #[default]
    CreatedDesc,
    /// Oldest first.
    CreatedAsc,
    /// Last changed first.
    UpdatedDesc,
    /// By company.
    CompanyAsc,
}

impl SortKey<Model> for LeadOrder {
    fn name(self) -> String {
        format!("leads/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        match self {
            Self::CreatedDesc | Self::CreatedAsc => Expr::col(Column::Id),
            Self::UpdatedDesc => Expr::col(Column::UpdatedAt),
            Self::CompanyAsc => Expr::col(Column::Company).if_null(""),
        }
    }

    fn is_ascending(self) -> bool {
        matches!(self, Self::CreatedAsc | Self::CompanyAsc)
    }

    fn value(self, row: &Model) -> SortValue {
        match self {
            Self::CreatedDesc | Self::CreatedAsc => SortValue::Id(row.id.into()),
            Self::UpdatedDesc => SortValue::Instant(row.updated_at),
            Self::CompanyAsc => SortValue::Text(row.company.clone().unwrap_or_default()),
        }
    }

    fn sample(self) -> SortValue {
        match self {
            Self::CreatedDesc | Self::CreatedAsc => SortValue::Id(Uuid::nil()),
            Self::UpdatedDesc => SortValue::Instant(DateTime::UNIX_EPOCH),
            Self::CompanyAsc => SortValue::Text(String::new()),
        }
    }
}

/// Reading leads.
#[derive(Default)]
pub struct LeadQueries;

#[Object]
impl LeadQueries {
    /// One lead. An id that lost a merge gives the survivor.
    async fn lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
        #[graphql(desc = "As of when; now when left out. Staff only.")] as_of: Option<AsOfInput>,
        #[graphql(
            desc = "How old it may be: when its mirror is older, it is fetched from its sources first. However old when left out, and as of another time."
        )]
        max_age: Option<MaxAge>,
    ) -> Option<Result<Lead>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        one(ctx, &id, as_of, max_age).await.transpose()
    }

    /// Leads, page by page.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which leads; all when left out.")] filter: Option<LeadFilter>,
        #[graphql(default, desc = "In which order; as of another time, only by creation.")]
        order_by: LeadOrder,
        #[graphql(desc = "As of when; now when left out. Staff only.")] as_of: Option<AsOfInput>,
    ) -> Result<Page<Lead>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadCustomers)?;
        let input = PageInput { first, after, last, before };
        if let Some(as_of) = as_of {
            let filter = filter.map(LeadFilter::on_past).transpose()?;
            let wanted = Wanted { as_of: as_of.understood(ctx)?, input, filter };
            return pages::page::<Entity, _>(ctx, wanted, order_by, |it| Lead::past(ctx, it)).await;
        }
        let condition = filter.unwrap_or_default().condition(&ctx.caller)?;
        let query = access::listed_for(&ctx.caller).filter(condition);
        let node = |row: Model| (row.id.into(), Lead::new(ctx, row));
        page(ctx, query, Column::Id, order_by, &input, node).await
    }
}

/// The lead, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: GoldenId) -> Result<Option<Lead>> {
    ctx.caller.require(Permission::ReadCustomers)?;
    Ok(service::find(ctx, id).await?.map(|row| Lead::new(ctx, row).asked_for_by(id)))
}

async fn one(
    ctx: &RequestContext,
    id: &ID,
    as_of: Option<AsOfInput>,
    max_age: Option<MaxAge>,
) -> Result<Option<Lead>> {
    let id = NodeId::decode(id, NodeType::Lead)?;
    let Some(as_of) = as_of else { return fresh(ctx, max_age, || by_id(ctx, id), |it: &Lead| &it.id).await };
    let past = loader::find::<Entity>(ctx, as_of.understood(ctx)?, id).await?;
    Ok(past.map(|it| Lead::past(ctx, it).asked_for_by(id)))
}
