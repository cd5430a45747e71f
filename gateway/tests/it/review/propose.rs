//! Proposing that records are one.

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::RecordKind;
use serde_json::{Value, json};

use super::decide::decide;
use super::given::pair;
use crate::harness::{Answer, Client, Said, TestGateway, on_every_store};

const TASKS: &str = "tasks { id kind state requestedBy deciders score history { action by reason } }";

async fn propose(client: &Client<'_>, ids: &[&str], deciders: i32) -> Answer {
    let input = json!({ "ids": ids, "reason": "同じ担当者です", "deciders": deciders });
    client.change("proposeMerge", input, TASKS).await
}

/// Two leads of which nothing says that they are one.
async fn given_strangers(gateway: &TestGateway) -> [String; 2] {
    use domain::fields::lead;
    let other = Said::lead("00Q2").with(lead::last_name, "田中").with(lead::company, "マルハ");
    [gateway.given(Said::lead("00Q1")).await, gateway.given(other).await]
}

async fn leads(gateway: &TestGateway) -> Value {
    gateway.as_admin().ask("{ leads { totalCount } }").await.at("/leads/totalCount").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_manager_proposes_and_a_steward_decides() {
    on_every_store(async |gateway| {
        let [one, other] = given_strangers(gateway).await;
        let manager = gateway.as_channel_manager("mine");
        let proposed = propose(&manager, &[&one, &other], 1).await;
        let task = proposed.at("/proposeMerge/tasks/0");
        assert_eq!(task["kind"], "MATCH");
        assert_eq!(task["requestedBy"], "mine");
        let history = json!([{ "action": "PROPOSED", "by": "mine", "reason": "同じ担当者です" }]);
        assert_eq!(task["history"], history);
        let again = propose(&manager, &[&other, &one], 1).await;
        assert_eq!(again.at("/proposeMerge/tasks/0/id"), &task["id"], "the same question is asked once");
        let id = task["id"].as_str().unwrap();
        decide(&manager, id, "SAME").await.assert_refused("FORBIDDEN");
        let decided = decide(&gateway.as_staff(Role::DataSteward, "mori"), id, "SAME").await;
        assert_eq!(decided.at("/decideReviewTask/task/state"), "APPLIED", "{}", decided.text);
        assert_eq!(leads(gateway).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_are_asked_for_both_must_agree_and_neither_may_have_asked() {
    on_every_store(async |gateway| {
        let [one, other] = given_strangers(gateway).await;
        let steward = |name: &str| gateway.as_staff(Role::DataSteward, name);
        let proposed = propose(&steward("ito"), &[&one, &other], 2).await;
        let id = proposed.text_at("/proposeMerge/tasks/0/id");
        decide(&steward("ito"), id, "SAME").await.assert_refused("FOUR_EYES_REQUIRED");
        let noted = decide(&steward("mori"), id, "SAME").await;
        assert_eq!(noted.at("/decideReviewTask/task/state"), "OPEN");
        assert_eq!(leads(gateway).await, 2);
        decide(&steward("mori"), id, "SAME").await.assert_refused("ALREADY_DECIDED_BY_YOU");
        let done = decide(&steward("abe"), id, "SAME").await;
        assert_eq!(done.at("/decideReviewTask/task/state"), "APPLIED");
        assert_eq!(leads(gateway).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_one_is_not_proposed() {
    on_every_store(async |gateway| {
        let [one, other] = given_strangers(gateway).await;
        let manager = gateway.as_channel_manager("mine");
        propose(&manager, &[&one, &one], 1).await.assert_refused("MERGE_WITH_ITSELF");
        propose(&manager, &[&one], 1).await.assert_refused("MERGE_WITH_ITSELF");
        propose(&manager, &[&one, &other], 3).await.assert_refused("DECIDERS_OUT_OF_RANGE");
        let account = gateway.given(Said::account("0010", "極洋")).await;
        propose(&manager, &[&one, &account], 1).await.assert_refused("DIFFERENT_KINDS");
        let deals = [
            gateway.given(Said::opportunity("0061", "冷凍庫")).await,
            gateway.given(Said::opportunity("0062", "冷蔵庫")).await,
        ];
        propose(&manager, &[&deals[0], &deals[1]], 1).await.assert_refused("KIND_NOT_MATCHED");
        gateway.let_pass(TimeDelta::days(1));
        gateway.hears([Said::lead("00Q1").deleted().modified(gateway.services.clock.now())]).await;
        propose(&manager, &[&one, &other], 1).await.assert_refused("RECORD_ARCHIVED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_different_is_not_proposed() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        decide(&gateway.as_staff(Role::DataSteward, "mori"), &task, "DIFFERENT").await.data();
        let one = gateway.id_of(RecordKind::Lead, "00Q0a").await;
        let other = gateway.id_of(RecordKind::Lead, "00Q0b").await;
        let manager = gateway.as_channel_manager("mine");
        propose(&manager, &[&one, &other], 1).await.assert_refused("NEVER_MATCH");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_proposes_what_they_do_not_see() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        gateway.hears_at_once(pair(0)).await;
        let one = gateway.id_of(RecordKind::Lead, "00Q0a").await;
        let other = gateway.id_of(RecordKind::Lead, "00Q0b").await;
        gateway.given_assignment(&other, &partner).await;
        let manager = gateway.as_channel_manager("of-others");
        propose(&manager, &[&one, &other], 1).await.assert_refused("NOT_FOUND");
        let record = json!({ "system": "CRM", "object": "Lead", "externalId": "00Q0b" });
        let unmerge = json!({ "id": other, "sourceRecords": [record], "reason": "別の人だった" });
        manager.change("proposeUnmerge", unmerge.clone(), "task { id }").await.assert_refused("NOT_FOUND");
        for client in [gateway.as_admin_of(&partner), gateway.as_rep_of(&partner)] {
            propose(&client, &[&one, &other], 1).await.assert_refused("FORBIDDEN");
            let answer = client.change("proposeUnmerge", unmerge.clone(), "task { id }").await;
            answer.assert_refused("FORBIDDEN");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_stays_open_when_the_records_change_and_do_not_become_one() {
    on_every_store(async |gateway| {
        use domain::fields::lead;
        let namesake = |id: &str| Said::lead(id).with(lead::company, &format!("{id}株式会社"));
        let one = gateway.given(namesake("00Q1")).await;
        let other = gateway.given(namesake("00Q2")).await;
        let manager = gateway.as_channel_manager("mine");
        let proposed = propose(&manager, &[&one, &other], 1).await;
        let id = proposed.text_at("/proposeMerge/tasks/0/id");
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        gateway.hears([namesake("00Q2").with(lead::title, "部長").modified(now)]).await;
        let question = format!("{{ reviewTask(id: \"{id}\") {{ state }} }}");
        assert_eq!(gateway.as_admin().ask(&question).await.at("/reviewTask/state"), "OPEN");
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        let email = |id: &str| namesake(id).with(lead::email, "sato@kyokuyo.example").modified(now);
        gateway.hears_at_once([email("00Q1"), email("00Q2")]).await;
        assert_eq!(leads(gateway).await, 1);
        assert_eq!(gateway.as_admin().ask(&question).await.at("/reviewTask/state"), "SUPERSEDED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_unmerge_the_old_answer_is_no_answer_any_more() {
    on_every_store(async |gateway| {
        let [one, other] = given_strangers(gateway).await;
        let manager = gateway.as_channel_manager("mine");
        let admin = gateway.as_admin();
        let proposed = propose(&manager, &[&one, &other], 1).await;
        let id = proposed.text_at("/proposeMerge/tasks/0/id").to_owned();
        decide(&admin, &id, "SAME").await.data();
        let record = json!({ "system": "CRM", "object": "Lead", "externalId": "00Q2" });
        let unmerge = json!({ "id": one, "sourceRecords": [record], "reason": "別人だった" });
        let asked = manager.change("proposeUnmerge", unmerge, "task { id }").await;
        decide(&admin, asked.text_at("/proposeUnmerge/task/id"), "APPROVE").await.data();
        assert_eq!(leads(gateway).await, 2);
        propose(&manager, &[&one, &other], 1).await.assert_refused("NEVER_MATCH");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_proposal_gets_its_tasks_as_they_are() {
    on_every_store(async |gateway| {
        let [one, other] = given_strangers(gateway).await;
        let third = gateway.given(Said::lead("00Q3").with(domain::fields::lead::last_name, "鈴木")).await;
        let manager = gateway.as_channel_manager("mine");
        for answer in ["SAME", "DIFFERENT"] {
            let (one, other) = if answer == "SAME" { (&one, &other) } else { (&one, &third) };
            let key = format!("propose-{answer}");
            let input = json!({ "ids": [one, other], "reason": "同じ担当者です", "idempotencyKey": key });
            let proposed = manager.change("proposeMerge", input.clone(), TASKS).await;
            let id = proposed.text_at("/proposeMerge/tasks/0/id");
            decide(&gateway.as_admin(), id, answer).await.data();
            let again = manager.change("proposeMerge", input, TASKS).await;
            assert_eq!(again.at("/proposeMerge/tasks/0/id"), id);
            assert_eq!(again.at("/proposeMerge/tasks/0/state"), "APPLIED");
            assert_eq!(again.at("/proposeMerge/tasks/0/history").as_array().unwrap().len(), 3);
        }
    })
    .await;
}
