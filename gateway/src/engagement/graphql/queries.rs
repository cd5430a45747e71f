//! Reading the engagement log.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::engagement::Measure;
use domain::ids::{PartnerId, PartnerUserId};
use entity::engagement::engagement_event::{Column, Model};
use sea_orm::sea_query::{Condition, Expr, IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, QueryFilter};

use super::types::{EngagementEvent, EngagementKind};
use crate::engagement::{access, service};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::filter::all_of;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Which events; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct EngagementEventFilter {
    /// Of this partner.
    partner_id: Option<ID>,
    /// By this user.
    partner_user_id: Option<ID>,
    /// Of one of these kinds.
    kind: Option<Vec<String>>,
    /// Counting as one of these.
    measure: Option<Vec<Measure>>,
    /// At or after this instant.
    since: Option<DateTime<Utc>>,
    /// Before this instant.
    until: Option<DateTime<Utc>>,
}

impl EngagementEventFilter {
    fn condition(&self) -> Result<Condition> {
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode::<PartnerId>(it, NodeType::Partner));
        let user = self.partner_user_id.as_ref();
        let user = user.map(|it| NodeId::decode::<PartnerUserId>(it, NodeType::PartnerUser));
        let conditions = [
            partner.transpose()?.map(|it| Column::PartnerId.eq(it)),
            user.transpose()?.map(|it| Column::UserId.eq(it)),
            self.kind.as_ref().map(|it| Column::Kind.is_in(it.iter().map(String::as_str))),
            self.measure.as_ref().map(|it| Column::Measure.is_in(it.iter().copied())),
            self.since.map(|it| Column::OccurredAt.gte(it)),
            self.until.map(|it| Column::OccurredAt.lt(it)),
        ];
        Ok(all_of(conditions.map(|it| it.map(IntoCondition::into_condition))))
    }
}

/// Orders of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum EngagementEventOrder {
    /// What happened last first.
    #[default]
    OccurredDesc,
    /// What happened first first.
    OccurredAsc,
}

impl SortKey<Model> for EngagementEventOrder {
    fn name(self) -> String {
        format!("engagementEvents/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        Expr::col(Column::OccurredAt)
    }

    fn is_ascending(self) -> bool {
        self == Self::OccurredAsc
    }

    fn value(self, row: &Model) -> SortValue {
        SortValue::Instant(row.occurred_at)
    }

    fn sample(self) -> SortValue {
        SortValue::Instant(DateTime::UNIX_EPOCH)
    }
}

/// Reading the engagement log.
#[derive(Default)]
pub struct EngagementQueries;

#[Object]
impl EngagementQueries {
    /// 支援ログ: what partners did with our support, page by page. Channel managers see the partners they manage, administrators
    /// of a partner its people, representatives themselves.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn engagement_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which events; all when left out.")] filter: Option<EngagementEventFilter>,
        #[graphql(default, desc = "In which order.")] order_by: EngagementEventOrder,
    ) -> Result<Page<EngagementEvent>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadEngagement)?;
        let query = access::visible_to(&ctx.caller).filter(filter.unwrap_or_default().condition()?);
        let node = |row: Model| (row.id.into(), EngagementEvent::from(row));
        page(ctx, query, Column::Id, order_by, &PageInput { first, after, last, before }, node).await
    }

    /// The kinds of events that can be reported, in order of their codes.
    async fn engagement_kinds(&self, ctx: &Context<'_>) -> Result<Vec<EngagementKind>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let kinds = service::kinds(ctx).await?;
        Ok(kinds.into_iter().map(|it| EngagementKind::new(ctx, it)).collect())
    }
}
