//! Telling listeners which leads are offered.

use chrono::{DateTime, Utc};
use domain::ids::LeadOfferId;
use entity::distribution::lead_offer::{Column, Model};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, QueryFilter, QueryOrder, QuerySelect};

use super::access;
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::platform::listening::{Feed, MOST_AT_ONCE, nudge};

/// Tells listeners that leads were offered. Called after the commit.
pub(super) async fn announce(ctx: &RequestContext) {
    nudge::<Offered>(ctx).await;
}

/// Offers as they are made.
pub(super) struct Offered;

impl Feed for Offered {
    type News = Model;
    type Id = LeadOfferId;
    const CHANNEL: &'static str = "lead-offers";

    async fn read(
        &self,
        db: &DatabaseConnection,
        caller: &Caller,
        since: DateTime<Utc>,
    ) -> Result<Vec<Model>, DbErr> {
        let made = access::visible_to(caller).filter(Column::OfferedAt.gte(since));
        made.order_by_asc(Column::Id).limit(MOST_AT_ONCE).all(db).await
    }

    fn stamp(offer: &Model) -> (LeadOfferId, DateTime<Utc>) {
        (offer.id, offer.offered_at)
    }
}
