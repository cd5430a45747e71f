//! The worked examples of the specification: Lead.phone is RECENCY, then SOURCE_RANK; times are UTC.

use domain::fields::{Field, RecordKind, account, lead, opportunity};
use domain::sources::{SourceKey, Values};

use super::field_states::FieldStates;
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
    let facts: Vec<_> =
        told.iter().map(|it| SourceFacts { key: &it.key, states: &it.states, is_live: it.is_live }).collect();
    resolve(&PrecedencePolicy::default(), kind, &facts)
}

#[track_caller]
fn check(field: Field, told: &[Told], value: Option<&str>, winner: &str, step: Step) {
    let golden = golden(field.record(), told);
    let settlement = golden.settlement(field).unwrap();
    assert_eq!(
        (settlement.value.as_deref(), settlement.winner.system.code(), settlement.step),
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
    let golden = resolve(&policy, RecordKind::Account, &facts);
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
