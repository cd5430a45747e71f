//! Counters per partner and day, so that a year of a large channel answers at once.
//!
//! Roll-ups merge: the counters of two sets of events are those of all events together, in whatever order and however
//! late they arrive. So a restated KPI equals one computed anew. Events must be de-duplicated before (`engagement`).
//! Not here: storing them.

mod day;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};

pub use day::DayCounts;

use super::engagement::presence::AccessFact;
use super::engagement::usage::Usage;
use super::sessions::Sessions;
use super::settings::KpiSettings;
use super::window::Window;
use crate::calendar::date_in_tokyo;
use crate::engagement::{AcceptedEvent, Measure};
use crate::ids::{PartnerId, PartnerUserId};

crate::codes! {
    /// The stretches of which counts are kept: days for the ends of a period, months for what lies between.
    pub enum Grain {
        Day("日", "Day"),
        Month("月", "Month"),
    }
}

/// What roll-ups keep of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedEvent {
    /// Whose.
    pub partner: PartnerId,
    /// Who did it.
    pub user: Option<PartnerUserId>,
    /// When it happened, not when it arrived.
    pub at: DateTime<Utc>,
    /// What it counts as.
    pub measure: Measure,
    /// Whether it shows a user at work with us.
    pub is_access: bool,
}

/// Counters by partner and date in Tokyo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollUp {
    days: BTreeMap<(PartnerId, NaiveDate), DayCounts>,
}

impl From<&AcceptedEvent> for CountedEvent {
    fn from(accepted: &AcceptedEvent) -> Self {
        Self {
            partner: accepted.event.partner_id,
            user: accepted.event.user_id,
            at: accepted.event.occurred_at,
            measure: accepted.measure,
            is_access: accepted.is_access,
        }
    }
}

impl RollUp {
    /// The counters of some events.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a CountedEvent>, settings: &KpiSettings) -> Self {
        let mut rollup = Self::default();
        events.into_iter().for_each(|it| rollup.add(it, settings));
        rollup
    }

    /// Counts one event.
    pub fn add(&mut self, event: &CountedEvent, settings: &KpiSettings) {
        self.days.entry((event.partner, date_in_tokyo(event.at))).or_default().add(event, settings);
    }

    /// Adds the counters of other events.
    pub fn merge(&mut self, other: &Self) {
        for (key, counts) in &other.days {
            self.days.entry(*key).or_default().merge(counts);
        }
    }

    /// The counters of each partner and date.
    pub fn days(&self) -> impl Iterator<Item = (PartnerId, NaiveDate, &DayCounts)> {
        self.days.iter().map(|((partner, date), counts)| (*partner, *date, counts))
    }

    /// What partners used in a period that begins and ends at midnight in Tokyo.
    ///
    /// Must also hold the day before: a chat that began then is not counted again. A year is quicker as the sum of its
    /// months (`UsageFact::merge`), of which only those that late events reach need be computed again.
    pub fn usage(&self, period: &Window) -> Usage {
        let mut usage = Usage::new();
        let mut chats: BTreeMap<(PartnerId, PartnerUserId), Sessions> = BTreeMap::new();
        for (partner, date, counts) in self.within(period, 1) {
            for (user, sessions) in counts.chats() {
                chats.entry((partner, user)).and_modify(|it| it.merge(sessions)).or_insert(sessions.clone());
            }
            if period.contains(crate::calendar::start_of_day(date)) {
                counts.add_to(usage.entry(partner).or_default());
            }
        }
        for ((partner, _), sessions) in chats {
            let begun = sessions.spans().filter(|(first, _)| period.contains(*first)).count();
            if begun > 0 {
                usage.entry(partner).or_default().chat_sessions += begun as u32;
            }
        }
        usage
    }

    /// Users who started a training in a period.
    pub fn training_starters(&self, period: &Window) -> BTreeSet<PartnerUserId> {
        self.within(period, 0).flat_map(|(_, _, counts)| counts.users(Measure::TrainingStart)).collect()
    }

    /// When each partner last showed up before an instant at midnight in Tokyo.
    pub fn last_accesses(&self, until: DateTime<Utc>) -> BTreeMap<PartnerId, AccessFact> {
        let mut accesses: BTreeMap<PartnerId, AccessFact> = BTreeMap::new();
        for (partner, date, counts) in self.days() {
            if date < date_in_tokyo(until) {
                let fact = accesses.entry(partner).or_default();
                fact.last_access_at = fact.last_access_at.max(counts.last_access_at());
            }
        }
        accesses
    }

    fn within(
        &self,
        period: &Window,
        days_before: u64,
    ) -> impl Iterator<Item = (PartnerId, NaiveDate, &DayCounts)> {
        let first = date_in_tokyo(period.from()) - Days::new(days_before);
        let end = date_in_tokyo(period.until());
        self.days().filter(move |(_, date, _)| first <= *date && *date < end)
    }
}

#[cfg(test)]
mod tests;
