//! What was agreed with partners, as far as conflicts ask: territories and tiers at the times of their claims.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::calendar::{Period, date_in_tokyo};
use domain::ids::PartnerId;
use domain::territories::{self, Coverage, Place, TerritoryAssignment};
use futures::try_join;
use sea_orm::ConnectionTrait;

use crate::error::Result;
use crate::programs::tiers::{HeldTier, TierHistory, held_at};
use crate::territories::service::relevant_during;

/// The terms of some partners, read once for all of their claims.
pub(super) struct Terms {
    territories: Vec<TerritoryAssignment>,
    tiers: TierHistory,
}

impl Terms {
    /// What was agreed with these partners from the first of these instants to the last.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        partners: &BTreeSet<PartnerId>,
        instants: &BTreeSet<DateTime<Utc>>,
    ) -> Result<Self> {
        let (Some(first), Some(last)) = (instants.first(), instants.last()) else {
            return Ok(Self { territories: Vec::new(), tiers: TierHistory::default() });
        };
        let partners: Vec<PartnerId> = partners.iter().copied().collect();
        let period = Period::inclusive(date_in_tokyo(*first), date_in_tokyo(*last));
        let (territories, tiers) =
            try_join!(relevant_during(db, &partners, period), TierHistory::of(db, &partners))?;
        Ok(Self { territories, tiers })
    }

    /// What a partner's territories say about a deal at an instant.
    pub(super) fn coverage(&self, partner: PartnerId, place: &Place, at: DateTime<Utc>) -> Coverage {
        territories::coverage(&self.territories, partner, place, date_in_tokyo(at))
    }

    /// The rank of a partner's tier at an instant; `None` for a partner without one.
    pub(super) fn tier_rank(&self, partner: PartnerId, at: DateTime<Utc>) -> Option<u32> {
        self.tiers.at(partner, at).map(|it| it.rank)
    }
}

/// The tier of a partner at an instant; `None` for a partner without one.
pub async fn tier(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    at: DateTime<Utc>,
) -> Result<Option<HeldTier>> {
    Ok(held_at(db, &[partner], at).await?.remove(&partner))
}
