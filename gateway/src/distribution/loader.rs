//! Batched reads of offers for nested fields.

use std::collections::HashMap;

use domain::ids::{GoldenId, LeadOfferId};
use entity::distribution::{lead_offer, offer_ranking};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};

use super::access;
use crate::leads::life;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by, groups_by};

/// The offers of a lead that the caller sees, newest first, under every id that the lead has had.
#[derive(Default)]
pub struct OffersOfLead;

/// The ranking behind an offer that the caller was shown already.
#[derive(Default)]
pub struct RankingOfOffer;

impl BatchLoad for OffersOfLead {
    type Key = GoldenId;
    type Value = Vec<lead_offer::Model>;

    async fn load(ctx: &RequestContext, leads: &[GoldenId]) -> Loaded<Self> {
        use lead_offer::Column;
        let ids = life::ids_of(ctx.read(), leads).await?;
        let today: HashMap<GoldenId, GoldenId> =
            ids.iter().flat_map(|(lead, ids)| ids.iter().map(|it| (*it, *lead))).collect();
        let these = among(ctx.read(), Column::LeadId, today.keys().copied());
        let rows = access::visible_to(&ctx.caller).filter(these).order_by_desc(Column::Id);
        Ok(groups_by(rows.all(ctx.read()).await?, |it| today[&it.lead_id]))
    }
}

impl BatchLoad for RankingOfOffer {
    type Key = LeadOfferId;
    type Value = offer_ranking::Model;

    async fn load(ctx: &RequestContext, ids: &[LeadOfferId]) -> Loaded<Self> {
        let these = among(ctx.read(), offer_ranking::Column::OfferId, ids.iter().copied());
        let rows = offer_ranking::Entity::find().filter(these).all(ctx.read()).await?;
        Ok(each_by(rows, |it| it.offer_id))
    }
}
