//! What people have said of two records is listed, and withdrawn.

use super::*;

const SAID: &str =
    "query Said($id: ID!) { matchDecisions(id: $id) { totalCount nodes { id answer by reason goldenIds
    records { externalId } } } }";
const WITHDRAWN: &str = "recordIds isDryRun changes { recordId field before after }";

async fn said(gateway: &TestGateway, id: &str) -> Vec<Value> {
    let answer = steward(gateway).ask_with(SAID, json!({ "id": id })).await;
    answer.at("/matchDecisions/nodes").as_array().unwrap().clone()
}

fn withdrawal(said: &[Value]) -> Value {
    let ids: Vec<&Value> = said.iter().map(|it| &it["id"]).collect();
    json!({ "ids": ids, "reason": "同じ人だった" })
}

async fn withdraw(client: &Client<'_>, said: &[Value]) -> Answer {
    client.change("withdrawMatchDecisions", withdrawal(said), WITHDRAWN).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_declared_different_can_be_joined_again_once_that_is_withdrawn() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        steward(gateway).change("mergeRecords", merge(&[&one, &two]), CHANGES).await.data();
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        let said_of_one = said(gateway, &one).await;
        assert_eq!(said_of_one.len(), 1);
        assert_eq!(said_of_one, said(gateway, &two).await);
        assert_eq!(
            (&said_of_one[0]["answer"], &said_of_one[0]["by"]),
            (&json!("DIFFERENT"), &json!("admin"))
        );
        assert_eq!(said_of_one[0]["goldenIds"].as_array().unwrap().len(), 2);
        let again = merge(&[&one, &two]);
        steward(gateway).change("mergeRecords", again.clone(), CHANGES).await.assert_refused("NEVER_MATCH");
        let manager = gateway.as_channel_manager("mine");
        withdraw(&manager, &said_of_one).await.assert_refused("FORBIDDEN");
        let mut foreseen = withdrawal(&said_of_one);
        foreseen["dryRun"] = json!(true);
        steward(gateway).change("withdrawMatchDecisions", foreseen, WITHDRAWN).await.data();
        let mut keyed = withdrawal(&said_of_one);
        keyed["idempotencyKey"] = json!("withdraw-1");
        for _ in 0..2 {
            let done = steward(gateway).change("withdrawMatchDecisions", keyed.clone(), WITHDRAWN).await;
            assert_eq!(done.at("/withdrawMatchDecisions/recordIds"), &json!([one, two]));
        }
        withdraw(&steward(gateway), &said_of_one).await.assert_refused("NOT_FOUND");
        assert!(said(gateway, &one).await.is_empty());
        steward(gateway).change("mergeRecords", again, CHANGES).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rules_would_join_is_joined_once_nobody_says_no() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        gateway.hears([person("00Q2", "sato")]).await;
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        let done = withdraw(&steward(gateway), &said(gateway, &one).await).await;
        assert_eq!(done.at("/withdrawMatchDecisions/recordIds"), &json!([one]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_takes_nothing_apart() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        steward(gateway).change("mergeRecords", merge(&[&one, &two]), CHANGES).await.data();
        let before = everything(gateway).await;
        withdraw(&steward(gateway), &said(gateway, &one).await).await.assert_refused("WITHDRAWAL_PARTS");
        assert_eq!(everything(gateway).await, before);
        withdraw(&steward(gateway), &[]).await.assert_refused("NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_was_answered_is_asked_again_when_the_answer_is_withdrawn() {
    on_every_store(async |gateway| {
        let doubtful = |id: &str, company: &str| {
            let said = Said::lead(id).with(lead::last_name, "佐藤0").with(lead::company, company);
            said.with(lead::phone, "03-1234-0000")
        };
        let one = gateway.given(doubtful("00Q1", "a0株式会社")).await;
        gateway.hears([doubtful("00Q2", "b0株式会社")]).await;
        let states = "{ reviewTasks { nodes { id state } } }";
        let task = gateway.as_admin().ask(states).await;
        let answer = json!({
            "taskId": task.at("/reviewTasks/nodes/0/id"), "decision": "DIFFERENT", "reason": "別人",
        });
        steward(gateway).change("decideReviewTask", answer, "task { state }").await.data();
        withdraw(&steward(gateway), &said(gateway, &one).await).await.data();
        let tasks = gateway.as_admin().ask(states).await;
        assert_eq!(tasks.at("/reviewTasks/nodes").as_array().unwrap().len(), 1);
        assert_eq!(tasks.at("/reviewTasks/nodes/0/state"), "OPEN");
    })
    .await;
}
