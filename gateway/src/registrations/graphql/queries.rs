//! Reading registrations.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::{GoldenId, PartnerId, RegistrationId};
use domain::registrations::{DealType, RegistrationStatus};
use entity::registrations::deal_registration::{Column, Model};
use sea_orm::sea_query::{Condition, Expr, IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::types::DealRegistration;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::filter::{TextFilter, all_of};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::registrations::{access, service};

/// Which registrations; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct DealRegistrationFilter {
    /// The customer as the partner wrote it.
    company_name: Option<TextFilter>,
    /// One of these.
    status: Option<Vec<RegistrationStatus>>,
    /// Kind of business.
    deal_type: Option<DealType>,
    /// Of this partner.
    partner_id: Option<ID>,
    /// On this account; staff only.
    account_id: Option<ID>,
    /// Grown from this lead.
    lead_id: Option<ID>,
    /// Whether a decision is late.
    is_overdue: Option<bool>,
    /// The protection ends before this instant.
    expires_before: Option<DateTime<Utc>>,
    /// Something changed at or after this instant.
    updated_since: Option<DateTime<Utc>>,
}

impl DealRegistrationFilter {
    fn condition(&self, ctx: &RequestContext) -> Result<Condition> {
        if self.account_id.is_some() {
            ctx.caller.require(Permission::ReadSources)?;
        }
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode::<PartnerId>(it, NodeType::Partner));
        let account = self.account_id.as_ref().map(|it| NodeId::decode::<GoldenId>(it, NodeType::Account));
        let lead = self.lead_id.as_ref().map(|it| NodeId::decode::<GoldenId>(it, NodeType::Lead));
        let late = || {
            Condition::all()
                .add(Column::Status.eq(RegistrationStatus::UnderReview))
                .add(Column::DecideBy.lt(ctx.now))
        };
        let late = self.is_overdue.map(|it| if it { late() } else { late().not() });
        let others = [
            self.status.as_ref().map(|it| Column::Status.is_in(it.iter().copied())),
            self.deal_type.map(|it| Column::DealType.eq(it)),
            partner.transpose()?.map(|it| Column::PartnerId.eq(it)),
            account.transpose()?.map(|it| Column::AccountId.eq(it)),
            lead.transpose()?.map(|it| Column::LeadId.eq(it)),
            self.expires_before.map(|it| Column::ExpiresAt.lt(it)),
            self.updated_since.map(|it| Column::UpdatedAt.gte(it)),
        ];
        let name = self.company_name.as_ref().map(|it| it.on(Column::CompanyName));
        Ok(all_of(others.map(|it| it.map(IntoCondition::into_condition)).into_iter().chain([name, late])))
    }
}

/// Orders of registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum DealRegistrationOrder {
    /// Newest first.
    #[default]
    CreatedDesc,
    /// Oldest first.
    CreatedAsc,
    /// Last changed first.
    UpdatedDesc,
}

impl SortKey<Model> for DealRegistrationOrder {
    fn name(self) -> String {
        format!("dealRegistrations/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        match self {
            Self::CreatedAsc | Self::CreatedDesc => Expr::col(Column::Id),
            Self::UpdatedDesc => Expr::col(Column::UpdatedAt),
        }
    }

    fn is_ascending(self) -> bool {
        self == Self::CreatedAsc
    }

    fn value(self, row: &Model) -> SortValue {
        match self {
            Self::CreatedAsc | Self::CreatedDesc => SortValue::Id(row.id.into()),
            Self::UpdatedDesc => SortValue::Instant(row.updated_at),
        }
    }

    fn sample(self) -> SortValue {
        match self {
            Self::CreatedAsc | Self::CreatedDesc => SortValue::Id(Uuid::nil()),
            Self::UpdatedDesc => SortValue::Instant(DateTime::UNIX_EPOCH),
        }
    }
}

/// Reading registrations.
#[derive(Default)]
pub struct RegistrationQueries;

#[Object]
impl RegistrationQueries {
    /// One deal registration.
    async fn deal_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<DealRegistration>> {
        one(ctx.data_unchecked(), &id).await.transpose()
    }

    /// Deal registrations, page by page: partners see their own, channel managers those of the partners they manage.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn deal_registrations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which registrations; all when left out.")] filter: Option<DealRegistrationFilter>,
        #[graphql(default, desc = "In which order.")] order_by: DealRegistrationOrder,
    ) -> Result<Page<DealRegistration>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadRegistrations)?;
        let condition = filter.unwrap_or_default().condition(ctx)?;
        let query = access::visible_to(&ctx.caller).filter(condition);
        let node = |row: Model| (row.id.into(), DealRegistration::from(row));
        page(ctx, query, Column::Id, order_by, &PageInput { first, after, last, before }, node).await
    }
}

/// The registration, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: RegistrationId) -> Result<Option<DealRegistration>> {
    Ok(service::find(ctx, id).await?.map(DealRegistration::from))
}

async fn one(ctx: &RequestContext, id: &ID) -> Result<Option<DealRegistration>> {
    by_id(ctx, NodeId::decode(id, NodeType::DealRegistration)?).await
}
