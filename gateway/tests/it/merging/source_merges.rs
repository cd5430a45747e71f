//! What a source has merged: nothing to ask where it is one already, or beyond doubt.

use super::*;

/// The kinds and states of all tasks.
async fn tasks(gateway: &TestGateway) -> Vec<String> {
    let tasks = gateway.as_admin().ask("{ reviewTasks { nodes { kind state } } }").await;
    let tasks = tasks.at("/reviewTasks/nodes").as_array().unwrap().clone();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let mut tasks: Vec<String> =
        tasks.iter().map(|it| format!("{} {}", text(&it["kind"]), text(&it["state"]))).collect();
    tasks.sort();
    tasks
}

/// The CRM has merged this record into another one.
async fn crm_merges(gateway: &TestGateway, said: Said, into: &str) {
    gateway.let_pass(TimeDelta::days(1));
    gateway.hears([said.modified(gateway.services.clock.now()).merged_into(into)]).await;
}

/// Where an id leads.
async fn resolves(gateway: &TestGateway, id: &str) -> Value {
    let question = "query One($id: ID!) { lead(id: $id) { id redirectedFrom } }";
    gateway.as_admin().ask_with(question, json!({ "id": id })).await.at("/lead").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_records_that_are_one_already_nobody_is_asked() {
    on_every_store(async |gateway| {
        gateway.hears([person("00Q1", "sato"), person("00Q2", "sato")]).await;
        crm_merges(gateway, person("00Q1", "sato"), "00Q2").await;
        assert_eq!(tasks(gateway).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_alike_beyond_doubt_follows_by_itself_and_a_person_may_take_it_back() {
    on_every_store(async |gateway| {
        // One system has both, with two mailboxes: that is for a person, unless the system says more.
        let twin = |id: &str, mailbox: &str| {
            let said = Said::lead(id).with(lead::mobile_phone, "090-1111-2222");
            let said = said.with(lead::last_name, "長宗我部").with(lead::first_name, "翔太");
            said.with(lead::email, mailbox).with(lead::postal_code, "104-0061")
        };
        let gone = gateway.given(twin("00Q1", "c.shota@kyokuyo.example")).await;
        let kept = gateway.given(twin("00Q2", "shota@kyokuyo.example")).await;
        assert_ne!(gone, kept);
        assert_eq!(tasks(gateway).await, ["MATCH OPEN"]);
        crm_merges(gateway, twin("00Q1", "c.shota@kyokuyo.example"), "00Q2").await;
        let found = resolves(gateway, &gone).await;
        assert_eq!((&found["id"], &found["redirectedFrom"]), (&json!(kept), &json!(gone)));
        assert_eq!(tasks(gateway).await, ["MATCH SUPERSEDED"]);
        let question = "query Of($id: ID!) { matchDecisions(id: $id) { nodes { answer by } } }";
        let said = gateway.as_admin().ask_with(question, json!({ "id": kept })).await;
        assert_eq!(said.at("/matchDecisions/nodes"), &json!([{ "answer": "SAME", "by": "AUTO" }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_what_became_one_some_other_way_is_withdrawn() {
    on_every_store(async |gateway| {
        let gone = gateway.given(person("00Q1", "sato")).await;
        gateway.hears([person("M1", "sato").by("MA")]).await;
        let kept = gateway.given(person("00Q2", "hanako")).await;
        crm_merges(gateway, person("00Q1", "sato"), "00Q2").await;
        assert_eq!(tasks(gateway).await, ["SOURCE_MERGE OPEN"]);
        steward(gateway).change("mergeRecords", merge(&[&gone, &kept]), CHANGES).await.data();
        assert_eq!(tasks(gateway).await, ["SOURCE_MERGE SUPERSEDED"]);
    })
    .await;
}
