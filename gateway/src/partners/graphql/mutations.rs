//! Changing partners and their users.

use async_graphql::{Context, Object, SimpleObject};

use super::inputs::{CreatePartnerInput, CreatePartnerUserInput, UpdatePartnerInput, UpdatePartnerUserInput};
use super::types::{Partner, PartnerUser};
use crate::error::{OfField as _, Result};
use crate::partners::{service, users};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};

/// What a change of a partner gives back.
#[derive(SimpleObject)]
pub struct PartnerPayload {
    /// The partner as it is now.
    partner: Partner,
}

/// What a change of a partner user gives back.
#[derive(SimpleObject)]
pub struct PartnerUserPayload {
    /// The person as it is now.
    partner_user: PartnerUser,
}

/// Changing partners and their users.
#[derive(Default)]
pub struct PartnerMutations;

#[Object]
impl PartnerMutations {
    /// Enters a partner.
    async fn create_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreatePartnerInput,
    ) -> Result<Payload<PartnerPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let key = input.idempotency_key.clone();
            let row = service::create(ctx, key.as_deref(), input.details()?).await?;
            Ok(PartnerPayload { partner: row.into() })
        })
        .await
    }

    /// Changes a partner.
    async fn update_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: UpdatePartnerInput,
    ) -> Result<Payload<PartnerPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let seen = (NodeId::decode(&input.id, NodeType::Partner).of_field("id")?, input.version);
            let change = |before: &_, managers| input.details(before, managers);
            let row = service::update(ctx, input.idempotency_key.as_deref(), seen, change, &input).await?;
            Ok(PartnerPayload { partner: row.into() })
        })
        .await
    }

    /// Enters a person at a partner.
    async fn create_partner_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreatePartnerUserInput,
    ) -> Result<Payload<PartnerUserPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let partner = NodeId::decode(&input.partner_id, NodeType::Partner).of_field("partnerId")?;
            let key = input.idempotency_key.clone();
            let row = users::create(ctx, key.as_deref(), partner, input.details()?).await?;
            Ok(PartnerUserPayload { partner_user: row.into() })
        })
        .await
    }

    /// Changes a person at a partner.
    async fn update_partner_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: UpdatePartnerUserInput,
    ) -> Result<Payload<PartnerUserPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let seen = (NodeId::decode(&input.id, NodeType::PartnerUser).of_field("id")?, input.version);
            let change = |before: &_| input.details(before);
            let row = users::update(ctx, input.idempotency_key.as_deref(), seen, change, &input).await?;
            Ok(PartnerUserPayload { partner_user: row.into() })
        })
        .await
    }
}
