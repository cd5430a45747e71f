//! What a matching policy would change besides who is one: pins, and questions of people.

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::lead;
use mastering::policy::DEFAULT_MATCHING;
use serde_json::{Value, json};

use super::moved;
use crate::harness::{Said, TestGateway, on_every_store};

/// The built-in policy, but hardly anything is joined without being asked.
fn strict() -> String {
    let strict = DEFAULT_MATCHING.replacen("[bands]\nauto = 90", "[bands]\nauto = 100", 1);
    let strict = strict.replacen("[person_bands]\nauto = 20", "[person_bands]\nauto = 500", 1);
    assert!(strict.contains("auto = 100") && strict.contains("auto = 500"));
    strict
}

/// The built-in policy, under another name.
fn usual() -> String {
    DEFAULT_MATCHING.replacen("version = \"2026-11\"", "version = \"again\"", 1)
}

const EFFECT: &str = "effect { merges { kind count } tasks { task raised closed } }";

impl TestGateway {
    async fn given_approved_matching(&self, document: &str) -> String {
        self.let_pass(TimeDelta::hours(1));
        self.given_approved_draft(domain::policies::PolicyKind::Matching, document).await
    }

    async fn given_in_force(&self, document: &str) {
        let version = self.given_approved_matching(document).await;
        self.as_admin().change("activatePolicy", moved(&version), "policyVersion { id }").await.data();
    }

    /// What a dry run tells, which is what the activation does.
    async fn told_and_done(&self, document: &str) -> Value {
        let version = self.given_approved_matching(document).await;
        let started =
            self.as_admin().change("startPolicyDryRun", moved(&version), "policyDryRun { id }").await;
        let run = started.text_at("/startPolicyDryRun/policyDryRun/id");
        self.services.run_job("policies.dry_runs").await.unwrap();
        let told = self.as_admin().ask(&format!("{{ policyDryRun(id: \"{run}\") {{ {EFFECT} }} }}")).await;
        let done = self.as_admin().change("activatePolicy", moved(&version), EFFECT).await;
        assert_eq!(done.at("/activatePolicy/effect"), told.at("/policyDryRun/effect"));
        told.at("/policyDryRun/effect").clone()
    }

    async fn waiting(&self, kind: &str) -> Value {
        let question = format!("{{ reviewTasks(filter: {{ kind: {kind}, state: OPEN }}) {{ totalCount }} }}");
        self.as_admin().ask(&question).await.at("/reviewTasks/totalCount").clone()
    }
}

fn person(id: &str) -> Said {
    let said = Said::lead(id).with(lead::email, "sato@kyokuyo.example");
    said.with(lead::mobile_phone, "090-1111-2222")
}

#[tokio::test(flavor = "multi_thread")]
async fn pins_of_two_records_that_become_one_are_told_as_a_conflict() {
    on_every_store(async |gateway| {
        gateway.given_in_force(&strict()).await;
        let leads = [gateway.given(person("one")).await, gateway.given(person("other").by("MA")).await];
        for (lead, title) in leads.iter().zip(["部長", "課長"]) {
            let pin = json!({ "recordId": lead, "field": "title", "value": title, "reason": "名刺で" });
            gateway.as_admin().change("pinField", pin, "recordId").await.data();
            gateway.let_pass(TimeDelta::minutes(1));
        }
        let told = gateway.told_and_done(&usual()).await;
        assert_eq!(told["merges"], json!([{ "kind": "LEAD", "count": 1 }]));
        let conflict = json!({ "task": "FIELD_CONFLICT", "raised": 1, "closed": 0 });
        assert!(told["tasks"].as_array().unwrap().contains(&conflict), "{told}");
        assert_eq!(gateway.waiting("FIELD_CONFLICT").await, 1);
        let title = gateway.as_admin().ask("{ leads { nodes { title } } }").await;
        assert_eq!(title.at("/leads/nodes"), &json!([{ "title": "課長" }]), "the last pin counts");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_have_proposed_stays_asked() {
    on_every_store(async |gateway| {
        let other = Said::lead("other").with(lead::last_name, "田中").with(lead::company, "マルハ");
        let ids = [gateway.given(Said::lead("one")).await, gateway.given(other).await];
        let input = json!({ "ids": ids, "reason": "同じ担当者です", "deciders": 1 });
        gateway
            .as_staff(Role::DataSteward, "mori")
            .change("proposeMerge", input, "tasks { id }")
            .await
            .data();
        let told = gateway.told_and_done(&strict()).await;
        assert_eq!(told["tasks"], json!([]));
        assert_eq!(gateway.waiting("MATCH").await, 1);
    })
    .await;
}
