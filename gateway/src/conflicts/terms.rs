//! What was agreed with partners, as far as conflicts ask: territories and tiers on the date of a claim.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::PartnerId;
use domain::territories::{self, Coverage, Place};
use sea_orm::ConnectionTrait;

use crate::error::Result;
use crate::programs::tiers::{HeldTier, held_at};
use crate::territories::service::relevant_on;

/// What a partner's territories say about a deal on a date.
pub(super) async fn coverage(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    place: &Place,
    date: NaiveDate,
) -> Result<Coverage> {
    let assignments = relevant_on(db, &[partner], date).await?;
    Ok(territories::coverage(&assignments, partner, place, date))
}

/// The tier of a partner at an instant; `None` for a partner without one.
pub async fn tier(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    at: DateTime<Utc>,
) -> Result<Option<HeldTier>> {
    Ok(held_at(db, &[partner], at).await?.remove(&partner))
}
