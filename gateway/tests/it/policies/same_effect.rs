//! Whatever the records and whatever the change of policy: what a dry run tells is what the activation does, and a dry
//! run writes nothing.
//!
//! Many golden records in a store, each of which is a case, under many random policies.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::fields::{Field, RecordKind, lead, opportunity};
use domain::ids::GoldenId;
use entity::golden::settlement;
use mastering::golden_record::GoldenRecord;
use mastering::policy::DEFAULT_PRECEDENCE;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

use super::dump::dump;
use super::moved;
use crate::harness::{Said, TestGateway, instant, on_every_store};

const RECORDS: u64 = 200;
const POLICIES: u64 = 12;
const SYSTEMS: [&str; 4] = ["CRM", "OWN", "MA", "CSV"];

/// Numbers that the seed alone decides.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let place = self.below(of.len() as u64);
        &of[usize::try_from(place).unwrap()]
    }
}

/// What one to four systems say of one person, at few different times, with few different values: many ties.
fn leads(chance: &mut Chance, number: u64) -> Vec<Said> {
    let fields =
        [lead::phone, lead::title, lead::city, lead::postal_code, lead::score, lead::stage, lead::origin];
    let systems = SYSTEMS.iter().filter(|_| chance.below(3) > 0).collect::<Vec<_>>();
    let systems = if systems.is_empty() { vec![&SYSTEMS[0]] } else { systems };
    let mut said = Vec::new();
    for system in systems {
        let mut it = Said::lead(&format!("{system}-{number}"))
            .with(lead::last_name, &format!("佐藤{number}"))
            .with(lead::email, &format!("sato{number}@kyokuyo.example"))
            .by(system);
        for field in fields {
            it = match chance.below(4) {
                0 => it.without(field),
                1 => it.with(field, ""),
                _ => it.with(field, value(chance, field)),
            };
        }
        let consent = *chance.one_of(&["true", "false", ""]);
        it = it.with(lead::consent_to_share, consent);
        said.push(it.modified(
            instant("2026-05-01T00:00:00Z") + TimeDelta::days(chance.below(3).try_into().unwrap()),
        ));
    }
    said
}

fn value(chance: &mut Chance, field: Field) -> &'static str {
    let values: &[&str] = match field.name() {
        "phone" => &["03-1234-5678", "0312345678", "03-9999-0000"],
        "score" => &["10", "20"],
        _ => &["一", "二"],
    };
    chance.one_of::<&str>(values)
}

/// The built-in policy with other ranks, masters, strategies, meanings of empty, groups and write directions.
fn policy(chance: &mut Chance, number: u64) -> String {
    let mut ranks = SYSTEMS.to_vec();
    for last in (1..ranks.len()).rev() {
        ranks.swap(last, usize::try_from(chance.below(last as u64 + 1)).unwrap());
    }
    let ranks: Vec<String> = ranks.iter().enumerate().map(|(at, it)| format!("{it} = {}", at + 1)).collect();
    let mut document: toml::Table = DEFAULT_PRECEDENCE.parse().unwrap();
    document["version"] = format!("try-{number}").into();
    document["ranks"] = ranks.join("\n").parse::<toml::Table>().unwrap().into();
    let lead = document["lead"].as_table_mut().unwrap();
    for name in ["phone", "title", "address", "score", "stage", "origin"] {
        if chance.below(2) == 0 {
            lead["rules"].as_table_mut().unwrap().insert(name.to_owned(), rule(chance).into());
        }
    }
    if chance.below(2) == 0 {
        lead["otherwise"] = rule(chance).into();
    }
    toml::to_string(&document).unwrap()
}

fn rule(chance: &mut Chance) -> toml::Table {
    let mut strategies = vec!["RECENCY", "SOURCE_RANK", "COMPLETENESS", "SET_ONCE"];
    strategies.rotate_left(usize::try_from(chance.below(4)).unwrap());
    strategies.truncate(usize::try_from(chance.below(4)).unwrap());
    let mut rule = toml::Table::new();
    rule.insert("strategies".to_owned(), strategies.into());
    rule.insert("null".to_owned(), (*chance.one_of(&["IGNORE", "WINS", "NEVER"])).into());
    if chance.below(2) == 0 {
        rule.insert("master".to_owned(), (*chance.one_of(&SYSTEMS)).into());
    }
    if chance.below(2) == 0 {
        rule.insert("write_to".to_owned(), vec![*chance.one_of(&["CRM", "MA"])].into());
    }
    rule
}

