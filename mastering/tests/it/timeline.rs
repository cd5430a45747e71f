//! The life of a golden record: each change is put down to what made it, and what is served last follows from all.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::{Field, RecordKind, lead};
use domain::holds::HoldKind;
use domain::ids::HoldId;
use domain::sources::{SourceKey, Values};
use mastering::history::timeline::{DatedHold, DatedPolicy, Life, Membership, Witness, timeline};
use mastering::history::{AsOf, Replay, StoredObservation};
use mastering::policy::PrecedencePolicy;
use mastering::survivorship::holds::{Hold, Holds, Kept};
use mastering::survivorship::{Sighting, SourceFacts, resolve};
use proptest::prelude::*;

fn day(number: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + number)
}

fn key(system: &str) -> SourceKey {
    SourceKey { system: system.parse().unwrap(), object: "Lead".to_owned(), external_id: "1".to_owned() }
}

fn said(on: i64, sequence: i64, values: &[(Field, &str)]) -> StoredObservation {
    let values = values.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect();
    let sighting = Sighting { modified_at: day(on), observed_at: day(on), sequence };
    StoredObservation { values, sighting, is_deleted: false, back_to: None, is_erased: false }
}

fn gone(on: i64, sequence: i64) -> StoredObservation {
    StoredObservation { is_deleted: true, ..said(on, sequence, &[]) }
}

/// A lead of the CRM that is seen on the first day, and another one that joins it.
fn life(crm: Vec<StoredObservation>, other: Vec<StoredObservation>, since: i64, until: Option<i64>) -> Life {
    let is_first = other.first().is_some_and(|it| it.sighting.observed_at == day(since));
    Life {
        records: vec![
            Witness { key: key("CRM"), observations: crm },
            Witness { key: key("MA"), observations: other },
        ],
        memberships: vec![
            Membership { record: 0, since: day(1), until: None, is_first: true },
            Membership { record: 1, since: day(since), until: until.map(day), is_first },
        ],
        holds: Vec::new(),
        policies: vec![DatedPolicy { since: day(0), policy: Arc::default() }],
    }
}

/// The changes of the phone: on which day, to what, and why.
#[track_caller]
fn check(life: &Life, expected: &[(i64, Option<&str>, &str)]) {
    let changes = timeline(RecordKind::Lead, life);
    let of_phone = changes.iter().filter(|it| it.field == lead::phone).map(|it| {
        let value = it.settlement.as_ref().and_then(|it| it.value.as_deref());
        ((it.recorded_at - day(0)).num_days(), value, it.cause.code())
    });
    assert_eq!(of_phone.collect::<Vec<_>>(), expected);
}

#[test]
fn a_value_is_first_seen_and_then_changes() {
    let crm = vec![said(1, 1, &[(lead::phone, "03-1")]), said(5, 2, &[(lead::phone, "03-2")])];
    check(
        &life(crm, Vec::new(), 9, None),
        &[(1, Some("03-1"), "FIRST_SEEN"), (5, Some("03-2"), "OBSERVATION")],
    );
}

#[test]
fn what_changes_elsewhere_or_loses_is_no_change() {
    let crm = vec![said(1, 1, &[(lead::phone, "03-1")]), said(5, 3, &[(lead::title, "部長")])];
    let older = StoredObservation {
        sighting: Sighting { modified_at: day(0), observed_at: day(4), sequence: 2 },
        ..said(4, 2, &[(lead::phone, "03-9")])
    };
    check(&life(crm, vec![older], 4, None), &[(1, Some("03-1"), "FIRST_SEEN")]);
}

#[test]
fn a_record_that_comes_from_elsewhere_is_a_merge_and_one_that_goes_an_unmerge() {
    let crm = vec![said(1, 1, &[(lead::phone, "03-1")])];
    let other = vec![said(2, 2, &[(lead::phone, "03-2")])];
    let expected =
        [(1, Some("03-1"), "FIRST_SEEN"), (5, Some("03-2"), "MERGE"), (7, Some("03-1"), "UNMERGE")];
    check(&life(crm, other, 5, Some(7)), &expected);
}

#[test]
fn a_new_record_of_another_source_is_an_observation() {
    let crm = vec![said(1, 1, &[(lead::phone, "03-1")])];
    let other = vec![said(5, 2, &[(lead::phone, "03-2")])];
    let expected = [(1, Some("03-1"), "FIRST_SEEN"), (5, Some("03-2"), "OBSERVATION")];
    check(&life(crm, other, 5, None), &expected);
}

#[test]
fn what_is_left_after_a_deletion_is_put_down_to_it() {
    let crm = vec![said(1, 1, &[(lead::phone, "03-1")])];
    let other = vec![said(5, 2, &[(lead::phone, "03-2")]), gone(6, 3)];
    let expected =
        [(1, Some("03-1"), "FIRST_SEEN"), (5, Some("03-2"), "OBSERVATION"), (6, Some("03-1"), "DELETION")];
    check(&life(crm, other, 5, None), &expected);
}

