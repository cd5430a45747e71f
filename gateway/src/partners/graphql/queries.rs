//! Reading partners.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::access::Permission;
use domain::ids::{PartnerId, PartnerUserId};
use domain::partners::{PartnerStatus, PartnerType};
use entity::partners::partner;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::types::{Partner, PartnerUser};
use crate::error::Result;
use crate::partners::{service, store, users};
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::filter::{TextFilter, all_of};
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Which partners; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct PartnerFilter {
    /// Registered name.
    legal_name: Option<TextFilter>,
    /// 法人番号.
    corporate_number: Option<String>,
    /// One of these.
    status: Option<Vec<PartnerStatus>>,
    /// Does this for us.
    partner_type: Option<PartnerType>,
}

impl PartnerFilter {
    fn condition(&self) -> Condition {
        let name = self.legal_name.as_ref().map(|it| it.on(partner::Column::LegalName));
        let number = self.corporate_number.as_ref().map(|it| partner::Column::CorporateNumber.eq(it));
        let status = self.status.as_ref().map(|it| partner::Column::Status.is_in(it.iter().copied()));
        let kind = self.partner_type.map(contains_code);
        let others = [number, status, kind].map(|it| it.map(IntoCondition::into_condition));
        all_of(others.into_iter().chain([name]))
    }
}

/// The types of a partner stand in one text, separated by commas.
fn contains_code(wanted: PartnerType) -> SimpleExpr {
    let code = wanted.code();
    let column = || Expr::col(partner::Column::Types);
    column()
        .eq(code)
        .or(column().like(format!("{code},%")))
        .or(column().like(format!("%,{code}")))
        .or(column().like(format!("%,{code},%")))
}

/// Orders of partners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum PartnerOrder {
    /// Oldest first.
    #[default]
    CreatedAsc,
    /// Newest first.
    CreatedDesc,
    /// By registered name.
    LegalNameAsc,
    /// Last changed first.
    UpdatedDesc,
}

impl SortKey<partner::Model> for PartnerOrder {
    fn name(self) -> String {
        format!("partners/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        match self {
            Self::CreatedAsc | Self::CreatedDesc => Expr::col(partner::Column::Id),
            Self::LegalNameAsc => Expr::col(partner::Column::LegalName),
            Self::UpdatedDesc => Expr::col(partner::Column::UpdatedAt),
        }
    }

    fn is_ascending(self) -> bool {
        matches!(self, Self::CreatedAsc | Self::LegalNameAsc)
    }

    fn value(self, row: &partner::Model) -> SortValue {
        match self {
            Self::CreatedAsc | Self::CreatedDesc => SortValue::Id(row.id.into()),
            Self::LegalNameAsc => SortValue::Text(row.legal_name.clone()),
            Self::UpdatedDesc => SortValue::Instant(row.updated_at),
        }
    }

    fn sample(self) -> SortValue {
        match self {
            Self::CreatedAsc | Self::CreatedDesc => SortValue::Id(Uuid::nil()),
            Self::LegalNameAsc => SortValue::Text(String::new()),
            Self::UpdatedDesc => SortValue::Instant(chrono::DateTime::UNIX_EPOCH),
        }
    }
}

/// Reading partners.
#[derive(Default)]
pub struct PartnerQueries;

#[Object]
impl PartnerQueries {
    /// One partner.
    async fn partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        one(ctx, &id).await.transpose()
    }

    /// Partners, page by page.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn partners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which partners; all when left out.")] filter: Option<PartnerFilter>,
        #[graphql(default, desc = "In which order.")] order_by: PartnerOrder,
    ) -> Result<Page<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadPartners)?;
        let query = store::visible_to(&ctx.caller).filter(filter.unwrap_or_default().condition());
        let node = |row: partner::Model| (row.id.into(), Partner::from(row));
        page(ctx, query, partner::Column::Id, order_by, &PageInput { first, after, last, before }, node).await
    }

    /// One person at a partner.
    async fn partner_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<PartnerUser>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        one_user(ctx, &id).await.transpose()
    }
}

/// The partner, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: PartnerId) -> Result<Option<Partner>> {
    ctx.caller.require(Permission::ReadPartners)?;
    Ok(service::find(ctx, id).await?.map(Partner::from))
}

/// The partner user, if the caller sees it.
pub async fn user_by_id(ctx: &RequestContext, id: PartnerUserId) -> Result<Option<PartnerUser>> {
    ctx.caller.require(Permission::ReadPartners)?;
    Ok(users::find(ctx, id).await?.map(PartnerUser::from))
}

async fn one(ctx: &RequestContext, id: &ID) -> Result<Option<Partner>> {
    by_id(ctx, NodeId::decode(id, NodeType::Partner)?).await
}

async fn one_user(ctx: &RequestContext, id: &ID) -> Result<Option<PartnerUser>> {
    user_by_id(ctx, NodeId::decode(id, NodeType::PartnerUser)?).await
}
