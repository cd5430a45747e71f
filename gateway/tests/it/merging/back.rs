//! What each side has after a merge is taken back: what it had before, and what was entered since stays.

use domain::fields::Field;
use domain::sources::Values;
use gateway::golden::loader::RecordRef;
use gateway::golden::service::{note_own, wait_for_turn};
use gateway::platform::auth::Caller;
use gateway::platform::context::RequestContext;
use gateway::platform::graphql::node_id::{NodeId, NodeType};

use super::*;
use crate::harness::GivenPartner;

const ASSIGNED: &str = "query One($id: ID!) { lead(id: $id) { assignedPartner { id } } }";
const SAID: &str = "query One($id: ID!) { lead(id: $id) { phone title
    provenance { field value source effectiveAt losers { value source } } } }";

async fn merge_at_noon(gateway: &TestGateway, ids: &[&str]) {
    gateway.let_pass(TimeDelta::hours(1));
    steward(gateway).change("mergeRecords", merge(ids), CHANGES).await.data();
    gateway.let_pass(TimeDelta::hours(1));
}

async fn assert_assigned(gateway: &TestGateway, lead: &str, partner: Option<&GivenPartner>) {
    let answer = gateway.as_admin().ask_with(ASSIGNED, json!({ "id": lead })).await;
    let expected = partner.map_or(Value::Null, |it| json!({ "id": it.id }));
    assert_eq!(answer.at("/lead/assignedPartner"), &expected);
}

