//! What was known at another time: stored observations, replayed.
//!
//! Here: which observations count as of an instant, and noting them again one after another. Noting goes through
//! `survivorship::observe`, as it did when the record was read, so replaying everything gives exactly what is stored.
//! `timeline` replays a whole golden record. Not here: reading what is replayed (`gateway`).

pub mod timeline;

use chrono::{DateTime, Utc};
use domain::sources::Values;

use crate::survivorship::field_states::FieldStates;
use crate::survivorship::{Sighting, observe};

/// As of when something is asked: what we knew at one instant of how things stood at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AsOf {
    /// By our clock: what was recorded later is not known yet.
    pub recorded_at: DateTime<Utc>,
    /// By the sources' clocks: what took effect later has not happened yet.
    pub effective_at: DateTime<Utc>,
}

/// One observation of a source record, as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObservation {
    /// The fields that were new or spelled differently.
    pub values: Values,
    /// When it was made.
    pub sighting: Sighting,
    /// Whether the source had deleted the record.
    pub is_deleted: bool,
    /// The number of an earlier observation, when this one takes back everything that was said after it.
    pub back_to: Option<i64>,
    /// Whether what it said of a person was scrubbed.
    pub is_erased: bool,
}

/// What one source record says, observation by observation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    states: FieldStates,
    is_live: bool,
    is_known: bool,
}

impl AsOf {
    /// What was known at an instant of that same instant.
    pub fn instant(at: DateTime<Utc>) -> Self {
        Self { recorded_at: at, effective_at: at }
    }

    /// Whether an observation had been made and had taken effect.
    pub fn includes(self, sighting: Sighting) -> bool {
        sighting.observed_at <= self.recorded_at && sighting.effective_at() <= self.effective_at
    }
}

impl Replay {
    /// The observations that count as of an instant, in the order in which they were made.
    pub fn of<'a>(observations: impl IntoIterator<Item = &'a StoredObservation>, as_of: AsOf) -> Self {
        Self::after(observations.into_iter().filter(|it| as_of.includes(it.sighting)))
    }

    /// All of these observations, which are in the order in which they were made.
    fn after<'a>(observations: impl IntoIterator<Item = &'a StoredObservation>) -> Self {
        let mut standing: Vec<&StoredObservation> = Vec::new();
        for it in observations {
            if let Some(last) = it.back_to {
                standing.retain(|earlier| earlier.sighting.sequence <= last);
            }
            standing.push(it);
        }
        let mut replay = Self::default();
        standing.into_iter().for_each(|it| replay.note(it));
        replay
    }

    /// Notes the next `new` of a record's observations; `heard` have been noted before.
    fn hear(&mut self, observations: &[StoredObservation], heard: usize, new: usize) {
        let (told, next) = (&observations[..heard + new], &observations[heard..heard + new]);
        if next.iter().any(|it| it.back_to.is_some()) {
            *self = Self::after(told);
        } else {
            next.iter().for_each(|it| self.note(it));
        }
    }

    /// Notes the next observation, which takes back no earlier one.
    fn note(&mut self, observation: &StoredObservation) {
        self.states = observe(Some(&self.states), &observation.values, observation.sighting).states;
        if observation.is_erased {
            let scrubbed = observation.values.iter().filter(|(field, _)| field.is_personal());
            scrubbed.for_each(|(field, _)| self.states.set_erased(field, observation.sighting.origin()));
        }
        self.is_live = !observation.is_deleted;
        self.is_known = true;
    }

    /// What the record says, field by field.
    pub fn states(&self) -> &FieldStates {
        &self.states
    }

    /// Whether the source has the record.
    pub fn is_live(&self) -> bool {
        self.is_live
    }

    /// Whether the record has been seen at all.
    pub fn is_known(&self) -> bool {
        self.is_known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fields::lead;

    fn at(day: &str) -> DateTime<Utc> {
        format!("2026-{day}T00:00:00Z").parse().unwrap()
    }

    fn said(phone: &str, modified: &str, observed: &str, sequence: i64) -> StoredObservation {
        let mut values = Values::new();
        values.set(lead::phone, phone).unwrap();
        let sighting = Sighting { modified_at: at(modified), observed_at: at(observed), sequence };
        StoredObservation { values, sighting, is_deleted: false, back_to: None, is_erased: false }
    }

    /// Changed on 02-10 and read on 02-12; changed on 03-01 and read on 03-20.
    fn phone(recorded: &str, effective: &str) -> Option<String> {
        let told = [said("03-1", "02-10", "02-12", 1), said("03-2", "03-01", "03-20", 2)];
        let replay = Replay::of(&told, AsOf { recorded_at: at(recorded), effective_at: at(effective) });
        replay.states().get(lead::phone)?.value.clone()
    }

    #[test]
    fn what_was_recorded_later_is_not_known() {
        assert_eq!(phone("02-11", "04-01"), None);
        assert_eq!(phone("03-10", "04-01").as_deref(), Some("03-1"));
        assert_eq!(phone("03-20", "04-01").as_deref(), Some("03-2"));
    }

    #[test]
    fn what_took_effect_later_has_not_happened() {
        assert_eq!(phone("04-01", "02-28").as_deref(), Some("03-1"));
        assert_eq!(phone("04-01", "03-01").as_deref(), Some("03-2"));
        assert_eq!(phone("04-01", "02-09"), None);
    }

    #[test]
    fn a_record_lives_from_its_first_sight_until_it_is_deleted() {
        let gone = StoredObservation { is_deleted: true, ..said("03-1", "03-01", "03-02", 2) };
        let told = [said("03-1", "02-10", "02-12", 1), gone];
        let as_of = |day| Replay::of(&told, AsOf::instant(at(day)));
        assert!(!as_of("02-11").is_known());
        assert!(as_of("03-01").is_live());
        assert!(as_of("03-02").is_known() && !as_of("03-02").is_live());
    }

    #[test]
    fn what_was_scrubbed_was_said_at_its_time_and_is_nothing_now() {
        let mut first = StoredObservation { is_erased: true, ..said("", "02-10", "02-12", 1) };
        first.values.set(lead::company, "極洋").unwrap();
        let second = StoredObservation { is_erased: true, ..said("", "03-01", "03-02", 2) };
        let told = [first, second];
        let replay = |day| Replay::of(&told, AsOf::instant(at(day)));
        let phone = |day| replay(day).states().get(lead::phone).map(|it| (it.is_erased, it.origin.sequence));
        assert_eq!(phone("02-11"), None);
        assert_eq!(phone("02-12"), Some((true, 1)));
        assert_eq!(phone("03-02"), Some((true, 2)));
        assert_eq!(replay("03-02").states().values().text(lead::company), Some("極洋"));
    }

    #[test]
    fn what_was_taken_back_was_never_said_of_the_record() {
        let taken_back =
            StoredObservation { values: Values::new(), back_to: Some(1), ..said("", "03-01", "03-03", 3) };
        let told = [said("03-1", "03-01", "03-01", 1), said("03-2", "03-02", "03-02", 2), taken_back];
        let phone = |recorded: &str| {
            let replay = Replay::of(&told, AsOf::instant(at(recorded)));
            replay.states().get(lead::phone).map(|it| (it.value.clone(), it.origin.sequence))
        };
        assert_eq!(phone("03-02"), Some((Some("03-2".to_owned()), 2)));
        assert_eq!(phone("03-03"), Some((Some("03-1".to_owned()), 1)));
    }
}
