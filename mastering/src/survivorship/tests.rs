//! The worked examples of the specification: Lead.phone is RECENCY, then SOURCE_RANK; times are UTC.

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind, account, lead, opportunity};
use domain::holds::HoldKind;
use domain::ids::HoldId;
use domain::sources::{SourceKey, Values};

use super::field_states::FieldStates;
use super::holds::{Hold, Holds, Kept};
use super::steps::Step;
use super::{Sighting, SourceFacts, observe, resolve};
use crate::golden_record::GoldenRecord;
use crate::policy::PrecedencePolicy;

/// A source record that is told about, time after time.
struct Told {
    key: SourceKey,
    states: FieldStates,
    is_live: bool,
}

fn source(system: &str) -> Told {
    let key = SourceKey {
        system: system.parse().unwrap(),
        object: "Record".to_owned(),
        external_id: format!("{system}-1"),
    };
    Told { key, states: FieldStates::default(), is_live: true }
}

impl Told {
    fn says(self, at: &str, entries: &[(Field, &str)]) -> Self {
        self.says_and_is_seen(at, "2026-12-31T00:00:00Z", entries)
    }

    fn says_and_is_seen(mut self, at: &str, seen: &str, entries: &[(Field, &str)]) -> Self {
        let values: Values =
            entries.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect();
        let sighting =
            Sighting { modified_at: at.parse().unwrap(), observed_at: seen.parse().unwrap(), sequence: 1 };
        self.states = observe(Some(&self.states), &values, sighting).states;
        self
    }

    fn deleted(self) -> Self {
        Self { is_live: false, ..self }
    }
}

fn golden(kind: RecordKind, told: &[Told]) -> GoldenRecord {
    held_golden(kind, told, &Holds::default())
}

fn held_golden(kind: RecordKind, told: &[Told], holds: &Holds) -> GoldenRecord {
    let facts: Vec<_> =
        told.iter().map(|it| SourceFacts { key: &it.key, states: &it.states, is_live: it.is_live }).collect();
    resolve(&PrecedencePolicy::default(), kind, &facts, holds)
}

#[track_caller]
fn check(field: Field, told: &[Told], value: Option<&str>, winner: &str, step: Step) {
    let golden = golden(field.record(), told);
    let settlement = golden.settlement(field).unwrap();
    assert_eq!(
        (settlement.value.as_deref(), settlement.source().unwrap().system.code(), settlement.step),
        (value, winner, step)
    );
}

#[test]
fn a_the_later_of_two_spellings_is_served() {
    let told = [
        source("CRM").says("2026-06-01T01:00:00Z", &[(lead::phone, "03-1234-5678")]),
        source("OWN").says("2026-06-02T00:00:00Z", &[(lead::phone, "0312345678")]),
    ];
    check(lead::phone, &told, Some("0312345678"), "OWN", Step::Recency);
    assert!(crate::equivalence::same(lead::phone, Some("03-1234-5678"), Some("0312345678")));
}

#[test]
fn b_a_clock_in_the_future_wins_only_until_somebody_else_edits() {
    let clamped = || {
        source("MA").says_and_is_seen(
            "2027-01-01T00:00:00Z",
            "2026-06-03T00:00:00Z",
            &[(lead::phone, "03-9999-0000")],
        )
    };
    let own = source("OWN").says("2026-06-02T00:00:00Z", &[(lead::phone, "0312345678")]);
    let told = [clamped(), own];
    check(lead::phone, &told, Some("03-9999-0000"), "MA", Step::Recency);
    assert!(golden(RecordKind::Lead, &told).settlement(lead::phone).unwrap().origin.clock_skew);
    let told = [clamped(), source("OWN").says("2026-06-04T00:00:00Z", &[(lead::phone, "03-1111-2222")])];
    check(lead::phone, &told, Some("03-1111-2222"), "OWN", Step::Recency);
}

#[test]
fn c_within_the_same_second_the_better_source_wins() {
    let told = [
        source("CRM").says("2026-06-05T03:00:00Z", &[(lead::phone, "03-1234-5678")]),
        source("OWN").says("2026-06-05T03:00:00.700Z", &[(lead::phone, "03-1111-2222")]),
    ];
    check(lead::phone, &told, Some("03-1234-5678"), "CRM", Step::SourceRank);
}