/// What our own system says of a lead.
async fn notes(gateway: &TestGateway, lead: &str, values: &[(Field, &str)]) {
    let services = &gateway.services;
    let (database, clock) = (services.database.clone(), services.clock.clone());
    let ctx = RequestContext::new(database, clock, services.shared(), Caller::operator(), "test".to_owned());
    let id = NodeId::decode(&lead.to_owned().into(), NodeType::Lead).unwrap();
    let record = RecordRef { kind: RecordKind::Lead, id };
    let values: Values = values.iter().map(|&(field, value)| (field, Some(value.to_owned()))).collect();
    let txn = ctx.begin().await.unwrap();
    wait_for_turn(&txn).await.unwrap();
    note_own(&txn, &ctx, record, values).await.unwrap();
    txn.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_after_the_merge_stays_with_the_survivor_though_only_the_loser_had_a_note() {
    on_every_store(async |gateway| {
        let first = gateway.given_partner("甲商事").await;
        let second = gateway.given_partner("乙商事").await;
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        gateway.given_assignment(&two, &first).await;
        merge_at_noon(gateway, &[&one, &two]).await;
        gateway.given_assignment(&one, &second).await;
        gateway.let_pass(TimeDelta::hours(1));
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        assert_assigned(gateway, &one, Some(&second)).await;
        assert_assigned(gateway, &two, Some(&first)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_goes_back_says_what_it_said_since_when_it_said_it() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        gateway.let_pass(TimeDelta::hours(1));
        notes(gateway, &two, &[(lead::phone, "+81312345678")]).await;
        let before = gateway.as_admin().ask_with(SAID, json!({ "id": two })).await.data().clone();
        merge_at_noon(gateway, &[&one, &two]).await;
        notes(gateway, &one, &[(lead::phone, "+81399999999"), (lead::website, "https://sato.example")]).await;
        gateway.let_pass(TimeDelta::hours(1));
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        let after = gateway.as_admin().ask_with(SAID, json!({ "id": two })).await;
        assert_eq!(after.data(), &before);
        let kept = gateway.as_admin().ask_with(SAID, json!({ "id": one })).await;
        assert_eq!(kept.at("/lead/phone"), "+81399999999");
        // What is entered next counts again, even the very same.
        gateway.let_pass(TimeDelta::hours(1));
        notes(gateway, &two, &[(lead::phone, "+81399999999")]).await;
        let entered = gateway.as_admin().ask_with(SAID, json!({ "id": two })).await;
        assert_eq!(entered.at("/lead/phone"), "+81399999999");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_still_sees_that_it_supplied_what_went_back() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲商事").await;
        let colleague = gateway.given_user(&partner.id, "colleague").await;
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        gateway.given_assignment(&two, &partner).await;
        gateway.let_pass(TimeDelta::hours(1));
        let gives = |lead: &str, user: &str| {
            json!({ "leadId": lead, "partnerId": partner.id, "partnerUserId": user })
        };
        let manager = gateway.as_admin_of(&partner);
        manager.change("assignLead", gives(&two, &colleague.id), "lead { id }").await.data();
        let question = "query One($id: ID!) { lead(id: $id) { assignedUser { id }
            provenance(fields: [\"assignedUser\"]) { value source } } }";
        let before = manager.ask_with(question, json!({ "id": two })).await.data().clone();
        merge_at_noon(gateway, &[&one, &two]).await;
        gateway.given_assignment(&one, &partner).await;
        gateway.let_pass(TimeDelta::hours(1));
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        assert_eq!(manager.ask_with(question, json!({ "id": two })).await.data(), &before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_one_before_the_merge_is_one_again_with_its_own_id() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲商事").await;
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        let three = gateway.given(person("00Q3", "jiro")).await;
        gateway.hears([person("00Q4", "jiro")]).await;
        gateway.given_assignment(&three, &partner).await;
        merge_at_noon(gateway, &[&two, &three]).await;
        let before = everything(gateway).await;
        merge_at_noon(gateway, &[&one, &two]).await;
        let parted = part(gateway, unmerge(&one, &["00Q2", "00Q3", "00Q4"])).await;
        assert_eq!(parted.at("/previewUnmerge/restoredIds"), &json!([two]));
        assert_eq!(everything(gateway).await, before);
        assert_assigned(gateway, &two, Some(&partner)).await;
        part(gateway, unmerge(&two, &["00Q3", "00Q4"])).await.data();
        assert_assigned(gateway, &two, None).await;
        assert_assigned(gateway, &three, Some(&partner)).await;
    })
    .await;
}

/// The only question about what an unmerge left open is answered so.
async fn decide_ambiguous(gateway: &TestGateway, decision: &str) -> Answer {
    let filter = "filter: { kind: [UNMERGE_AMBIGUOUS] }";
    let tasks = gateway.as_admin().ask(&format!("{{ reviewTasks({filter}) {{ nodes {{ id }} }} }}")).await;
    assert_eq!(tasks.at("/reviewTasks/nodes").as_array().unwrap().len(), 1, "{}", tasks.text);
    let id = tasks.at("/reviewTasks/nodes/0/id");
    let answer = json!({ "taskId": id, "decision": decision, "reason": "花子さんの案件" });
    let selection = "task { state history { reason } }";
    gateway.as_admin().change("decideReviewTask", answer, selection).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_entered_since_goes_to_the_other_side_when_a_person_says_so() {
    on_every_store(async |gateway| {
        let first = gateway.given_partner("甲商事").await;
        let second = gateway.given_partner("乙商事").await;
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        gateway.given_assignment(&one, &first).await;
        merge_at_noon(gateway, &[&one, &two]).await;
        gateway.given_assignment(&one, &second).await;
        gateway.let_pass(TimeDelta::hours(1));
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        assert_assigned(gateway, &one, Some(&second)).await;
        assert_assigned(gateway, &two, None).await;
        gateway.let_pass(TimeDelta::hours(1));
        let decided = decide_ambiguous(gateway, "GOES").await;
        assert_eq!(decided.at("/decideReviewTask/task/state"), "APPLIED", "{}", decided.text);
        assert_assigned(gateway, &one, Some(&first)).await;
        assert_assigned(gateway, &two, Some(&second)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_entered_again_since_is_left_alone() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲商事").await;
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        merge_at_noon(gateway, &[&one, &two]).await;
        gateway.given_assignment(&one, &partner).await;
        gateway.let_pass(TimeDelta::hours(1));
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        gateway.let_pass(TimeDelta::hours(1));
        let other = gateway.given_partner("乙商事").await;
        gateway.given_assignment(&one, &other).await;
        let decided = decide_ambiguous(gateway, "GOES").await;
        assert_eq!(decided.at("/decideReviewTask/task/state"), "FAILED");
        assert_assigned(gateway, &one, Some(&other)).await;
        assert_assigned(gateway, &two, None).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_pin_goes_to_the_other_side_when_a_person_says_so() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        merge_at_noon(gateway, &[&one, &two]).await;
        let input = json!({ "recordId": one, "field": "phone", "value": "03-1111-2222", "reason": "確認済" });
        steward(gateway).change("pinField", input, "recordId").await.data();
        gateway.let_pass(TimeDelta::hours(1));
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        let decided = decide_ambiguous(gateway, "GOES").await;
        assert_eq!(decided.at("/decideReviewTask/task/state"), "APPLIED", "{}", decided.text);
        for (id, phone) in [(&one, Value::Null), (&two, json!("03-1111-2222"))] {
            let answer = gateway.as_admin().ask_with(SAID, json!({ "id": id })).await;
            assert_eq!(answer.at("/lead/phone"), &phone);
        }
    })
    .await;
}

/// What an answer to the only task of a kind would change.
async fn consequence(gateway: &TestGateway, kind: &str, decision: &str) -> Value {
    let question = format!(
        "{{ reviewTasks(filter: {{ kind: [{kind}] }}) {{ nodes {{ consequences {{ decision changesRecords
            survivorId fields {{ field before other after }} }} }} }} }}"
    );
    let asked = gateway.as_admin().ask(&question).await;
    let answers = asked.at("/reviewTasks/nodes/0/consequences").as_array().unwrap().clone();
    answers.into_iter().find(|it| it["decision"] == decision).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_approves_an_unmerge_sees_what_it_will_do() {
    on_every_store(async |gateway| {
        let partners = [gateway.given_partner("甲商事").await, gateway.given_partner("乙商事").await];
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        gateway.given_assignment(&one, &partners[0]).await;
        gateway.let_pass(TimeDelta::hours(1));
        gateway.given_assignment(&two, &partners[1]).await;
        let input = json!({ "recordId": two, "field": "phone", "value": "03-1111-2222", "reason": "確認済" });
        steward(gateway).change("pinField", input, "recordId").await.data();
        merge_at_noon(gateway, &[&one, &two]).await;
        let wanted = unmerge(&one, &["00Q2"]);
        let foreseen = preview(gateway, &wanted).await;
        steward(gateway).change("proposeUnmerge", wanted, "task { id }").await.data();
        let told = consequence(gateway, "UNMERGE", "APPROVE").await;
        let sorted = |fields: Vec<Value>| {
            let line = |it: &Value| format!("{}: {} -> {}", it["field"], it["before"], it["after"]);
            fields.iter().map(line).collect::<BTreeSet<String>>()
        };
        let of_kept = foreseen.at("/previewUnmerge/changes").as_array().unwrap().clone();
        let of_kept: Vec<Value> = of_kept.into_iter().filter(|it| it["recordId"] == json!(one)).collect();
        let told_fields = sorted(told["fields"].as_array().unwrap().clone());
        assert_eq!(told_fields, sorted(of_kept));
        assert!(told_fields.iter().any(|it| it.contains("assignedPartner")), "{told_fields:?}");
        assert!(told_fields.iter().any(|it| it.contains("phone")), "{told_fields:?}");
        let count = gateway.as_admin().ask("{ leads { totalCount } }").await;
        assert_eq!(count.at("/leads/totalCount"), 1, "looking changes nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_go_to_the_other_side_is_told_before() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        merge_at_noon(gateway, &[&one, &two]).await;
        let input = json!({ "recordId": one, "field": "phone", "value": "03-1111-2222", "reason": "確認済" });
        steward(gateway).change("pinField", input, "recordId").await.data();
        gateway.let_pass(TimeDelta::hours(1));
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        let told = consequence(gateway, "UNMERGE_AMBIGUOUS", "GOES").await;
        let phone = json!({
            "field": "phone", "before": "03-1111-2222", "other": "03-1111-2222", "after": null,
        });
        let expected = json!({
            "decision": "GOES", "changesRecords": true, "survivorId": one, "fields": [phone],
        });
        assert_eq!(told, expected);
        let stays = consequence(gateway, "UNMERGE_AMBIGUOUS", "STAYS").await;
        assert_eq!(stays["changesRecords"], false);
    })
    .await;
}