async fn traces(gateway: &TestGateway) -> BTreeMap<GoldenId, GoldenRecord> {
    let rows = settlement::Entity::find().all(gateway.services.database.read()).await.unwrap();
    rows.into_iter().map(|it| (it.golden_id, GoldenRecord::from_trace(it.kind, &it.trace).unwrap())).collect()
}

/// What differs between two states of the store, counted from the stored traces alone.
fn counted(
    before: &BTreeMap<GoldenId, GoldenRecord>,
    after: &BTreeMap<GoldenId, GoldenRecord>,
) -> BTreeMap<String, (i64, i64)> {
    let mut counts: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    assert!(before.keys().eq(after.keys()), "no record comes or goes");
    for (before, after) in before.values().zip(after.values()) {
        for field in before.kind().fields() {
            let (b, a) = (before.settlement(field), after.settlement(field));
            let count = counts.entry(format!("{}.{field}", field.record())).or_default();
            if b.and_then(|it| it.value.as_ref()) != a.and_then(|it| it.value.as_ref()) {
                count.0 += 1;
            } else if b.map(|it| (it.source(), it.step)) != a.map(|it| (it.source(), it.step)) {
                count.1 += 1;
            }
        }
    }
    counts.retain(|_, it| *it != (0, 0));
    counts
}

fn told(effect: &Value) -> BTreeMap<String, (i64, i64)> {
    let number = |it: &Value| it.as_i64().unwrap();
    let field = |it: &Value| {
        let place = format!("{}.{}", it["kind"].as_str().unwrap(), it["field"].as_str().unwrap());
        (place, (number(&it["values"]), number(&it["reasons"])))
    };
    effect["fields"].as_array().unwrap().iter().map(field).collect()
}

/// Served rows say what their traces say.
async fn check_served(gateway: &TestGateway) {
    let traces = traces(gateway).await;
    let rows =
        entity::leads::golden_lead::Entity::find().all(gateway.services.database.read()).await.unwrap();
    for row in rows.iter().filter(|it| it.redirect_to.is_none()) {
        let trace = &traces[&row.id];
        for (served, field) in [
            (&row.phone, lead::phone),
            (&row.title, lead::title),
            (&row.city, lead::city),
            (&row.score, lead::score),
            (&row.stage, lead::stage),
            (&row.origin, lead::origin),
        ] {
            assert_eq!(served.as_deref(), trace.text(field), "{field}");
        }
    }
}

const EFFECT: &str = "effect { records recordsChanged fields { kind field values reasons }
    rules { kind before after count } writeBacks { system kind field count } }";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dry_run_tells_is_what_the_activation_does() {
    on_every_store(async |gateway| {
        let mut chance = Chance(7);
        for number in 0..RECORDS {
            gateway.hears_at_once(leads(&mut chance, number)).await;
        }
        let deal = Said::opportunity("1", "冷凍庫").with(opportunity::loss_reason, "価格");
        gateway.hears([deal.clone(), deal.by("OWN").with(opportunity::loss_reason, "")]).await;
        assert!(gateway.id_of(RecordKind::Opportunity, "1").await.len() > 1);
        for number in 0..POLICIES {
            let version = gateway.given_approved(&policy(&mut chance, number)).await;
            let input = moved(&version);
            let started = gateway.as_admin().change("startPolicyDryRun", input, "policyDryRun { id }").await;
            let run = started.text_at("/startPolicyDryRun/policyDryRun/id").to_owned();
            let own = ["policy_dry_runs", "policy_dry_run_examples"];
            let unchanged = dump(&gateway.services.database, &own).await;
            gateway.services.run_job("policies.dry_runs").await.unwrap();
            assert_eq!(dump(&gateway.services.database, &own).await, unchanged);
            let question = format!("query Run($id: ID!) {{ policyDryRun(id: $id) {{ {EFFECT} }} }}");
            let foreseen = gateway.as_admin().ask_with(&question, json!({ "id": run })).await;
            let foreseen = foreseen.at("/policyDryRun/effect").clone();
            let before = traces(gateway).await;
            let done = gateway.as_admin().change("activatePolicy", moved(&version), EFFECT).await;
            assert_eq!(done.at("/activatePolicy/effect"), &foreseen);
            let after = traces(gateway).await;
            assert_eq!(told(&foreseen), counted(&before, &after), "policy {number}");
            check_served(gateway).await;
        }
    })
    .await;
}
