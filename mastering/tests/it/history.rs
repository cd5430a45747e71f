//! Replaying: what was written down gives back exactly what was known, at every instant.

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::{Field, lead};
use domain::sources::Values;
use mastering::history::{AsOf, Replay, StoredObservation};
use mastering::survivorship::field_states::FieldStates;
use mastering::survivorship::{Sighting, observe};
use proptest::prelude::*;

const FIELDS: [Field; 4] = [lead::last_name, lead::phone, lead::email, lead::score];

/// Few values, two of which are one phone spelled twice.
fn value(choice: u8) -> Option<String> {
    let texts = ["03-1234-5678", "0312345678", "03-1111-2222"];
    texts.get(usize::from(choice)).map(|it| (*it).to_owned())
}

fn instant(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(29_000_000 + minutes)
}

/// A version of a record: what it says, by whose clock, whether it is deleted, and how long after the one before we
/// read it.
type Version = (Values, i64, bool, i64);

prop_compose! {
    fn version()(
        choices in prop::collection::vec(prop::option::of(0u8..4), FIELDS.len()),
        modified in -20i64..20,
        is_deleted in prop::bool::weighted(0.2),
        pause in 0i64..5,
    ) -> Version {
        let said = FIELDS.into_iter().zip(choices);
        let values = said.filter_map(|(field, choice)| Some((field, value(choice?)))).collect();
        (values, modified, is_deleted, pause)
    }
}

/// What is known after a version, and when it was read.
type Known = (DateTime<Utc>, FieldStates, bool);

/// Reads the versions one after another, as a synchronisation does: what is written down, and what is known after each.
fn read(versions: &[Version]) -> (Vec<StoredObservation>, Vec<Known>) {
    let (mut stored, mut known, mut minutes) = (Vec::new(), Vec::<Known>::new(), 0);
    for (sequence, (values, modified, is_deleted, pause)) in (1..).zip(versions) {
        minutes += pause;
        let (modified_at, observed_at) = (instant(minutes + modified), instant(minutes));
        let sighting = Sighting { modified_at, observed_at, sequence };
        let before = known.last().map(|(_, states, _)| states);
        let seen = observe(before, values, sighting);
        if before.is_none() || !seen.is_unchanged() || known.last().is_some_and(|it| it.2 == *is_deleted) {
            let is_deleted = *is_deleted;
            let values = seen.noted();
            let observation =
                StoredObservation { values, sighting, is_deleted, back_to: None, is_erased: false };
            stored.push(observation);
        }
        known.push((observed_at, seen.states, !is_deleted));
    }
    (stored, known)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn replaying_gives_what_was_known_at_every_instant(
        versions in prop::collection::vec(version(), 1..8),
    ) {
        let (stored, known) = read(&versions);
        for (observed_at, _, _) in &known {
            let last = known.iter().rev().find(|it| it.0 == *observed_at).expect("itself at least");
            let replay = Replay::of(&stored, AsOf { recorded_at: *observed_at, effective_at: instant(99) });
            prop_assert_eq!((replay.states(), replay.is_live()), (&last.1, last.2));
        }
    }

    #[test]
    fn what_took_effect_later_changes_nothing(
        versions in prop::collection::vec(version(), 1..8),
        effective in -20i64..40,
    ) {
        let (stored, _) = read(&versions);
        let as_of = AsOf { recorded_at: instant(99), effective_at: instant(effective) };
        let earlier = stored.iter().filter(|it| it.sighting.effective_at() <= as_of.effective_at);
        prop_assert_eq!(Replay::of(&stored, as_of), Replay::of(earlier, AsOf::instant(instant(99))));
        let replay = Replay::of(&stored, as_of);
        prop_assert!(replay.states().iter().all(|(_, it)| it.origin.changed_at <= as_of.effective_at));
    }
}