#[test]
fn a_record_that_every_source_deleted_keeps_its_last_values() {
    let deleted = vec![said(1, 1, &[(lead::phone, "03-1")]), gone(3, 2)];
    check(&life(deleted.clone(), Vec::new(), 9, None), &[(1, Some("03-1"), "FIRST_SEEN")]);
    let back = [deleted, vec![said(6, 3, &[(lead::phone, "03-2")])]].concat();
    let expected = [(1, Some("03-1"), "FIRST_SEEN"), (6, Some("03-2"), "OBSERVATION")];
    check(&life(back, Vec::new(), 9, None), &expected);
}

#[test]
fn a_pin_holds_until_it_is_taken_off() {
    let crm = vec![said(1, 1, &[(lead::phone, "03-1")]), said(5, 2, &[(lead::phone, "03-2")])];
    let mut life = life(crm, Vec::new(), 9, None);
    let kept = Kept::default().with(lead::phone, Some("03-9".to_owned()), day(3), 9);
    let hold =
        Hold { id: HoldId(uuid::Uuid::nil()), kind: HoldKind::Pin, field: lead::phone, at: day(3), kept };
    life.holds = vec![DatedHold { hold, since: day(3), until: Some(day(7)) }];
    let expected = [(1, Some("03-1"), "FIRST_SEEN"), (3, Some("03-9"), "PIN"), (7, Some("03-2"), "RELEASE")];
    check(&life, &expected);
}

#[test]
fn another_policy_settles_from_its_activation_on() {
    let crm = vec![said(1, 1, &[(lead::phone, "03-1")])];
    let other = vec![said(5, 2, &[(lead::phone, "03-2")])];
    let mut life = life(crm, other, 5, None);
    let text = include_str!("../../policies/precedence.toml")
        .replace("[lead.rules]", "[lead.rules]\nphone = { master = \"CRM\", null = \"IGNORE\" }");
    let policy = Arc::new(PrecedencePolicy::parse(&text).unwrap());
    life.policies.push(DatedPolicy { since: day(8), policy });
    let expected =
        [(1, Some("03-1"), "FIRST_SEEN"), (5, Some("03-2"), "OBSERVATION"), (8, Some("03-1"), "POLICY")];
    check(&life, &expected);
}

prop_compose! {
    fn observation()(
        phone in prop::option::of(0u8..3),
        title in prop::option::of(0u8..3),
        modified in 0i64..30,
        is_deleted in prop::bool::weighted(0.1),
        pause in 0i64..4,
    ) -> (Values, i64, bool, i64) {
        let said = [(lead::phone, phone), (lead::title, title)];
        let values = said.into_iter().filter_map(|(field, it)| Some((field, Some(format!("0{}", it?)))));
        (values.collect(), modified, is_deleted, pause)
    }
}

prop_compose! {
    fn witness(system: &'static str)(
        told in prop::collection::vec(observation(), 1..6),
        first in 0i64..10,
        since in 0i64..20,
        length in prop::option::of(0i64..20),
    ) -> (Witness, i64, Option<i64>) {
        let mut on = first;
        let observations = told.into_iter().zip(1..).map(|((values, modified, is_deleted, pause), sequence)| {
            on += pause;
            let sighting = Sighting { modified_at: day(modified), observed_at: day(on), sequence };
            StoredObservation { values, sighting, is_deleted, back_to: None, is_erased: false }
        });
        let witness = Witness { key: key(system), observations: observations.collect() };
        (witness, since, length.map(|it| since + it))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_last_change_of_each_field_is_what_is_served(
        witnesses in (witness("CRM"), witness("MA"), witness("OWN")),
    ) {
        let witnesses = [witnesses.0, witnesses.1, witnesses.2];
        let memberships = (0..).zip(&witnesses).map(|(record, (witness, since, until))| Membership {
            record,
            since: day(*since),
            until: until.map(day),
            is_first: witness.observations[0].sighting.observed_at == day(*since),
        });
        let life = Life {
            memberships: memberships.collect(),
            records: witnesses.iter().map(|it| it.0.clone()).collect(),
            holds: Vec::new(),
            policies: vec![DatedPolicy { since: day(0), policy: Arc::default() }],
        };
        let changes = timeline(RecordKind::Lead, &life);
        let members = life.memberships.iter().filter(|it| it.until.is_none()).map(|it| &life.records[it.record]);
        let replays: Vec<_> =
            members.map(|it| (&it.key, Replay::of(&it.observations, AsOf::instant(day(99))))).collect();
        let facts: Vec<SourceFacts<'_>> = replays
            .iter()
            .map(|(key, it)| SourceFacts { key, states: it.states(), is_live: it.is_live() })
            .collect();
        prop_assume!(facts.iter().any(|it| it.is_live));
        let served = resolve(&PrecedencePolicy::default(), RecordKind::Lead, &facts, &Holds::default());
        for field in [lead::phone, lead::title] {
            let last = changes.iter().rfind(|it| it.field == field).and_then(|it| it.settlement.as_ref());
            prop_assert_eq!(last.and_then(|it| it.value.as_deref()), served.text(field));
        }
        for pair in changes.windows(2) {
            prop_assert!((pair[0].recorded_at, pair[0].field) < (pair[1].recorded_at, pair[1].field));
        }
    }
}
