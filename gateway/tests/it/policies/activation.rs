//! What an activation changes, and that it is one at a time.

use chrono::TimeDelta;
use domain::fields::lead;
use serde_json::{Value, json};

use super::{ma_first, moved};
use crate::harness::{Said, TestGateway, on_every_shared_store, on_every_store};

const LEAD: &str = "{ leads { nodes { phone version provenance(fields: [\"phone\", \"company\"]) {
    field source rule policyVersion } } } }";

/// One person of whom CRM and MA say something else in the same second.
fn sato(system: &str, phone: &str) -> Said {
    Said::lead(&format!("{system}-1"))
        .with(lead::email, "sato@kyokuyo.example")
        .with(lead::phone, phone)
        .by(system)
}

async fn given_sato(gateway: &TestGateway) {
    gateway.hears([sato("CRM", "03-1111-1111"), sato("MA", "03-2222-2222")]).await;
}

/// The version by which values are chosen now.
async fn precedence_in_force(gateway: &TestGateway) -> Value {
    let active = gateway.as_admin().ask("{ activePolicies { kind version } }").await;
    let policies = active.at("/activePolicies").as_array().unwrap();
    policies.iter().find(|it| it["kind"] == "PRECEDENCE").unwrap()["version"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn activating_a_policy_serves_every_record_by_it() {
    on_every_store(async |gateway| {
        given_sato(gateway).await;
        let before = gateway.as_admin().ask(LEAD).await;
        assert_eq!(before.at("/leads/nodes/0/phone"), "03-1111-1111");
        let id = gateway.given_approved(&ma_first()).await;
        let activated = gateway.activates(&id).await;
        assert_eq!(activated.at("/activatePolicy/effect/recordsChanged"), 1);
        let after = gateway.as_admin().ask(LEAD).await;
        assert_eq!(after.at("/leads/nodes/0/phone"), "03-2222-2222");
        assert_eq!(after.at("/leads/nodes/0/version"), 3);
        let why = after.at("/leads/nodes/0/provenance").as_array().unwrap();
        assert!(why.iter().all(|it| it["source"] == "MA"), "{why:?}");
        let version = precedence_in_force(gateway).await;
        assert!(why.iter().all(|it| it["policyVersion"] == version), "{why:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_out_the_same_keeps_its_version_but_names_the_new_policy() {
    on_every_store(async |gateway| {
        gateway.hears([sato("CRM", "03-1111-1111")]).await;
        let id = gateway.given_approved(&ma_first()).await;
        let activated = gateway.activates(&id).await;
        assert_eq!(activated.at("/activatePolicy/effect/recordsChanged"), 0);
        let after = gateway.as_admin().ask(LEAD).await;
        assert_eq!(after.at("/leads/nodes/0/version"), 1);
        let version = after.text_at("/leads/nodes/0/provenance/0/policyVersion");
        assert_eq!(precedence_in_force(gateway).await, version);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_replicas_go_by_an_activation_from_their_next_transaction_on() {
    on_every_shared_store(async |url| {
        let one = TestGateway::start(url).await;
        let other = TestGateway::start(url).await;
        // Both have seen the first policy.
        one.hears([Said::lead("a")]).await;
        other.hears([Said::lead("b").with(lead::last_name, "田中")]).await;
        let id = one.given_approved(&ma_first()).await;
        one.activates(&id).await.data();
        other.hears([sato("CRM", "03-1111-1111"), sato("MA", "03-2222-2222")]).await;
        let question = "{ leads(filter: { email: { eq: \"sato@kyokuyo.example\" } }) { nodes { phone } } }";
        let answer = other.as_admin().ask(question).await;
        assert_eq!(answer.at("/leads/nodes"), &json!([{ "phone": "03-2222-2222" }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_activations_at_once_one_is_refused_and_changes_nothing() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        given_sato(&gateway).await;
        let one = gateway.given_approved(&ma_first()).await;
        let two = gateway.given_approved(&ma_first().replace("2026-04", "2026-05")).await;
        let (first, second) = tokio::join!(gateway.activates(&one), gateway.activates(&two));
        let (won, lost) = if first.codes().is_empty() { (one, second) } else { (two, first) };
        lost.assert_refused("POLICY_MOVED");
        let question = "{ policyVersions(filter: { kind: PRECEDENCE, state: [ACTIVE] }) { nodes { id } } }";
        let active = gateway.as_admin().ask(question).await;
        assert_eq!(active.at("/policyVersions/nodes"), &json!([{ "id": won }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_renewed_when_another_version_came_first() {
    on_every_store(async |gateway| {
        let one = gateway.given_approved(&ma_first()).await;
        let two = gateway.given_approved(&ma_first().replace("2026-04", "2026-05")).await;
        gateway.activates(&one).await.data();
        gateway.let_pass(TimeDelta::hours(1));
        gateway.activates(&two).await.assert_refused("POLICY_MOVED");
        gateway.activates(&one).await.assert_refused("POLICY_STATE");
        gateway.as_admin().change("approvePolicy", moved(&two), "policyVersion { id }").await.data();
        gateway.activates(&two).await.data();
    })
    .await;
}
