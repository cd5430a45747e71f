//! Reading alerts.

use async_graphql::{Context, ID, InputObject, Object};
use domain::access::Permission;
use domain::alerts::AlertStatus;
use domain::ids::{AlertId, PartnerId};
use entity::alerts::alert::{Column, Model};
use sea_orm::sea_query::{Condition, IntoCondition};
use sea_orm::{ColumnTrait, QueryFilter};

use super::types::PartnerAlert;
use crate::alerts::{service, store};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::all_of;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Which alerts; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct AlertFilter {
    /// About this partner.
    partner_id: Option<ID>,
    /// Found by one of these rules.
    rule: Option<Vec<String>>,
    /// In one of these states.
    status: Option<Vec<AlertStatus>>,
}

impl AlertFilter {
    fn condition(&self) -> Result<Condition> {
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode(it, NodeType::Partner)).transpose()?;
        let partner = partner.map(|it: PartnerId| Column::PartnerId.eq(it));
        let rule = self.rule.as_ref().map(|it| Column::Rule.is_in(it.iter().map(String::as_str)));
        let status = self.status.as_ref().map(|it| Column::Status.is_in(it.iter().copied()));
        Ok(all_of([partner, rule, status].map(|it| it.map(IntoCondition::into_condition))))
    }
}

/// Reading alerts.
#[derive(Default)]
pub struct AlertQueries;

#[Object]
impl AlertQueries {
    /// Alerts about partners, page by page; for administrators, and for channel managers about the partners they manage.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn alerts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which alerts; all when left out.")] filter: Option<AlertFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<PartnerAlert>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadAlerts)?;
        let query = store::visible_to(&ctx.caller).filter(filter.unwrap_or_default().condition()?);
        let order = order_by.of("alerts", Column::Id, |row: &Model| row.id.into());
        let input = PageInput { first, after, last, before };
        page(ctx, query, Column::Id, order, &input, |row| (row.id.into(), row.into())).await
    }
}

/// The alert by its id, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: AlertId) -> Result<Option<PartnerAlert>> {
    Ok(service::find(ctx, id).await?.map(PartnerAlert::from))
}
