//! Noting what a record says: which fields really changed, and since when.

use chrono::{DateTime, Duration, SubsecRound, Utc};
use domain::fields::Field;
use domain::sources::Values;

use super::field_states::{FieldState, FieldStates, Origin};
use crate::equivalence;

/// How far ahead a source's clock may be before it is flagged.
const TOLERATED_SKEW: Duration = Duration::minutes(5);

/// When a record was read, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// When somebody last modified the record, by the source's clock.
    pub modified_at: DateTime<Utc>,
    /// When we read it, by ours.
    pub observed_at: DateTime<Utc>,
    /// Number of this observation in the order of our store.
    pub sequence: i64,
}

/// What reading a record brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Fields whose value is another one than before, or was supplied for the first time.
    pub changed: Values,
    /// Fields whose value is the same, spelled differently. It is served, but it is not news.
    pub respelled: Values,
    /// What the record says from now on. A field that was not supplied this time keeps its state.
    pub states: FieldStates,
    /// Whether the source's clock was ahead by more than five minutes.
    pub clock_skew: bool,
}

impl Observation {
    /// What is worth writing down: observing it again on top of what came before gives the same states.
    pub fn noted(&self) -> Values {
        let noted = self.changed.iter().chain(self.respelled.iter());
        noted.map(|(field, value)| (field, value.map(str::to_owned))).collect()
    }

    /// Whether the record says exactly what it said before.
    pub fn is_unchanged(&self) -> bool {
        self.changed.is_empty() && self.respelled.is_empty()
    }
}

/// Notes what a record says, compared with what it said before.
///
/// A field's time moves only when its own value changes: a source that touches every row makes nothing new.
pub fn observe(previous: Option<&FieldStates>, values: &Values, sighting: Sighting) -> Observation {
    let origin = sighting.origin();
    let mut observation = Observation {
        changed: Values::new(),
        respelled: Values::new(),
        states: previous.cloned().unwrap_or_default(),
        clock_skew: origin.clock_skew,
    };
    for (field, value) in values.iter() {
        observation.note(field, value, origin);
    }
    observation
}

impl Observation {
    fn note(&mut self, field: Field, value: Option<&str>, origin: Origin) {
        let known = self.states.get(field);
        let value = value.map(str::to_owned);
        let (origin, notes) = match known {
            Some(known) if known.value == value => return,
            Some(known) if equivalence::same(field, known.value.as_deref(), value.as_deref()) => {
                (known.origin, &mut self.respelled)
            }
            Some(_) => (Origin { record_precision: false, ..origin }, &mut self.changed),
            None => (origin, &mut self.changed),
        };
        notes.put(field, value.clone());
        self.states.set(field, FieldState { value, origin, is_erased: false });
    }
}

impl Sighting {
    /// Since when what was seen holds: the source's time, but never later than the moment we saw it, in whole seconds
    /// because sources differ in precision.
    pub fn effective_at(self) -> DateTime<Utc> {
        self.modified_at.min(self.observed_at).trunc_subsecs(0)
    }

    /// The origin of a value seen for the first time.
    pub(crate) fn origin(self) -> Origin {
        Origin {
            changed_at: self.effective_at(),
            // Every store keeps microseconds.
            observed_at: self.observed_at.trunc_subsecs(6),
            sequence: self.sequence,
            record_precision: true,
            clock_skew: self.modified_at - self.observed_at > TOLERATED_SKEW,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fields::lead;

    fn values(entries: &[(Field, &str)]) -> Values {
        entries.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect()
    }

    fn at(modified_at: &str, sequence: i64) -> Sighting {
        let modified_at = modified_at.parse().unwrap();
        Sighting { modified_at, observed_at: "2026-06-30T00:00:00Z".parse().unwrap(), sequence }
    }

    fn changed_at(observation: &Observation, field: Field) -> String {
        observation.states.get(field).unwrap().origin.changed_at.to_rfc3339()
    }

    #[test]
    fn at_first_sight_the_time_is_the_records() {
        let first = observe(None, &values(&[(lead::phone, "03-1234-5678")]), at("2026-06-01T01:00:00.7Z", 1));
        assert_eq!(changed_at(&first, lead::phone), "2026-06-01T01:00:00+00:00");
        assert!(first.states.get(lead::phone).unwrap().origin.record_precision);
    }

    #[test]
    fn touching_the_record_makes_no_field_new() {
        let said = values(&[(lead::phone, "03-1234-5678"), (lead::title, "部長")]);
        let first = observe(None, &said, at("2026-06-01T01:00:00Z", 1));
        let second = observe(
            Some(&first.states),
            &values(&[(lead::phone, "03-1234-5678"), (lead::title, "課長")]),
            at("2026-06-10T00:00:00Z", 2),
        );
        assert_eq!(second.changed, values(&[(lead::title, "課長")]));
        assert_eq!(changed_at(&second, lead::phone), "2026-06-01T01:00:00+00:00");
        assert_eq!(changed_at(&second, lead::title), "2026-06-10T00:00:00+00:00");
        assert!(!second.states.get(lead::title).unwrap().origin.record_precision);
    }

    #[test]
    fn another_spelling_is_kept_but_is_not_news() {
        let first = observe(None, &values(&[(lead::phone, "03-1234-5678")]), at("2026-06-01T01:00:00Z", 1));
        let second = observe(
            Some(&first.states),
            &values(&[(lead::phone, "+81 3 1234 5678")]),
            at("2026-06-10T00:00:00Z", 2),
        );
        assert!(second.changed.is_empty() && !second.is_unchanged());
        assert_eq!(second.states.values().text(lead::phone), Some("+81 3 1234 5678"));
        assert_eq!(changed_at(&second, lead::phone), "2026-06-01T01:00:00+00:00");
    }

    #[test]
    fn what_is_absent_clears_nothing() {
        let first = observe(None, &values(&[(lead::phone, "03-1234-5678")]), at("2026-06-01T01:00:00Z", 1));
        let second = observe(Some(&first.states), &Values::new(), at("2026-06-10T00:00:00Z", 2));
        assert!(second.is_unchanged());
        assert_eq!(second.states, first.states);
    }

    #[test]
    fn a_clock_that_is_ahead_is_clamped_and_beyond_five_minutes_flagged() {
        let said = values(&[(lead::phone, "03-9999-0000")]);
        let ahead = observe(None, &said, at("2027-01-01T00:00:00Z", 1));
        assert!(ahead.clock_skew);
        assert_eq!(changed_at(&ahead, lead::phone), "2026-06-30T00:00:00+00:00");
        assert!(!observe(None, &said, at("2026-06-30T00:05:00Z", 1)).clock_skew);
    }
}
