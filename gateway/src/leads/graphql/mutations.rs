//! Changing leads.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::leads::DisqualificationReason;
use entity::leads::golden_lead;

use super::types::Lead;
use crate::error::{OfField as _, Result};
use crate::leads::service::{self, Assignment};
use crate::leads::steps;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};

/// Who is to work a lead.
#[derive(Debug, InputObject)]
pub struct AssignLeadInput {
    /// The lead.
    pub lead_id: ID,
    /// The partner; nobody when left out.
    pub partner_id: Option<ID>,
    /// The person at the partner.
    pub partner_user_id: Option<ID>,
    /// The version of the lead that the decision is based on; refused when it has changed. Unchecked when left out.
    pub version: Option<i32>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A lead that its partner begins to work.
#[derive(Debug, InputObject)]
pub struct StartLeadInput {
    /// The lead.
    pub lead_id: ID,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A lead with a need and a budget.
#[derive(Debug, InputObject)]
pub struct QualifyLeadInput {
    /// The lead.
    pub lead_id: ID,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A lead that is not for us.
#[derive(Debug, InputObject)]
pub struct DisqualifyLeadInput {
    /// The lead.
    pub lead_id: ID,
    /// Why.
    pub reason: DisqualificationReason,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A lead that is for us after all.
#[derive(Debug, InputObject)]
pub struct ReopenLeadInput {
    /// The lead.
    pub lead_id: ID,
    /// Why; a partner that had it reads it.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What a change of a lead gives back.
#[derive(SimpleObject)]
pub struct LeadPayload {
    /// The lead as it is now.
    lead: Lead,
}

impl LeadPayload {
    /// After a change.
    pub fn new(ctx: &RequestContext, row: golden_lead::Model) -> Self {
        Self { lead: Lead::new(ctx, row) }
    }
}

/// Changing leads.
#[derive(Default)]
pub struct LeadMutations;

#[Object]
impl LeadMutations {
    /// Gives a lead to a partner, to one of its people, or to nobody.
    async fn assign_lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to work it.")] input: AssignLeadInput,
    ) -> Result<Payload<LeadPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let partner = input
                .partner_id
                .as_ref()
                .map(|it| NodeId::decode(it, NodeType::Partner))
                .transpose()
                .of_field("partnerId")?;
            let user = input.partner_user_id.as_ref().map(|it| NodeId::decode(it, NodeType::PartnerUser));
            let assignment = Assignment {
                lead: NodeId::decode(&input.lead_id, NodeType::Lead).of_field("leadId")?,
                version: input.version,
                partner,
                user: user.transpose().of_field("partnerUserId")?,
            };
            let row = service::assign(ctx, input.idempotency_key.as_deref(), assignment).await?;
            Ok(LeadPayload::new(ctx, row))
        })
        .await
    }

    /// Notes that a partner begins to work a lead that it accepted. Editing it or registering a deal from it does so as well.
    async fn start_lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead.")] input: StartLeadInput,
    ) -> Result<Payload<LeadPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let lead = NodeId::decode(&input.lead_id, NodeType::Lead).of_field("leadId")?;
            let row = steps::start(ctx, input.idempotency_key.as_deref(), lead).await?;
            Ok(LeadPayload::new(ctx, row))
        })
        .await
    }

    /// Notes that a lead that is worked has a need and a budget; for its partner and for staff.
    async fn qualify_lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead.")] input: QualifyLeadInput,
    ) -> Result<Payload<LeadPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let lead = NodeId::decode(&input.lead_id, NodeType::Lead).of_field("leadId")?;
            let row = steps::qualify(ctx, input.idempotency_key.as_deref(), lead).await?;
            Ok(LeadPayload::new(ctx, row))
        })
        .await
    }

    /// Notes that an open lead is not for us; for its partner and for staff. It claims the customer no longer.
    async fn disqualify_lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead, and why.")] input: DisqualifyLeadInput,
    ) -> Result<Payload<LeadPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let lead = NodeId::decode(&input.lead_id, NodeType::Lead).of_field("leadId")?;
            let row = steps::disqualify(ctx, input.idempotency_key.as_deref(), (lead, input.reason)).await?;
            Ok(LeadPayload::new(ctx, row))
        })
        .await
    }

    /// Opens a disqualified lead again; for staff. Nobody works it, and it can be offered.
    async fn reopen_lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead, and why.")] input: ReopenLeadInput,
    ) -> Result<Payload<LeadPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let lead = NodeId::decode(&input.lead_id, NodeType::Lead).of_field("leadId")?;
            let reason = input.reason.parse().of_field("reason")?;
            let row = steps::reopen(ctx, input.idempotency_key.as_deref(), (lead, reason)).await?;
            Ok(LeadPayload::new(ctx, row))
        })
        .await
    }
}
