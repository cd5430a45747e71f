//! Reading contracts.

use async_graphql::{Context, ID, InputObject, Object};
use domain::access::Permission;
use domain::calendar::date_in_tokyo;
use domain::contracts::{ContractStatus, ContractType};
use domain::ids::{ContractId, PartnerId};
use entity::contracts::contract::{Column, Model};
use sea_orm::sea_query::{Condition, IntoCondition};
use sea_orm::{ColumnTrait, QueryFilter};

use super::types::Contract;
use crate::contracts::{service, store};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::{TextFilter, all_of};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::policies::lifecycle;

/// Which contracts; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct ContractFilter {
    /// With this partner.
    partner_id: Option<ID>,
    /// Its number.
    number: Option<TextFilter>,
    /// One of these.
    contract_type: Option<Vec<ContractType>>,
    /// One of these.
    status: Option<Vec<ContractStatus>>,
    /// In force, with a notice deadline that is near; or not so.
    is_expiring: Option<bool>,
    /// With a reminder that nobody has taken care of, for staff; or without.
    has_open_reminder: Option<bool>,
}

impl ContractFilter {
    async fn condition(&self, ctx: &RequestContext) -> Result<Condition> {
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode(it, NodeType::Partner)).transpose()?;
        let partner = partner.map(|it: PartnerId| Column::PartnerId.eq(it).into_condition());
        let kinds = self.contract_type.as_ref().map(|it| Column::ContractType.is_in(it.iter().copied()));
        let status = self.status.as_ref().map(|it| Column::Status.is_in(it.iter().copied()));
        let expiring = match self.is_expiring {
            Some(wanted) => {
                let windows = lifecycle(ctx.read(), ctx).await?;
                let expiring = service::expiring(date_in_tokyo(ctx.now), &windows.contracts);
                Some(if wanted { expiring } else { expiring.not() })
            }
            None => None,
        };
        let reminded = self.has_open_reminder.filter(|_| ctx.caller.is_staff()).map(|wanted| match wanted {
            true => Column::Id.in_subquery(store::with_open_reminder()),
            false => Column::Id.not_in_subquery(store::with_open_reminder()),
        });
        Ok(all_of([
            partner,
            self.number.as_ref().map(|it| it.on(Column::Number)),
            kinds.map(IntoCondition::into_condition),
            status.map(IntoCondition::into_condition),
            expiring,
            reminded.map(IntoCondition::into_condition),
        ]))
    }
}

/// Reading contracts.
#[derive(Default)]
pub struct ContractQueries;

#[Object]
impl ContractQueries {
    /// One contract.
    async fn contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<Contract>> {
        one(ctx.data_unchecked(), &id).await.transpose()
    }

    /// Contracts, page by page. A partner's administrators see their own, once they have been sent.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which contracts; all when left out.")] filter: Option<ContractFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<Contract>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadContracts)?;
        let query = store::visible_to(&ctx.caller).filter(filter.unwrap_or_default().condition(ctx).await?);
        let order = order_by.of("contracts", Column::Id, |row: &Model| row.id.into());
        let input = PageInput { first, after, last, before };
        page(ctx, query, Column::Id, order, &input, |row| (row.id.into(), row.into())).await
    }
}

/// The contract, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: ContractId) -> Result<Option<Contract>> {
    ctx.caller.require(Permission::ReadContracts)?;
    Ok(service::find(ctx, id).await?.map(Contract::from))
}

async fn one(ctx: &RequestContext, id: &ID) -> Result<Option<Contract>> {
    by_id(ctx, NodeId::decode(id, NodeType::Contract)?).await
}
