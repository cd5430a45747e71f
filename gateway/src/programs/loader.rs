//! Batched reads of programs and tiers for nested fields.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::ids::{PartnerId, ProgramVersionId};
use entity::programs::{partner_tier, program_version, tier_evaluation};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};

use super::store;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::BatchLoad;

/// Versions of programs by id.
#[derive(Default)]
pub struct ProgramById;

#[async_trait]
impl BatchLoad for ProgramById {
    type Key = ProgramVersionId;
    type Value = program_version::Model;

    async fn load(
        ctx: &RequestContext,
        ids: &[ProgramVersionId],
    ) -> Result<HashMap<ProgramVersionId, program_version::Model>> {
        use program_version::{Column, Entity};
        let query = Entity::find().filter(among(ctx.read(), Column::Id, ids.iter().copied()));
        Ok(query.all(ctx.read()).await?.into_iter().map(|it| (it.id, it)).collect())
    }
}

/// The tier of a partner that the caller sees already, now.
#[derive(Default)]
pub struct TierOfPartner;

#[async_trait]
impl BatchLoad for TierOfPartner {
    type Key = PartnerId;
    type Value = partner_tier::Model;

    async fn load(
        ctx: &RequestContext,
        ids: &[PartnerId],
    ) -> Result<HashMap<PartnerId, partner_tier::Model>> {
        Ok(store::tiers_at(ctx.read(), ids, ctx.now).await?.into_iter().collect())
    }
}

/// The evaluations of a partner, newest first.
#[derive(Default)]
pub struct EvaluationsOfPartner;

#[async_trait]
impl BatchLoad for EvaluationsOfPartner {
    type Key = PartnerId;
    type Value = Vec<tier_evaluation::Model>;

    async fn load(
        ctx: &RequestContext,
        ids: &[PartnerId],
    ) -> Result<HashMap<PartnerId, Vec<tier_evaluation::Model>>> {
        use tier_evaluation::Column;
        let of_partners = among(ctx.read(), Column::PartnerId, ids.iter().copied());
        let query = store::evaluations_visible_to(&ctx.caller).filter(of_partners);
        let mut evaluations: HashMap<_, Vec<_>> = HashMap::new();
        for row in query.order_by_desc(Column::Id).all(ctx.read()).await? {
            evaluations.entry(row.partner_id).or_default().push(row);
        }
        Ok(evaluations)
    }
}
