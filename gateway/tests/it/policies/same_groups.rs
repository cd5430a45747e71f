//! Whatever the change of the matching policy: what a dry run tells of merges, splits, questions and values is what the
//! activation does, and a dry run writes nothing.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::fields::RecordKind;
use domain::review::ReviewState;
use entity::golden::{record_link, settlement};
use entity::review::review_task;
use gateway::golden::service;
use mastering::policy::DEFAULT_MATCHING;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::dump::dump;
use super::moved;
use crate::grouping::somebody;
use crate::harness::{Chance, TestGateway, on_every_store};

const PEOPLE: usize = 80;
const POLICIES: usize = 6;
const EFFECT: &str = "effect { records recordsChanged fields { kind field values reasons }
    merges { kind count } splits { kind count } tasks { task raised closed } }";

/// The built-in policy with other thresholds and cares.
fn policy(chance: &mut Chance, number: usize) -> String {
    let mut document: toml::Table = DEFAULT_MATCHING.parse().unwrap();
    document["version"] = format!("try-{number}").into();
    document["careful_within_system"] = chance.once_in(2).into();
    document["independent_identifiers"] = i64::try_from(1 + chance.below(3)).unwrap().into();
    document["hub_names"] = i64::try_from(2 + chance.below(6)).unwrap().into();
    document["clear_difference"] = (-i64::try_from(10 + chance.below(40)).unwrap()).into();
    toml::to_string(&document).unwrap()
}

impl TestGateway {
    async fn given_approved_matching(&self, document: &str) -> String {
        let input = json!({ "kind": "MATCHING", "document": document });
        let author = self.as_staff(domain::access::Role::DataSteward, "steward");
        let draft = author.change("draftPolicy", input, "policyVersion { id }").await;
        let id = draft.text_at("/draftPolicy/policyVersion/id").to_owned();
        author.change("submitPolicy", moved(&id), "policyVersion { id }").await.data();
        self.as_admin().change("approvePolicy", moved(&id), "policyVersion { id }").await.data();
        id
    }

    /// Golden records that are served, and questions that wait for an answer.
    async fn standing(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let db = self.services.database.read();
        let goldens = settlement::Entity::find().all(db).await.unwrap();
        let waiting = review_task::Column::State.is_in([ReviewState::Open, ReviewState::Claimed]);
        let tasks = review_task::Entity::find().filter(waiting).all(db).await.unwrap();
        (
            goldens.into_iter().map(|it| it.golden_id.to_string()).collect(),
            tasks.into_iter().map(|it| it.fingerprint).collect(),
        )
    }
}

impl TestGateway {
    /// How many golden records have members.
    async fn goldens_in_use(&self) -> usize {
        let links = record_link::Entity::find().filter(record_link::Column::EndedAt.is_null());
        let links = links.all(self.services.database.read()).await.unwrap();
        links.into_iter().map(|it| it.golden_id).collect::<BTreeSet<_>>().len()
    }
}

fn count(effect: &Value, list: &str, number: &str) -> usize {
    let numbers = effect[list].as_array().unwrap().iter().map(|it| it[number].as_u64().unwrap());
    usize::try_from(numbers.sum::<u64>()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dry_run_of_matching_tells_is_what_the_activation_does() {
    on_every_store(async |gateway| {
        let mut chance = Chance::seeded(11);
        for id in 0..PEOPLE {
            gateway.hears([somebody(&mut chance, id)]).await;
        }
        let mut moves = 0;
        for number in 0..POLICIES {
            gateway.let_pass(TimeDelta::hours(1));
            let version = gateway.given_approved_matching(&policy(&mut chance, number)).await;
            let started =
                gateway.as_admin().change("startPolicyDryRun", moved(&version), "policyDryRun { id }").await;
            let run = started.text_at("/startPolicyDryRun/policyDryRun/id").to_owned();
            let own = ["policy_dry_runs", "policy_dry_run_examples"];
            let unchanged = dump(&gateway.services.database, &own).await;
            gateway.services.run_job("policies.dry_runs").await.unwrap();
            assert_eq!(dump(&gateway.services.database, &own).await, unchanged);
            let question = format!("query Run($id: ID!) {{ policyDryRun(id: $id) {{ state {EFFECT} }} }}");
            let told = gateway.as_admin().ask_with(&question, json!({ "id": run })).await;
            let told = told.at("/policyDryRun/effect").clone();
            let before = gateway.standing().await;
            let done = gateway.as_admin().change("activatePolicy", moved(&version), EFFECT).await;
            assert_eq!(done.at("/activatePolicy/effect"), &told, "policy {number}");
            let after = gateway.standing().await;
            assert_eq!(
                (count(&told, "tasks", "raised"), count(&told, "tasks", "closed")),
                (after.1.difference(&before.1).count(), before.1.difference(&after.1).count()),
                "policy {number}"
            );
            assert_stands(gateway).await;
            assert_eq!(after.0.len(), gateway.goldens_in_use().await, "policy {number}: each has a trace");
            let gone = before.0.difference(&after.0).count();
            assert_eq!(count(&told, "merges", "count"), gone, "policy {number}: {told}");
            // What comes out of two golden records at once is told at both.
            let come = after.0.difference(&before.0).count();
            let parted = count(&told, "splits", "count");
            assert!(come <= parted && (come > 0) == (parted > 0), "policy {number}: {come} {told}");
            moves += count(&told, "merges", "count") + count(&told, "splits", "count");
        }
        assert!(moves > 0, "no policy moved a record");
    })
    .await;
}

/// Behind an activation nothing is left to do.
async fn assert_stands(gateway: &TestGateway) {
    let db = gateway.services.database.read();
    let engine = gateway.services.mastering().engine(db).await.unwrap();
    let found = service::regrouped(db, &engine, RecordKind::Lead).await.unwrap();
    assert_eq!((&found.merges, &found.splits), (&vec![], &vec![]));
}