#[test]
fn d_an_empty_value_is_ignored_or_wins_as_the_policy_says() {
    let told = [
        source("CRM").says("2026-06-06T00:00:00Z", &[(lead::phone, "")]),
        source("OWN").says("2026-06-02T00:00:00Z", &[(lead::phone, "0312345678")]),
    ];
    check(lead::phone, &told, Some("0312345678"), "OWN", Step::OnlySource);
    let golden = golden(RecordKind::Lead, &told);
    assert_eq!(golden.settlement(lead::phone).unwrap().losers[0].step, Step::NullIgnored);
    let told = [
        source("CRM").says("2026-06-06T00:00:00Z", &[(opportunity::loss_reason, "-")]),
        source("OWN").says("2026-06-07T00:00:00Z", &[(opportunity::loss_reason, "価格")]),
    ];
    check(opportunity::loss_reason, &told, None, "CRM", Step::Master);
}

/// A pin or lock made at midnight of a day in June.
fn hold(kind: HoldKind, field: Field, day: u32, kept: impl FnOnce(DateTime<Utc>) -> Kept) -> Hold {
    let at = format!("2026-06-{day:02}T00:00:00Z").parse().unwrap();
    Hold { id: HoldId(uuid::Uuid::from_u128(day.into())), kind, field, at, kept: kept(at) }
}

/// A person gives the field a value; the rest of its unit stays as it is served.
fn pin(field: Field, value: &str, day: u32, told: &[Told]) -> Hold {
    let value = field.canonical(value).unwrap();
    hold(HoldKind::Pin, field, day, |at| kept(field, told).with(field, value, at, 0))
}

fn lock(field: Field, day: u32, told: &[Told]) -> Hold {
    hold(HoldKind::Lock, field, day, |_| kept(field, told))
}

fn kept(field: Field, told: &[Told]) -> Kept {
    Kept::of(&golden(field.record(), told), PrecedencePolicy::default().unit(field))
}

#[test]
fn e_a_pinned_value_is_served_until_the_pin_is_taken_off() {
    let crm = |at, phone| source("CRM").says(at, &[(lead::phone, phone)]);
    let before = [crm("2026-06-01T00:00:00Z", "03-1234-5678")];
    let pinned = Holds::new(vec![pin(lead::phone, "03-0000-1111", 7, &before)]);
    let told = [crm("2026-06-09T00:00:00Z", "03-9999-2222")];
    let served = held_golden(RecordKind::Lead, &told, &pinned);
    let phone = served.settlement(lead::phone).unwrap();
    assert_eq!((phone.value.as_deref(), phone.source(), phone.step), (Some("03-0000-1111"), None, Step::Pin));
    let (loser, step) = phone.would_win().unwrap();
    assert_eq!(
        (loser.value.as_deref(), loser.step, step),
        (Some("03-9999-2222"), Step::Pin, Step::OnlySource)
    );
    check(lead::phone, &told, Some("03-9999-2222"), "CRM", Step::OnlySource);
}

#[test]
fn f_a_locked_value_stays_whatever_is_edited_until_the_lock_ends() {
    let crm = || source("CRM").says("2026-06-01T00:00:00Z", &[(lead::phone, "03-1234-5678")]);
    let own = |at, phone| source("OWN").says(at, &[(lead::phone, phone)]);
    let locked = Holds::new(vec![lock(lead::phone, 10, &[crm()])]);
    let edits = [own("2026-06-12T00:00:00Z", "03-1111-2222"), own("2026-06-15T00:00:00Z", "03-3333-4444")];
    for edited in edits {
        let told = [crm(), edited];
        let served = held_golden(RecordKind::Lead, &told, &locked);
        let phone = served.settlement(lead::phone).unwrap();
        assert_eq!((phone.value.as_deref(), phone.step), (Some("03-1234-5678"), Step::Lock));
        assert_eq!(phone.source().unwrap().system.code(), "CRM");
    }
    let told = [crm(), own("2026-06-15T00:00:00Z", "03-3333-4444")];
    check(lead::phone, &told, Some("03-3333-4444"), "OWN", Step::Recency);
}

#[test]
fn a_pin_comes_before_a_lock() {
    let told = [source("CRM").says("2026-06-01T00:00:00Z", &[(lead::phone, "03-1234-5678")])];
    let (pin, lock) = (pin(lead::phone, "03-0000-1111", 7, &told), lock(lead::phone, 8, &told));
    for holds in [vec![pin.clone(), lock.clone()], vec![lock, pin]] {
        let served = held_golden(RecordKind::Lead, &told, &Holds::new(holds));
        assert_eq!(served.settlement(lead::phone).unwrap().step, Step::Pin);
    }
}

