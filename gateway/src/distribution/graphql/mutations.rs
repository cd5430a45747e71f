//! Offering leads, answering, and taking leads back.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::products::ProductScope;
use entity::distribution::lead_offer;

use super::types::LeadOffer;
use crate::distribution::service::{self, Answer, Wanted};
use crate::error::{OfField as _, Result};
use crate::leads::graphql::LeadPayload;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};

/// A lead to be offered.
#[derive(Debug, InputObject)]
pub struct OfferLeadInput {
    /// The lead.
    pub lead_id: ID,
    /// To this partner; to the best one by the policy when left out.
    pub partner_id: Option<ID>,
    /// Why to this partner; needed when one is named.
    pub reason: Option<String>,
    /// Codes of the products that the lead is about; any when left out, which only partners without a restriction fit.
    #[graphql(default)]
    pub products: Vec<String>,
    /// The contract by which the named partner works on our behalf (委託), where the person has not agreed.
    pub entrustment_contract_id: Option<ID>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// An offer that is accepted.
#[derive(Debug, InputObject)]
pub struct AcceptLeadOfferInput {
    /// The offer.
    pub lead_offer_id: ID,
    /// Who at the partner is to work the lead; a representative who accepts does so alone.
    pub partner_user_id: Option<ID>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// An offer that is declined.
#[derive(Debug, InputObject)]
pub struct DeclineLeadOfferInput {
    /// The offer.
    pub lead_offer_id: ID,
    /// Why; the vendor reads it.
    pub reason: Option<String>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// An offer that the vendor takes back.
#[derive(Debug, InputObject)]
pub struct CloseLeadOfferInput {
    /// The offer.
    pub lead_offer_id: ID,
    /// Why; the partner reads it.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A lead to be taken back from its partner.
#[derive(Debug, InputObject)]
pub struct RecallLeadInput {
    /// The lead.
    pub lead_id: ID,
    /// Why; the partner reads it.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What a change of an offer gives back.
#[derive(SimpleObject)]
pub struct LeadOfferPayload {
    /// The offer as it is now.
    lead_offer: LeadOffer,
}

impl From<lead_offer::Model> for LeadOfferPayload {
    fn from(row: lead_offer::Model) -> Self {
        Self { lead_offer: row.into() }
    }
}

/// Offering leads, answering, and taking leads back.
#[derive(Default)]
pub struct DistributionMutations;

#[Object]
impl DistributionMutations {
    /// Offers a lead that nobody works to one partner. The person must have agreed, or the partner work on our behalf.
    async fn offer_lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead, and to whom.")] input: OfferLeadInput,
    ) -> Result<Payload<LeadOfferPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let partner = input.partner_id.as_ref().map(|it| NodeId::decode(it, NodeType::Partner));
            let contract =
                input.entrustment_contract_id.as_ref().map(|it| NodeId::decode(it, NodeType::Contract));
            let wanted = Wanted {
                lead: NodeId::decode(&input.lead_id, NodeType::Lead).of_field("leadId")?,
                partner: partner.transpose().of_field("partnerId")?,
                reason: input.reason,
                products: ProductScope::checked(input.products.iter().map(String::as_str))
                    .of_field("products")?,
                entrustment: contract.transpose().of_field("entrustmentContractId")?,
            };
            let key = input.idempotency_key.as_deref();
            Ok(service::offer(ctx, key, wanted).await?.into())
        })
        .await
    }

    /// Takes a lead that is offered. From now on the partner works it, and sees whom it is about.
    async fn accept_lead_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: AcceptLeadOfferInput,
    ) -> Result<Payload<LeadOfferPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let user = input.partner_user_id.as_ref().map(|it| NodeId::decode(it, NodeType::PartnerUser));
            let (id, user) = (
                NodeId::decode(&input.lead_offer_id, NodeType::LeadOffer).of_field("leadOfferId")?,
                user.transpose().of_field("partnerUserId")?,
            );
            let (key, answer) = (input.idempotency_key.as_deref(), Answer { id, user, reason: None });
            Ok(service::accept(ctx, key, answer).await?.into())
        })
        .await
    }

    /// Does not take a lead that is offered: the next partner is asked.
    async fn decline_lead_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer, and why.")] input: DeclineLeadOfferInput,
    ) -> Result<Payload<LeadOfferPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.lead_offer_id, NodeType::LeadOffer).of_field("leadOfferId")?;
            let (key, answer) =
                (input.idempotency_key.as_deref(), Answer { id, user: None, reason: input.reason });
            Ok(service::decline(ctx, key, answer).await?.into())
        })
        .await
    }

    /// Takes an offer back that waits for its answer; for staff. The lead is as it was before.
    async fn close_lead_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer, and why.")] input: CloseLeadOfferInput,
    ) -> Result<Payload<LeadOfferPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.lead_offer_id, NodeType::LeadOffer).of_field("leadOfferId")?;
            let (key, answer) =
                (input.idempotency_key.as_deref(), Answer { id, user: None, reason: Some(input.reason) });
            Ok(service::close(ctx, key, answer).await?.into())
        })
        .await
    }

    /// Takes a lead back from the partner that accepted it; for staff. It can be offered again.
    async fn recall_lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead, and why.")] input: RecallLeadInput,
    ) -> Result<Payload<LeadPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let wanted = (
                NodeId::decode(&input.lead_id, NodeType::Lead).of_field("leadId")?,
                input.reason.parse().of_field("reason")?,
            );
            let row = service::recall(ctx, input.idempotency_key.as_deref(), wanted).await?;
            Ok(LeadPayload::new(ctx, row))
        })
        .await
    }
}
