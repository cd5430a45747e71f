//! `[freshness]`: what partners may ask for with `maxAge`. Each record that is fetched costs requests of its CRM.

use std::time::Duration;

use super::section::Reading;

/// What partners may ask for with `maxAge`.
#[derive(Debug, Clone)]
pub struct Freshness {
    /// What was seen in its source so lately is fresh enough, whatever they ask for.
    pub partner_min_age: Duration,
    /// Records that are fetched for the people of one partner in an hour, by each process that serves.
    pub partner_fetches_per_hour: usize,
}

impl Default for Freshness {
    fn default() -> Self {
        Self { partner_min_age: Duration::from_secs(60), partner_fetches_per_hour: 600 }
    }
}

impl Freshness {
    pub(super) fn read(reading: &mut Reading) -> Self {
        let default = Self::default();
        let mut section = reading.section("freshness");
        let most = default.partner_fetches_per_hour as u64;
        Self {
            partner_min_age: section.or("partner_min_age", default.partner_min_age),
            partner_fetches_per_hour: section.within("partner_fetches_per_hour", 0..=1_000_000, most)
                as usize,
        }
    }
}
