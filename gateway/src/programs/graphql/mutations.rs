//! Changing programs and tiers.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::types::Program;
use crate::error::{NotFound, OfField as _, Result};
use crate::partners::graphql::{Partner, by_id};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};
use crate::programs::service::{self, Measurement};
use crate::programs::tiers;

/// A version of the partner program.
#[derive(Debug, InputObject)]
pub struct DraftProgramInput {
    /// Name, fiscal year and tiers with their criteria and benefits, as TOML.
    pub document: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A version that is to come into force. Doing it again changes nothing.
#[derive(Debug, InputObject)]
pub struct ActivateProgramInput {
    /// Id of the version.
    pub id: ID,
}

/// A tier given by hand.
#[derive(Debug, InputObject)]
pub struct AssignTierInput {
    /// The partner.
    pub partner_id: ID,
    /// Code of a tier of the program in force.
    pub tier: String,
    /// Why.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What a partner reached in a quarter by a metric that the gateway does not measure. A second one replaces the first.
#[derive(Debug, InputObject)]
pub struct RecordTierMeasurementInput {
    /// The partner.
    pub partner_id: ID,
    /// The fiscal year.
    pub fiscal_year: i32,
    /// 1 to 4; the first is April to June.
    pub quarter: i32,
    /// As criteria write it, such as `certifiedUsers`.
    pub metric: String,
    /// How much; money in minor units, ratios as fractions of 1.
    pub value: Decimal,
}

/// What a change of a program gives back.
#[derive(SimpleObject)]
pub struct ProgramPayload {
    /// The version as it is now.
    program: Program,
}

/// What a change of a tier gives back.
#[derive(SimpleObject)]
pub struct TierPayload {
    /// The partner as it is now.
    partner: Partner,
}

/// Changing programs and tiers.
#[derive(Default)]
pub struct ProgramMutations;

#[Object]
impl ProgramMutations {
    /// Enters a version of the partner program as a draft.
    async fn draft_program(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it says.")] input: DraftProgramInput,
    ) -> Result<Payload<ProgramPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let row = service::draft(ctx, input.idempotency_key.as_deref(), &input.document).await?;
            Ok(ProgramPayload { program: row.into() })
        })
        .await
    }

    /// Puts a draft in force; the version that was in force in that year is retired.
    async fn activate_program(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ActivateProgramInput,
    ) -> Result<Payload<ProgramPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id: Uuid = input.id.parse().map_err(|_| NotFound("program version")).of_field("id")?;
            let row = service::activate(ctx, id.into()).await?;
            Ok(ProgramPayload { program: row.into() })
        })
        .await
    }

    /// Gives a partner a tier by hand, from now on until an evaluation says otherwise.
    async fn assign_tier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, which and why.")] input: AssignTierInput,
    ) -> Result<Payload<TierPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let partner = NodeId::decode(&input.partner_id, NodeType::Partner).of_field("partnerId")?;
            let (key, reason) = (input.idempotency_key.as_deref(), input.reason.parse().of_field("reason")?);
            tiers::assign(ctx, key, partner, &input.tier, reason).await?;
            Ok(TierPayload { partner: by_id(ctx, partner).await?.ok_or(NotFound("partner"))? })
        })
        .await
    }

    /// Enters what a partner reached by a metric that the gateway does not measure, until it has been evaluated for the quarter.
    async fn record_tier_measurement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, when, and how much of what.")] input: RecordTierMeasurementInput,
    ) -> Result<Payload<TierPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let partner = NodeId::decode(&input.partner_id, NodeType::Partner).of_field("partnerId")?;
            let measurement = Measurement {
                partner,
                quarter: service::quarter(input.fiscal_year, input.quarter)?,
                metric: input.metric.parse().of_field("metric")?,
                value: input.value,
            };
            service::record_measurement(ctx, measurement).await?;
            Ok(TierPayload { partner: by_id(ctx, partner).await?.ok_or(NotFound("partner"))? })
        })
        .await
    }
}
