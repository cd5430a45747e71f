//! What the API shows of an offer. A partner sees its own, and of the lead no more than it is told before it accepts.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::distribution::OfferOutcome;
use domain::leads::SharingBasis;
use entity::distribution::lead_offer;

use super::ranking::LeadRanking;
use crate::contracts::graphql::Contract;
use crate::distribution::loader::RankingOfOffer;
use crate::error::Result;
use crate::leads::graphql::Lead;
use crate::partners::graphql::Partner;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::{contracts, leads, partners};

/// A lead that is offered to a partner, which may take it until a known instant.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct LeadOffer {
    /// Global id.
    pub id: ID,
    /// How it stands.
    outcome: OfferOutcome,
    /// The lead's company, as the partner was told it.
    company: Option<String>,
    /// The lead's prefecture, as the partner was told it.
    region: Option<String>,
    /// The industry of the lead's company, as the partner was told it.
    industry: Option<String>,
    /// Codes of the products that the lead is about; empty when it may be any.
    products: Vec<String>,
    /// When it was made.
    offered_at: DateTime<Utc>,
    /// The last instant at which it can be answered.
    accept_by: DateTime<Utc>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
    /// Why it was declined or closed.
    end_reason: Option<String>,
    /// When the accepted lead was taken back.
    recalled_at: Option<DateTime<Utc>>,
    /// Why it was taken back; null when time did it.
    recall_reason: Option<String>,
    #[graphql(skip)]
    row: lead_offer::Model,
}

impl From<lead_offer::Model> for LeadOffer {
    fn from(row: lead_offer::Model) -> Self {
        let shown = row.clone();
        Self {
            id: NodeId::encode(NodeType::LeadOffer, row.id),
            outcome: shown.outcome,
            company: shown.company,
            region: shown.region,
            industry: shown.industry,
            products: row.products.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            offered_at: shown.offered_at,
            accept_by: shown.accept_by,
            ended_at: shown.ended_at,
            end_reason: shown.end_reason,
            recalled_at: shown.recalled_at,
            recall_reason: shown.recall_reason,
            row,
        }
    }
}

impl LeadOffer {
    /// What is the vendor's alone.
    fn for_staff<T>(&self, ctx: &Context<'_>, shown: Option<T>) -> Option<T> {
        shown.filter(|_| ctx.data_unchecked::<RequestContext>().caller.is_staff())
    }
}

#[ComplexObject]
impl LeadOffer {
    /// The lead with the person it is about; for a partner once it has accepted it.
    async fn lead(&self, ctx: &Context<'_>) -> Option<Result<Lead>> {
        leads::graphql::at_edge(ctx.data_unchecked(), Some(self.row.lead_id)).await.transpose()
    }

    /// To whom it is offered.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        partners::graphql::at_edge(ctx.data_unchecked(), self.row.partner_id).await.transpose()
    }

    /// The partner's place in the ranking; null for one that a person chose although it was left out. Shown to staff.
    async fn rank(&self, ctx: &Context<'_>) -> Option<i32> {
        self.for_staff(ctx, self.row.rank)
    }

    /// On what it rests that the person's data goes to the partner; shown to staff.
    async fn basis(&self, ctx: &Context<'_>) -> Option<SharingBasis> {
        self.for_staff(ctx, Some(self.row.basis))
    }

    /// The contract by which the partner works on our behalf, where that is the basis.
    async fn entrustment(&self, ctx: &Context<'_>) -> Option<Result<Contract>> {
        let id = self.for_staff(ctx, self.row.entrustment_id)?;
        contracts::graphql::by_id(ctx.data_unchecked(), id).await.transpose()
    }

    /// Who made it; shown to staff.
    async fn offered_by(&self, ctx: &Context<'_>) -> Option<&str> {
        self.for_staff(ctx, Some(self.row.offered_by.as_str()))
    }

    /// Why a person chose this partner; shown to staff.
    async fn offer_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.for_staff(ctx, self.row.offer_reason.as_deref())
    }

    /// Who ended it; shown to staff.
    async fn ended_by(&self, ctx: &Context<'_>) -> Option<&str> {
        self.for_staff(ctx, self.row.ended_by.as_deref())
    }

    /// When somebody is told that nobody works the accepted lead; shown to staff.
    async fn alert_after(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        self.for_staff(ctx, self.row.alert_after)
    }

    /// When an accepted lead that nobody works is taken back.
    async fn recall_after(&self) -> Option<DateTime<Utc>> {
        self.row.recall_after
    }

    /// Everybody who was compared, in order, and everybody who was left out, with every reason; shown to staff.
    #[graphql(complexity = "20 * child_complexity")]
    async fn ranking(&self, ctx: &Context<'_>) -> Option<Result<LeadRanking>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        if !ctx.caller.is_staff() {
            return None;
        }
        let found = ctx.batch::<RankingOfOffer>().get(ctx, self.row.id).await;
        found.and_then(|it| it.map(LeadRanking::try_from).transpose()).transpose()
    }
}
