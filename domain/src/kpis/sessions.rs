//! Sessions: things a person did in one go, with pauses no longer than a gap.
//!
//! Sessions merge: those of two sets of instants are those of all instants together, in whatever order they arrive.
//! A session is kept as its first and last instant; nothing is lost, because inside it no pause exceeds the gap.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// The sessions of one person, none closer to the next than the gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sessions {
    gap: TimeDelta,
    /// Last instant by first instant.
    spans: BTreeMap<DateTime<Utc>, DateTime<Utc>>,
}

impl Sessions {
    /// No session yet; a pause of exactly the gap does not end one.
    pub fn new(gap: TimeDelta) -> Self {
        Self { gap, spans: BTreeMap::new() }
    }

    /// The sessions of some instants.
    pub fn of(gap: TimeDelta, instants: impl IntoIterator<Item = DateTime<Utc>>) -> Self {
        let mut sessions = Self::new(gap);
        instants.into_iter().for_each(|it| sessions.add(it));
        sessions
    }

    /// Adds an instant; it may prolong a session, join two, or begin one.
    pub fn add(&mut self, at: DateTime<Utc>) {
        self.join(at, at);
    }

    /// Adds all sessions of the same person.
    pub fn merge(&mut self, other: &Self) {
        other.spans.iter().for_each(|(first, last)| self.join(*first, *last));
    }

    /// First and last instants, in order.
    pub fn spans(&self) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        self.spans.iter().map(|(first, last)| (*first, *last))
    }

    fn join(&mut self, mut first: DateTime<Utc>, mut last: DateTime<Utc>) {
        // Sessions do not overlap, so those in reach are the ones that begin last before the end of this one.
        while let Some((near_first, near_last)) = self.nearest(last + self.gap) {
            if near_last + self.gap < first {
                break;
            }
            self.spans.remove(&near_first);
            (first, last) = (first.min(near_first), last.max(near_last));
        }
        self.spans.insert(first, last);
    }

    fn nearest(&self, until: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.spans.range(..=until).next_back().map(|(first, last)| (*first, *last))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::Sessions;

    fn of(minutes: &[i64]) -> Sessions {
        Sessions::of(TimeDelta::minutes(10), minutes.iter().map(|it| minute(*it)))
    }

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    #[test]
    fn a_pause_of_exactly_the_gap_does_not_end_a_session() {
        assert_eq!(of(&[0, 10, 20]).spans().count(), 1);
        assert_eq!(of(&[0, 11]).spans().count(), 2);
    }

    #[test]
    fn a_late_instant_joins_two_sessions() {
        let mut sessions = of(&[0, 20]);
        sessions.add(minute(10));
        assert_eq!(sessions.spans().collect::<Vec<_>>(), [(minute(0), minute(20))]);
    }

    proptest! {
        #[test]
        fn merged_sessions_are_those_of_all_instants(
            left in prop::collection::vec(0_i64..300, 0..30),
            right in prop::collection::vec(0_i64..300, 0..30),
        ) {
            let mut merged = of(&left);
            merged.merge(&of(&right));
            let mut all: Vec<i64> = left.into_iter().chain(right).collect();
            prop_assert_eq!(&merged, &of(&all));
            all.sort_unstable();
            let pauses = all.windows(2).filter(|it| it[1] - it[0] > 10).count();
            prop_assert_eq!(merged.spans().count(), if all.is_empty() { 0 } else { pauses + 1 });
        }
    }
}
