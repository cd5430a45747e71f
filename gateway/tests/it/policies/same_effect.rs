//! Whatever the store and whatever the draft, of precedence or of matching: what a dry run tells in numbers and in examples
//! is what the activation then does, and a dry run writes nothing.
//!
//! A town that goes on living is a store; each draft that is tried in it is a case.

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::{Field, RecordKind, opportunity};
use domain::ids::{GoldenId, PolicyDryRunId};
use domain::policies::PolicyKind;
use entity::accounts::golden_account;
use entity::contacts::golden_contact;
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use entity::policies::{dry_run, dry_run_example};
use gateway::golden::served::Served;
use gateway::golden::service;
use gateway::policies::Findings;
use mastering::golden_record::GoldenRecord;
use sea_orm::{
    ColumnTrait as _, DbBackend, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::{Value, json};

use super::counted::{self, State, check_example};
use super::dump::dump;
use super::{drafts, moved, town};
use crate::harness::{Chance, TestGateway, on_every_store};

/// Names how many drafts are tried on SQLite; a sixth of them on PostgreSQL.
const CASES: &str = "GATEWAY_TEST_DRY_RUNS";
const USUAL_CASES: usize = 120;
/// Drafts tried in one town.
const OF_ONE_TOWN: usize = 10;

const EFFECT: &str = "effect { records recordsChanged leadsRelinked fields { kind field values reasons }
    rules { kind before after count } writeBacks { system kind field count } merges { kind count }
    splits { kind count } tasks { task raised closed } }";

impl TestGateway {
    /// A version that somebody has approved.
    pub(super) async fn given_approved_draft(&self, kind: PolicyKind, document: &str) -> String {
        let input = json!({ "kind": kind.code(), "document": document });
        let author = self.as_staff(Role::DataSteward, "steward");
        let draft = author.change("draftPolicy", input, "policyVersion { id }").await;
        let id = draft.text_at("/draftPolicy/policyVersion/id").to_owned();
        author.change("submitPolicy", moved(&id), "policyVersion { id }").await.data();
        self.as_admin().change("approvePolicy", moved(&id), "policyVersion { id }").await.data();
        id
    }

    /// A dry run of a version, which changes nothing else.
    async fn tries(&self, version: &str) -> (PolicyDryRunId, Value) {
        let started =
            self.as_admin().change("startPolicyDryRun", moved(version), "policyDryRun { id }").await;
        let run = started.text_at("/startPolicyDryRun/policyDryRun/id").to_owned();
        let own = ["policy_dry_runs", "policy_dry_run_examples"];
        let unchanged = dump(&self.services.database, &own).await;
        self.services.run_job("policies.dry_runs").await.unwrap();
        assert_eq!(dump(&self.services.database, &own).await, unchanged);
        let question = format!("query Run($id: ID!) {{ policyDryRun(id: $id) {{ state {EFFECT} }} }}");
        let told = self.as_admin().ask_with(&question, json!({ "id": run })).await;
        assert_eq!(told.at("/policyDryRun/state"), "SUCCEEDED");
        (run.parse::<uuid::Uuid>().unwrap().into(), told.at("/policyDryRun/effect").clone())
    }

    async fn found(&self, run: PolicyDryRunId) -> (Findings, Vec<dry_run_example::Model>) {
        let db = self.services.database.read();
        let row = dry_run::Entity::find_by_id(run).one(db).await.unwrap().unwrap();
        let findings = serde_json::from_str(row.summary.as_deref().unwrap()).unwrap();
        let examples = dry_run_example::Entity::find().filter(dry_run_example::Column::DryRunId.eq(run));
        (findings, examples.all(db).await.unwrap())
    }
}

/// Tries a draft, activates it, and compares what was told with what has become.
async fn check(gateway: &TestGateway, kind: PolicyKind, document: &str, context: &str) -> Findings {
    let db = gateway.services.database.read();
    let version = gateway.given_approved_draft(kind, document).await;
    let (run, foreseen) = gateway.tries(&version).await;
    let old = gateway.services.mastering().engine(db).await.unwrap().policies;
    let before = State::of(db).await;
    let done = gateway.as_admin().change("activatePolicy", moved(&version), EFFECT).await;
    assert_eq!(done.at("/activatePolicy/effect"), &foreseen, "{context}");
    let new = gateway.services.mastering().engine(db).await.unwrap().policies;
    let after = State::of(db).await;
    let (told, examples) = gateway.found(run).await;
    let became = counted::between(&before, &after, [&old.precedence, &new.precedence]);
    assert_eq!(told, Findings { records: told.records, ..became }, "{context}: left told, right became");
    examples.iter().for_each(|it| check_example(it, &before, &after));
    check_served(gateway, &after).await;
    check_stands(gateway, &after, context).await;
    told
}

/// Served rows of every kind say what their traces say, in every column.
async fn check_served(gateway: &TestGateway, state: &State) {
    check_rows::<golden_lead::Entity>(gateway, state, RecordKind::Lead).await;
    check_rows::<golden_account::Entity>(gateway, state, RecordKind::Account).await;
    check_rows::<golden_contact::Entity>(gateway, state, RecordKind::Contact).await;
    check_rows::<golden_opportunity::Entity>(gateway, state, RecordKind::Opportunity).await;
}

