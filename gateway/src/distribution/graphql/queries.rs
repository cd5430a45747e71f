//! Reading offers.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::distribution::OfferOutcome;
use domain::ids::{GoldenId, LeadOfferId, PartnerId};
use entity::distribution::lead_offer::{Column, Model};
use sea_orm::sea_query::{Condition, IntoCondition};
use sea_orm::{ColumnTrait, QueryFilter};

use super::types::LeadOffer;
use crate::distribution::{access, service};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::all_of;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Which offers; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct LeadOfferFilter {
    /// One of these.
    outcome: Option<Vec<OfferOutcome>>,
    /// To this partner.
    partner_id: Option<ID>,
    /// Of this lead, as it was called when it was offered.
    lead_id: Option<ID>,
    /// Made at or after this instant.
    offered_since: Option<DateTime<Utc>>,
}

impl LeadOfferFilter {
    fn condition(&self) -> Result<Condition> {
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode::<PartnerId>(it, NodeType::Partner));
        let lead = self.lead_id.as_ref().map(|it| NodeId::decode::<GoldenId>(it, NodeType::Lead));
        let conditions = [
            self.outcome.as_ref().map(|it| Column::Outcome.is_in(it.iter().copied())),
            partner.transpose()?.map(|it| Column::PartnerId.eq(it)),
            lead.transpose()?.map(|it| Column::LeadId.eq(it)),
            self.offered_since.map(|it| Column::OfferedAt.gte(it)),
        ];
        Ok(all_of(conditions.map(|it| it.map(IntoCondition::into_condition))))
    }
}

/// Reading offers.
#[derive(Default)]
pub struct DistributionQueries;

#[Object]
impl DistributionQueries {
    /// One offer of a lead.
    async fn lead_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<LeadOffer>> {
        one(ctx.data_unchecked(), &id).await.transpose()
    }

    /// Offers of leads, page by page: partners see their own, channel managers those to the partners they manage.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn lead_offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which offers; all when left out.")] filter: Option<LeadOfferFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<LeadOffer>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadOffers)?;
        let query = access::visible_to(&ctx.caller).filter(filter.unwrap_or_default().condition()?);
        let order = order_by.of("leadOffers", Column::Id, |row: &Model| row.id.into());
        let node = |row: Model| (row.id.into(), LeadOffer::from(row));
        page(ctx, query, Column::Id, order, &PageInput { first, after, last, before }, node).await
    }
}

/// The offer, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: LeadOfferId) -> Result<Option<LeadOffer>> {
    Ok(service::find(ctx, id).await?.map(LeadOffer::from))
}

async fn one(ctx: &RequestContext, id: &ID) -> Result<Option<LeadOffer>> {
    by_id(ctx, NodeId::decode(id, NodeType::LeadOffer)?).await
}