#[test]
fn pinning_one_part_of_an_address_keeps_the_others_as_they_are() {
    let address = |at, postal_code, city| {
        source("CRM").says(at, &[(lead::postal_code, postal_code), (lead::city, city)])
    };
    let before = [address("2026-06-01T00:00:00Z", "107-0062", "港区")];
    let pinned = Holds::new(vec![pin(lead::postal_code, "107-0052", 7, &before)]);
    let moved = [address("2026-06-09T00:00:00Z", "530-0001", "大阪市北区")];
    let served = held_golden(RecordKind::Lead, &moved, &pinned);
    assert_eq!((served.text(lead::postal_code), served.text(lead::city)), (Some("107-0052"), Some("港区")));
    let city = served.settlement(lead::city).unwrap();
    assert_eq!((city.step, city.source().unwrap().system.code()), (Step::Pin, "CRM"));
    assert_eq!(city.would_win().unwrap().0.value.as_deref(), Some("大阪市北区"));
}

#[test]
fn a_field_that_no_source_knows_can_be_pinned() {
    let told = [source("CRM").says("2026-06-01T00:00:00Z", &[(lead::company, "極洋")])];
    let served = held_golden(RecordKind::Lead, &told, &Holds::new(vec![pin(lead::title, "部長", 7, &told)]));
    let title = served.settlement(lead::title).unwrap();
    assert_eq!((title.value.as_deref(), title.would_win()), (Some("部長"), None));
}

