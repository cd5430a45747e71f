//! Offers as KPIs count them.

use domain::distribution::OfferOutcome;
use domain::ids::{GoldenId, PartnerId};
use domain::kpis::pipeline::distribution::OfferFact;
use domain::kpis::window::Window;
use domain::products::ProductScope;
use entity::distribution::lead_offer::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::error::Result;
use crate::platform::database::{among_if, lists};

/// An offer that is over.
#[derive(Debug, Clone)]
pub struct EndedOffer {
    /// What is counted.
    pub fact: OfferFact,
    /// The lead as it was called then.
    pub lead: GoldenId,
    /// What the lead is about; everything when nobody said so.
    pub products: ProductScope,
}

/// The offers to these partners, or to any, that ended in a period.
pub async fn ended_during(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<EndedOffer>> {
    let ended = Entity::find()
        .filter(among_if(db, Column::PartnerId, partners))
        .filter(Column::EndedAt.gte(period.from()))
        .filter(Column::EndedAt.lt(period.until()));
    Ok(ended.order_by_asc(Column::Id).all(db).await?.into_iter().filter_map(EndedOffer::of).collect())
}

/// The accepted offers of these leads.
pub async fn accepted(db: &impl ConnectionTrait, leads: &[GoldenId]) -> Result<Vec<EndedOffer>> {
    let mut offers = Vec::new();
    for list in lists(db, leads) {
        let accepted = Entity::find().filter(list.holds(Column::LeadId));
        let accepted = accepted.filter(Column::Outcome.eq(OfferOutcome::Accepted)).all(db).await?;
        offers.extend(accepted.into_iter().filter_map(EndedOffer::of));
    }
    Ok(offers)
}

impl EndedOffer {
    fn of(row: Model) -> Option<Self> {
        let closed_at = row.ended_at?;
        Some(Self {
            fact: OfferFact { id: row.id.into(), partner: row.partner_id, closed_at, outcome: row.outcome },
            lead: row.lead_id,
            products: row.products.split(',').filter(|it| !it.is_empty()).collect(),
        })
    }
}