async fn check_rows<E>(gateway: &TestGateway, state: &State, kind: RecordKind)
where
    E: EntityTrait + Served,
{
    let db = gateway.services.database.read();
    let ids: Vec<GoldenId> = E::find()
        .select_only()
        .column(E::ID)
        .filter(E::REDIRECT_TO.is_null())
        .order_by_asc(E::ID)
        .into_tuple()
        .all(db)
        .await
        .unwrap();
    let rows =
        E::find().filter(E::REDIRECT_TO.is_null()).order_by_asc(E::ID).into_json().all(db).await.unwrap();
    for (id, row) in ids.iter().zip(rows) {
        let trace = &state.records[id];
        kind.fields().for_each(|field| check_column(&row, field, trace));
    }
}

/// A value stands in the column of its name, a reference with its system; what has a form of its own is there or not.
fn check_column(row: &Value, field: Field, trace: &GoldenRecord) {
    // An amount of which nobody says the currency is in yen.
    let said = trace.text(field).or((field == opportunity::currency).then_some("JPY"));
    let column = |ending: &str| row.get(format!("{}{ending}", field.name()));
    let referred = || {
        let source = trace.settlement(field)?.source()?.system.clone();
        Some(format!("{source}/{}", said?))
    };
    match (column(""), column("_ref"), column("_id").or(column("_minor"))) {
        (Some(Value::String(served)), ..) => assert_eq!(Some(served.as_str()), said, "{field}"),
        (Some(Value::Bool(served)), ..) => assert_eq!(Some(served.to_string().as_str()), said, "{field}"),
        (Some(Value::Null), ..) => assert_eq!(said, None, "{field}"),
        (None, Some(served), _) => assert_eq!(served.as_str().map(str::to_owned), referred(), "{field}"),
        (None, None, Some(served)) => assert_eq!(served.is_null(), said.is_none(), "{field}"),
        other => panic!("{field} has no column: {other:?}"),
    }
}

/// Behind an activation nothing is left to do, and every golden record that lives has a trace.
async fn check_stands(gateway: &TestGateway, state: &State, context: &str) {
    let db = gateway.services.database.read();
    let engine = gateway.services.mastering().engine(db).await.unwrap();
    for kind in [RecordKind::Account, RecordKind::Contact, RecordKind::Lead] {
        let found = service::regrouped(db, &engine, kind, &service::AccountsAhead::default()).await.unwrap();
        assert_eq!((&found.merges, &found.splits), (&vec![], &vec![]), "{context}: {kind}");
    }
    assert_eq!(state.alive_without_trace(), [], "{context}");
}

/// A town, and drafts tried in it; gives what was found.
async fn try_in_town(gateway: &TestGateway, seed: u64, cases: usize) -> Vec<Findings> {
    let mut chance = Chance::seeded(seed);
    for _ in 0..25 {
        gateway.hears([town::anything(&mut chance)]).await;
    }
    let mut all = Vec::new();
    for case in 0..cases {
        gateway.let_pass(TimeDelta::hours(1));
        for _ in 0..chance.below(8) {
            gateway.hears([town::anything(&mut chance)]).await;
        }
        for _ in 0..chance.below(5) {
            gateway.let_pass(TimeDelta::minutes(1));
            town::somebody_acts(gateway, &mut chance).await;
        }
        gateway.let_pass(TimeDelta::minutes(1));
        let (kind, document) = match chance.once_in(3) {
            true => (PolicyKind::Precedence, drafts::precedence(&mut chance, case)),
            false => (PolicyKind::Matching, drafts::matching(&mut chance, case)),
        };
        all.push(check(gateway, kind, &document, &format!("town {seed}, case {case}, {kind}")).await);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dry_run_tells_is_what_the_activation_does() {
    let cases = std::env::var(CASES).map_or(USUAL_CASES, |it| it.parse().expect("a number of drafts"));
    let mut found = Vec::new();
    let found = tokio::sync::Mutex::new(&mut found);
    for town in 0..cases.div_ceil(OF_ONE_TOWN) {
        let cases = OF_ONE_TOWN.min(cases - town * OF_ONE_TOWN);
        on_every_store(async |gateway| {
            let is_postgres = gateway.services.database.read().get_database_backend() == DbBackend::Postgres;
            if !is_postgres || town % 6 == 0 {
                found.lock().await.extend(try_in_town(gateway, town as u64, cases).await);
            }
        })
        .await;
    }
    let found = found.into_inner();
    let some = |is: fn(&Findings) -> bool| found.iter().any(is);
    assert!(some(|it| !it.write_backs.is_empty()) && some(|it| it.records_changed > 0));
    assert!(some(|it| !it.merges.is_empty()) && some(|it| !it.splits.is_empty()));
    assert!(some(|it| it.leads_relinked > 0) && some(|it| it.tasks.len() > 1));
}
