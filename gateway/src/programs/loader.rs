//! Batched reads of programs and tiers for nested fields.

use domain::ids::{PartnerId, ProgramVersionId};
use entity::programs::{partner_tier, program_version, tier_evaluation};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};

use super::store;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by, groups_by};

/// Versions of programs by id.
#[derive(Default)]
pub struct ProgramById;

impl BatchLoad for ProgramById {
    type Key = ProgramVersionId;
    type Value = program_version::Model;

    async fn load(ctx: &RequestContext, ids: &[ProgramVersionId]) -> Loaded<Self> {
        use program_version::{Column, Entity};
        let query = Entity::find().filter(among(ctx.read(), Column::Id, ids.iter().copied()));
        Ok(each_by(query.all(ctx.read()).await?, |it| it.id))
    }
}

/// The tier of a partner that the caller sees already, now.
#[derive(Default)]
pub struct TierOfPartner;

impl BatchLoad for TierOfPartner {
    type Key = PartnerId;
    type Value = partner_tier::Model;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Loaded<Self> {
        Ok(store::tiers_at(ctx.read(), ids, ctx.now).await?.into_iter().collect())
    }
}

/// The evaluations of a partner, newest first.
#[derive(Default)]
pub struct EvaluationsOfPartner;

impl BatchLoad for EvaluationsOfPartner {
    type Key = PartnerId;
    type Value = Vec<tier_evaluation::Model>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Loaded<Self> {
        use tier_evaluation::Column;
        let of_partners = among(ctx.read(), Column::PartnerId, ids.iter().copied());
        let query = store::evaluations_visible_to(&ctx.caller).filter(of_partners);
        Ok(groups_by(query.order_by_desc(Column::Id).all(ctx.read()).await?, |it| it.partner_id))
    }
}