#[test]
fn what_is_held_survives_its_stored_forms() {
    let told = [
        source("CRM").says("2026-06-01T00:00:00Z", &[(lead::postal_code, "107-0062"), (lead::city, "港区")]),
        source("MA").says("2026-05-01T00:00:00Z", &[(lead::city, "千代田区")]),
    ];
    let hold = pin(lead::postal_code, "", 7, &told);
    assert_eq!(Kept::from_json(RecordKind::Lead, &hold.kept.to_json()).unwrap(), hold.kept);
    let served = held_golden(RecordKind::Lead, &told, &Holds::new(vec![hold]));
    let trace = served.to_trace();
    assert_eq!(GoldenRecord::from_trace(RecordKind::Lead, &trace).unwrap(), served, "{trace}");
    assert!(crate::canonical::line(&served).contains(r#""winner":null,"instead":"RECENCY","step":"PIN""#));
}

#[test]
fn g_touching_another_field_does_not_renew_the_phone() {
    let crm = source("CRM")
        .says("2026-06-01T01:00:00Z", &[(lead::phone, "03-1234-5678"), (lead::title, "部長")])
        .says("2026-06-10T00:00:00Z", &[(lead::phone, "03-1234-5678"), (lead::title, "課長")]);
    let own = source("OWN").says("2026-06-02T00:00:00Z", &[(lead::phone, "03-1111-2222")]);
    check(lead::phone, &[crm, own], Some("03-1111-2222"), "OWN", Step::Recency);
}

#[test]
fn i_the_more_complete_address_wins_whole() {
    let text = include_str!("../../policies/precedence.toml").replacen(
        "[account.rules]",
        "[account.rules]\naddress = { strategies = [\"COMPLETENESS\"], null = \"IGNORE\" }",
        1,
    );
    let policy = PrecedencePolicy::parse(&text).unwrap();
    let told = [
        source("CRM").says("2026-06-09T00:00:00Z", &[(account::postal_code, "100-0005")]),
        source("OWN").says(
            "2026-06-01T00:00:00Z",
            &[
                (account::postal_code, "107-0062"),
                (account::region, "東京都"),
                (account::city, "港区"),
                (account::street, "南青山1-1"),
            ],
        ),
    ];
    let facts: Vec<_> =
        told.iter().map(|it| SourceFacts { key: &it.key, states: &it.states, is_live: true }).collect();
    let golden = resolve(&policy, RecordKind::Account, &facts, &Holds::default());
    assert_eq!(golden.text(account::postal_code), Some("107-0062"));
    assert_eq!(golden.text(account::region), Some("東京都"));
    let postal_code = golden.settlement(account::postal_code).unwrap();
    assert_eq!((postal_code.step, postal_code.losers[0].step), (Step::Completeness, Step::Completeness));
}

#[test]
fn a_group_is_never_mixed() {
    let told = [
        source("CRM").says("2026-06-01T00:00:00Z", &[(account::postal_code, "100-0005")]),
        source("OWN").says("2026-06-09T00:00:00Z", &[(account::city, "港区")]),
    ];
    let golden = golden(RecordKind::Account, &told);
    assert_eq!(golden.text(account::postal_code), Some("100-0005"));
    assert_eq!(golden.text(account::city), None);
    assert_eq!(golden.settlement(account::city).unwrap().losers[0].value.as_deref(), Some("港区"));
}

#[test]
fn consent_is_what_the_most_restrictive_source_says_and_silence_is_no() {
    let yes = || source("CRM").says("2026-06-01T00:00:00Z", &[(lead::consent_to_share, "true")]);
    check(lead::consent_to_share, &[yes()], Some("true"), "CRM", Step::OnlySource);
    let no = source("CSV").says("2026-05-01T00:00:00Z", &[(lead::consent_to_share, "false")]);
    check(lead::consent_to_share, &[yes(), no], Some("false"), "CSV", Step::MostRestrictive);
    let empty = source("CSV").says("2026-05-01T00:00:00Z", &[(lead::consent_to_share, "")]);
    check(lead::consent_to_share, &[yes(), empty], None, "CSV", Step::MostRestrictive);
}

#[test]
fn our_stage_counts_where_we_have_one_and_the_crms_where_not() {
    let crm = || source("CRM").says("2026-06-09T00:00:00Z", &[(lead::stage, "NEW")]);
    check(lead::stage, &[crm()], Some("NEW"), "CRM", Step::OnlySource);
    let own = source("OWN").says("2026-06-01T00:00:00Z", &[(lead::stage, "WORKING")]);
    check(lead::stage, &[crm(), own], Some("WORKING"), "OWN", Step::Master);
}

#[test]
fn a_system_without_a_rank_comes_after_all_others() {
    let at = "2026-06-01T00:00:00Z";
    let told = [
        source("ZETA").says(at, &[(lead::phone, "03-1234-5678")]),
        source("ALFA").says(at, &[(lead::phone, "03-1111-2222")]),
        source("CSV").says(at, &[(lead::phone, "03-3333-4444")]),
    ];
    check(lead::phone, &told, Some("03-3333-4444"), "CSV", Step::SourceRank);
    check(lead::phone, &told[..2], Some("03-1111-2222"), "ALFA", Step::SourceRank);
}

#[test]
fn deleted_records_do_not_compete() {
    let told = [
        source("CRM").says("2026-06-01T00:00:00Z", &[(lead::phone, "03-1234-5678")]),
        source("OWN").says("2026-06-09T00:00:00Z", &[(lead::phone, "03-1111-2222")]).deleted(),
    ];
    check(lead::phone, &told, Some("03-1234-5678"), "CRM", Step::OnlySource);
    assert_eq!(golden(RecordKind::Lead, &told).sources().len(), 1);
}

#[test]
fn a_golden_record_survives_its_trace() {
    let told = [
        source("CRM").says("2026-06-01T00:00:00Z", &[(lead::phone, "03-1234-5678"), (lead::title, "")]),
        source("OWN").says("2026-06-09T00:00:00Z", &[(lead::phone, "03-1111-2222"), (lead::company, "極洋")]),
    ];
    let golden = golden(RecordKind::Lead, &told);
    let trace = golden.to_trace();
    assert_eq!(GoldenRecord::from_trace(RecordKind::Lead, &trace).unwrap(), golden, "{trace}");
    assert!(GoldenRecord::from_trace(RecordKind::Lead, "{}").is_err());
}

#[test]
fn the_canonical_line_knows_no_time_of_observing() {
    let told = |seen| {
        [source("CRM").says_and_is_seen("2026-06-01T00:00:00Z", seen, &[(lead::phone, "03-1234-5678")])]
    };
    let line = |seen| crate::canonical::line(&golden(RecordKind::Lead, &told(seen)));
    assert_eq!(line("2026-06-02T00:00:00Z"), line("2026-06-03T00:00:00Z"));
    assert!(line("2026-06-02T00:00:00Z").contains(r#""step":"ONLY_SOURCE""#));
}
