//! Changing leads.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::leads::golden_lead;

use super::types::Lead;
use crate::error::{OfField as _, Result};
use crate::leads::service::{self, Assignment};
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
}
