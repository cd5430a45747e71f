//! Settling: the order of sources does not matter, saying the same again changes nothing, traces recompute.

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::{Field, RecordKind, lead};
use domain::holds::HoldKind;
use domain::ids::HoldId;
use domain::sources::{SourceKey, Values};
use mastering::canonical;
use mastering::golden_record::GoldenRecord;
use mastering::policy::PrecedencePolicy;
use mastering::survivorship::field_states::FieldStates;
use mastering::survivorship::holds::{Hold, Holds, Kept};
use mastering::survivorship::{Sighting, SourceFacts, observe, resolve};
use proptest::prelude::*;
use uuid::Uuid;

const FIELDS: [Field; 8] = [
    lead::last_name,
    lead::first_name,
    lead::phone,
    lead::email,
    lead::city,
    lead::postal_code,
    lead::score,
    lead::consent_to_share,
];

/// Few values and few instants, so that ties are common.
fn value(field: Field, choice: u8) -> Option<String> {
    let texts = match field.name() {
        "phone" => ["03-1234-5678", "0312345678", "03-1111-2222"],
        "consent_to_share" => ["true", "false", "true"],
        "score" => ["10", "20", "30"],
        _ => ["極洋", "アシスト", "ｱｼｽﾄ"],
    };
    texts.get(usize::from(choice)).map(|it| (*it).to_owned())
}

prop_compose! {
    fn values()(choices in prop::collection::vec(prop::option::of(0u8..4), FIELDS.len())) -> Values {
        let said = FIELDS.into_iter().zip(choices);
        said.filter_map(|(field, choice)| Some((field, value(field, choice?)))).collect()
    }
}

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_780_000_000 + seconds)
}

prop_compose! {
    fn sighting()(modified in 0i64..4, observed in 0i64..4, sequence in 0i64..4) -> Sighting {
        Sighting { modified_at: instant(modified * 200), observed_at: instant(observed * 200), sequence }
    }
}

prop_compose! {
    fn source()(
        system in prop::sample::select(vec!["CRM", "OWN", "MA", "CSV", "ERP"]),
        said in prop::collection::vec((values(), sighting()), 1..4),
        is_live in prop::bool::weighted(0.9),
    ) -> (&'static str, FieldStates, bool) {
        let states = said.iter().fold(FieldStates::default(), |states, (values, sighting)| {
            observe(Some(&states), values, *sighting).states
        });
        (system, states, is_live)
    }
}

prop_compose! {
    fn sources()(sources in prop::collection::vec(source(), 1..5)) -> Vec<(SourceKey, FieldStates, bool)> {
        let key = |system: &str, place: usize| SourceKey {
            system: system.parse().unwrap(),
            object: "Lead".to_owned(),
            external_id: place.to_string(),
        };
        let keyed = sources.into_iter().enumerate();
        keyed.map(|(place, (system, states, is_live))| (key(system, place), states, is_live)).collect()
    }
}

prop_compose! {
    /// A hold made when these sources were as they are, on any field.
    fn hold()(
        field in prop::sample::select(FIELDS.to_vec()),
        kind in prop::sample::select(HoldKind::ALL.to_vec()),
        (choice, seconds) in (0u8..4, 0i64..3),
        before in sources(),
    ) -> Hold {
        let (at, policy) = (instant(seconds), PrecedencePolicy::default());
        let kept = Kept::of(&golden(&before), policy.unit(field));
        let kept = match kind {
            HoldKind::Pin => kept.with(field, value(field, choice), at, 9),
            HoldKind::Lock => kept,
        };
        Hold { id: HoldId(Uuid::nil()), kind, field, at, kept }
    }
}

prop_compose! {
    fn holds()(mut holds in prop::collection::vec(hold(), 1..4)) -> Vec<Hold> {
        holds.iter_mut().zip(1..).for_each(|(it, number)| it.id = HoldId(Uuid::from_u128(number)));
        holds
    }
}

fn golden(sources: &[(SourceKey, FieldStates, bool)]) -> GoldenRecord {
    held_golden(sources, &Holds::default())
}

fn held_golden(sources: &[(SourceKey, FieldStates, bool)], holds: &Holds) -> GoldenRecord {
    let facts: Vec<_> =
        sources.iter().map(|(key, states, is_live)| SourceFacts { key, states, is_live: *is_live }).collect();
    resolve(&PrecedencePolicy::default(), RecordKind::Lead, &facts, holds)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_order_of_sources_does_not_matter(
        (sources, shuffled) in sources().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle()))
    ) {
        prop_assert_eq!(golden(&sources), golden(&shuffled));
        prop_assert_eq!(canonical::line(&golden(&sources)), canonical::line(&golden(&shuffled)));
    }

    #[test]
    fn every_served_value_recomputes_from_its_trace(sources in sources()) {
        let golden = golden(&sources);
        let traced = GoldenRecord::from_trace(RecordKind::Lead, &golden.to_trace()).unwrap();
        prop_assert_eq!(&traced, &golden);
        for (field, settlement) in traced.settlements() {
            let (_, states, is_live) = sources.iter().find(|(key, ..)| Some(key) == settlement.source().map(AsRef::as_ref)).unwrap();
            let said = states.get(field).and_then(|it| it.value.clone());
            prop_assert!(*is_live);
            prop_assert_eq!(&said, &settlement.value);
        }
    }

    #[test]
    fn what_is_held_is_served_and_recomputes_from_its_trace(
        sources in sources(), (holds, shuffled) in holds().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
    ) {
        let (free, golden) = (golden(&sources), held_golden(&sources, &Holds::new(holds.clone())));
        prop_assert_eq!(&golden, &held_golden(&sources, &Holds::new(shuffled)));
        let traced = GoldenRecord::from_trace(RecordKind::Lead, &golden.to_trace()).unwrap();
        prop_assert_eq!(&traced, &golden);
        for (field, settlement) in traced.settlements() {
            match settlement.hold() {
                Some(id) => {
                    let kept = |it: &&Hold| it.id == id && it.kept.get(field).is_some_and(|it| it.value == settlement.value);
                    prop_assert!(holds.iter().any(|it| kept(&it)));
                    let would_win = settlement.would_win().map(|(it, _)| &it.value);
                    prop_assert_eq!(would_win, free.settlement(field).map(|it| &it.value));
                }
                None => prop_assert_eq!(Some(settlement), free.settlement(field)),
            }
        }
    }

    #[test]
    fn a_group_comes_from_one_source(sources in sources()) {
        let golden = golden(&sources);
        let winner = |field| golden.settlement(field).and_then(|it| it.source().cloned());
        for (a, b) in [(lead::last_name, lead::first_name), (lead::city, lead::postal_code)] {
            if let (Some(a), Some(b)) = (winner(a), winner(b)) {
                prop_assert_eq!(a, b);
            }
        }
    }

    #[test]
    fn saying_the_same_again_changes_nothing(
        before in values(), said in values(), first in sighting(), second in sighting(), third in sighting(),
    ) {
        let states = observe(None, &before, first).states;
        let once = observe(Some(&states), &said, second);
        let again = observe(Some(&once.states), &said, third);
        prop_assert!(again.is_unchanged());
        prop_assert_eq!(again.states, once.states);
    }

    #[test]
    fn states_survive_their_stored_form((_, states, _) in source()) {
        let json = states.to_json();
        prop_assert_eq!(FieldStates::from_json(RecordKind::Lead, &json).unwrap(), states);
    }
}
