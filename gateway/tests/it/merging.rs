//! Stewards join records and take them apart: nothing is lost, and ids resolve for ever.

mod answers;
mod back;
mod identity;
mod ids;
mod source_merges;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::{RecordKind, lead};
use gateway::golden::export::export;
use serde_json::{Value, json};

use crate::harness::{Answer, Chance, Client, Said, TestGateway, on_every_shared_store, on_every_store, run};

const CHANGES: &str = "survivorId isDryRun changes { recordId field before after }";
const PARTS: &str = "keptId restoredIds newRecords changes { recordId field before after }
    ambiguous { field value }";

fn steward(gateway: &TestGateway) -> Client<'_> {
    gateway.as_staff(Role::DataSteward, "steward")
}

/// Somebody of a name of the own: nothing but the mailbox makes two of them one.
fn person(id: &str, mailbox: &str) -> Said {
    let said = Said::lead(id).with(lead::last_name, mailbox).with(lead::title, id);
    said.with(lead::company, &format!("{mailbox}商店"))
        .with(lead::email, &format!("{mailbox}@{mailbox}.example"))
}

fn merge(ids: &[&str]) -> Value {
    json!({ "ids": ids, "reason": "本人に確認した" })
}

fn unmerge(id: &str, records: &[&str]) -> Value {
    let records: Vec<Value> =
        records.iter().map(|it| json!({ "system": "CRM", "object": "Lead", "externalId": it })).collect();
    json!({ "id": id, "sourceRecords": records, "reason": "別人だった" })
}

/// A steward asks to take records out of a record, and an administrator approves.
async fn part(gateway: &TestGateway, input: Value) -> Answer {
    let foreseen = preview(gateway, &input).await;
    let asked = steward(gateway).change("proposeUnmerge", input, "task { id }").await;
    if !asked.codes().is_empty() {
        return asked;
    }
    let task = json!({ "taskId": asked.at("/proposeUnmerge/task/id") });
    gateway.as_admin().change("claimReviewTask", task.clone(), "task { id }").await.data();
    let mut approval = task;
    approval["decision"] = json!("APPROVE");
    approval["reason"] = json!("確認した");
    let decided = gateway.as_admin().change("decideReviewTask", approval, "task { state }").await;
    assert_eq!(decided.at("/decideReviewTask/task/state"), "APPLIED");
    foreseen
}

/// What will come of taking records out of a record.
async fn preview(gateway: &TestGateway, input: &Value) -> Answer {
    let mut input = input.clone();
    input.as_object_mut().unwrap().remove("reason");
    let question = format!(
        "query Preview($input: PreviewUnmergeInput!) {{ previewUnmerge(input: $input) {{ {PARTS} }} }}"
    );
    steward(gateway).ask_with(&question, json!({ "input": input })).await
}

/// Everything that can be seen of all leads, but for the times and versions of changing.
async fn everything(gateway: &TestGateway) -> Value {
    let question = "{ leads(first: 200, orderBy: CREATED_ASC) { totalCount nodes {
        id lastName firstName company email phone title createdAt stage
        account { id } assignedPartner { id } assignedUser { id } sourceRecords { system externalId }
        provenance { field value source rule losers { value source lostAt } } } }
        reviewTasks(filter: { state: [OPEN] }) { totalCount } }";
    gateway.as_admin().ask(question).await.data().clone()
}

async fn dump(gateway: &TestGateway) -> String {
    let mut out = Vec::new();
    export(&gateway.services.database, &mut out).await.expect("an export");
    String::from_utf8(out).expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_taken_back_leaves_everything_as_it_was() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("販売代理店").await;
        let one = gateway.given(person("00Q1", "sato")).await;
        let other = gateway.given(person("00Q2", "hanako")).await;
        gateway.given_assignment(&other, &partner).await;
        let (before, exported) = (everything(gateway).await, dump(gateway).await);
        gateway.let_pass(TimeDelta::days(1));
        let merged = steward(gateway).change("mergeRecords", merge(&[&other, &one]), CHANGES).await;
        assert_eq!(merged.at("/mergeRecords/survivorId"), &json!(one));
        let lead = "query One($id: ID!) { lead(id: $id) { id redirectedFrom } leads { totalCount } }";
        let by_old_id = gateway.as_admin().ask_with(lead, json!({ "id": other })).await;
        assert_eq!(by_old_id.at("/lead"), &json!({ "id": one, "redirectedFrom": other }));
        assert_eq!(by_old_id.at("/leads/totalCount"), 1);
        gateway.let_pass(TimeDelta::days(1));
        let parted = part(gateway, unmerge(&one, &["00Q2"])).await;
        assert_eq!(parted.at("/previewUnmerge/keptId"), &json!(one));
        assert_eq!(parted.at("/previewUnmerge/restoredIds"), &json!([other]));
        assert_eq!(parted.at("/previewUnmerge/ambiguous"), &json!([]));
        assert_eq!(everything(gateway).await, before);
        assert_eq!(dump(gateway).await, exported);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rules_joined_can_be_taken_apart_and_stays_apart() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        gateway.hears([person("00Q2", "sato")]).await;
        let parted = part(gateway, unmerge(&one, &["00Q2"])).await;
        assert_eq!(parted.at("/previewUnmerge/newRecords"), 1);
        let other = gateway.id_of(RecordKind::Lead, "00Q2").await;
        assert_ne!(one, other);
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        gateway.hears([person("00Q2", "sato").with(lead::title, "部長").modified(now)]).await;
        let leads = gateway.as_admin().ask("{ leads { totalCount } reviewTasks { totalCount } }").await;
        assert_eq!(leads.at("/leads/totalCount"), 2);
        let refused = steward(gateway).change("mergeRecords", merge(&[&one, &other]), CHANGES).await;
        refused.assert_refused("NEVER_MATCH");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_happens_and_does_nothing() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako").with(lead::phone, "03-1111-2222")).await;
        let before = everything(gateway).await;
        let mut input = merge(&[&one, &two]);
        input["dryRun"] = json!(true);
        let foreseen = steward(gateway).change("mergeRecords", input, CHANGES).await;
        assert_eq!(foreseen.at("/mergeRecords/isDryRun"), true);
        assert_eq!(everything(gateway).await, before);
        let done = steward(gateway).change("mergeRecords", merge(&[&one, &two]), CHANGES).await;
        assert_eq!(done.at("/mergeRecords/changes"), foreseen.at("/mergeRecords/changes"));
        let phone = json!({ "recordId": one, "field": "phone", "before": null, "after": "03-1111-2222" });
        assert!(done.at("/mergeRecords/changes").as_array().unwrap().contains(&phone), "{}", done.text);
        let merged = everything(gateway).await;
        let foreseen = preview(gateway, &unmerge(&one, &["00Q2"])).await;
        assert_eq!(foreseen.at("/previewUnmerge/restoredIds"), &json!([two]));
        assert_eq!(everything(gateway).await, merged);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_entered_after_the_merge_stays_and_is_listed() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("販売代理店").await;
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        steward(gateway).change("mergeRecords", merge(&[&one, &two]), CHANGES).await.data();
        gateway.let_pass(TimeDelta::hours(1));
        gateway.given_assignment(&two, &partner).await;
        let parted = part(gateway, unmerge(&one, &["00Q2"])).await;
        let fields: Vec<&str> = parted
            .at("/previewUnmerge/ambiguous")
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|it| it["field"].as_str())
            .collect();
        assert_eq!(fields, ["assignedPartner", "assignedUser"]);
        let question = "query One($id: ID!) { lead(id: $id) { assignedPartner { id } } }";
        let kept = gateway.as_admin().ask_with(question, json!({ "id": one })).await;
        assert_eq!(kept.at("/lead/assignedPartner/id"), &json!(partner.id));
        let parted = gateway.as_admin().ask_with(question, json!({ "id": two })).await;
        assert_eq!(parted.at("/lead/assignedPartner"), &Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_back_says_again_what_it_said_before_the_merge() {
    on_every_store(async |gateway| {
        let [first, second, third] = [
            gateway.given_partner("甲商事").await,
            gateway.given_partner("乙商事").await,
            gateway.given_partner("丙商事").await,
        ];
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        gateway.given_assignment(&one, &first).await;
        gateway.given_assignment(&two, &second).await;
        gateway.let_pass(TimeDelta::hours(1));
        steward(gateway).change("mergeRecords", merge(&[&one, &two]), CHANGES).await.data();
        gateway.let_pass(TimeDelta::hours(1));
        gateway.given_assignment(&one, &third).await;
        gateway.let_pass(TimeDelta::hours(1));
        part(gateway, unmerge(&one, &["00Q2"])).await.data();
        let question = "query One($id: ID!) { lead(id: $id) { assignedPartner { id } } }";
        for (lead, partner) in [(&one, &third), (&two, &second)] {
            let answer = gateway.as_admin().ask_with(question, json!({ "id": lead })).await;
            assert_eq!(answer.at("/lead/assignedPartner/id"), &json!(partner.id));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_its_source_merged_takes_its_lead_along_when_a_person_says_so() {
    on_every_store(async |gateway| {
        let gone = gateway.given(person("00Q1", "sato")).await;
        let kept = gateway.given(person("00Q2", "hanako")).await;
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        gateway.hears([person("00Q1", "sato").modified(now).merged_into("00Q2")]).await;
        let tasks = gateway.as_admin().ask("{ reviewTasks { nodes { id kind } } }").await;
        assert_eq!(tasks.at("/reviewTasks/nodes/0/kind"), "SOURCE_MERGE");
        let task = json!({ "taskId": tasks.at("/reviewTasks/nodes/0/id") });
        steward(gateway).change("claimReviewTask", task.clone(), "task { id }").await.data();
        let mut answer = task;
        answer["decision"] = json!("FOLLOW");
        answer["reason"] = json!("CRMで統合済");
        let decided = steward(gateway).change("decideReviewTask", answer, "task { state }").await;
        assert_eq!(decided.at("/decideReviewTask/task/state"), "APPLIED");
        let question = "query One($id: ID!) { lead(id: $id) { id redirectedFrom } }";
        let found = gateway.as_admin().ask_with(question, json!({ "id": gone })).await;
        assert_eq!(found.at("/lead"), &json!({ "id": kept, "redirectedFrom": gone }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_deals_follow_their_account_there_and_back() {
    on_every_store(async |gateway| {
        use domain::fields::{account, contact, opportunity};
        let kyokuyo = gateway.given(Said::account("001A", "株式会社極洋")).await;
        let sales = gateway.given(Said::account("001B", "極洋販売")).await;
        gateway.hears([Said::contact("003", "佐藤").with(contact::account, "001B")]).await;
        gateway.hears([Said::opportunity("006", "冷蔵庫").with(opportunity::account, "001B")]).await;
        let lead = Said::lead("00Q1").with(lead::company, "極洋販売").with(lead::website, "hanbai.example");
        gateway
            .hears([Said::account("001B", "極洋販売")
                .with(account::website, "hanbai.example")
                .at("2026-06-02T00:00:00Z")])
            .await;
        gateway.hears([lead]).await;
        let where_ = "{ contacts { nodes { account { id } } } opportunities { nodes { account { id } } }
            leads { nodes { account { id } } } }";
        let at = |answer: &Answer| -> BTreeSet<String> {
            ["contacts", "opportunities", "leads"]
                .iter()
                .map(|it| answer.text_at(&format!("/{it}/nodes/0/account/id")).to_owned())
                .collect()
        };
        let only = |id: &str| BTreeSet::from([id.to_owned()]);
        assert_eq!(at(&gateway.as_admin().ask(where_).await), only(&sales));
        steward(gateway).change("mergeRecords", merge(&[&kyokuyo, &sales]), CHANGES).await.data();
        assert_eq!(at(&gateway.as_admin().ask(where_).await), only(&kyokuyo));
        let mut input = unmerge(&kyokuyo, &["001B"]);
        input["sourceRecords"][0]["object"] = json!("Account");
        part(gateway, input).await.data();
        assert_eq!(at(&gateway.as_admin().ask(where_).await), only(&sales));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_request_gets_the_same_answer_and_does_nothing_twice() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako")).await;
        let mut input = merge(&[&one, &two]);
        input["idempotencyKey"] = json!("merge-1");
        for _ in 0..2 {
            let merged = steward(gateway).change("mergeRecords", input.clone(), CHANGES).await;
            assert_eq!(merged.at("/mergeRecords/survivorId"), &json!(one));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_wishes_are_refused_and_change_nothing() {
    on_every_store(async |gateway| {
        let one = gateway.given(person("00Q1", "sato")).await;
        let gone = gateway.given(person("00Q2", "hanako")).await;
        let account = gateway.given(Said::account("001A", "株式会社極洋")).await;
        let deal = gateway.given(Said::opportunity("006A", "冷蔵庫")).await;
        let deals = merge(&[&deal, &gateway.given(Said::opportunity("006B", "冷凍庫")).await]);
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        gateway.hears([person("00Q2", "hanako").modified(now).deleted()]).await;
        let before = dump(gateway).await;
        let steward = steward(gateway);
        let check = async |mutation: &str, input: Value, code: &str| {
            let selection = if mutation == "mergeRecords" { CHANGES } else { "task { id }" };
            steward.change(mutation, input, selection).await.assert_refused(code);
        };
        check("mergeRecords", merge(&[&one, &one]), "MERGE_WITH_ITSELF").await;
        check("mergeRecords", merge(&[&one]), "MERGE_WITH_ITSELF").await;
        check("mergeRecords", merge(&[&one, &gone]), "RECORD_ARCHIVED").await;
        check("mergeRecords", merge(&[&one, &account]), "DIFFERENT_KINDS").await;
        check("mergeRecords", deals, "KIND_NOT_MATCHED").await;
        check("mergeRecords", json!({ "ids": [one, gone], "reason": " " }), "REASON_BLANK").await;
        check("proposeUnmerge", unmerge(&one, &["00Q1"]), "NOT_MERGED").await;
        check("proposeUnmerge", unmerge(&one, &["00Q2"]), "NOT_A_MEMBER").await;
        let partner = gateway.given_partner("販売代理店").await;
        for client in
            [gateway.as_admin_of(&partner), gateway.as_rep_of(&partner), gateway.as_channel_manager("c")]
        {
            client.change("mergeRecords", merge(&[&one, &gone]), CHANGES).await.assert_refused("FORBIDDEN");
            let question =
                "query P($input: PreviewUnmergeInput!) { previewUnmerge(input: $input) { keptId } }";
            let mut input = unmerge(&one, &["00Q1"]);
            input.as_object_mut().unwrap().remove("reason");
            client.ask_with(question, json!({ "input": input })).await.assert_refused("FORBIDDEN");
        }
        assert_eq!(dump(gateway).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_joins_and_parts_as_the_api_does() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let one = gateway.given(person("00Q1", "sato")).await;
        let two = gateway.given(person("00Q2", "hanako").with(lead::phone, "03-1111-2222")).await;
        let because = ["--by", "steward-1", "--reason", "本人に確認した"];
        let merge = [&["lead", "merge", &one, &two][..], &because].concat();
        let (status, out, err) = run(url, &[&merge[..], &["--dry-run"]].concat());
        assert_eq!(status, 0, "{err}");
        assert!(
            out.contains("phone: (empty) -> 03-1111-2222") && out.contains("nothing was changed"),
            "{out}"
        );
        let (_, out, _) = run(url, &[&["--json"], &merge[..]].concat());
        let merged: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&merged["keptId"], &merged["isDryRun"]), (&json!(one), &json!(false)));
        let unmerge = [&["lead", "unmerge", &one, "--take", "CRM/Lead/00Q2"][..], &because].concat();
        let (status, out, _) = run(url, &unmerge);
        assert_eq!((status, out.contains("somebody else has to approve")), (0, true), "{out}");
        assert!(out.contains(&format!("parted  {two}")), "{out}");
        let task = out.split("review decide ").nth(1).and_then(|it| it.split(' ').next()).unwrap();
        let (_, listed, _) = run(url, &["review", "list"]);
        assert!(listed.contains(task) && listed.contains("APPROVE|REJECT, asked by steward-1"), "{listed}");
        let approve = ["review", "decide", task, "approve", "--reason", "確認した", "--by"];
        let (status, _, err) = run(url, &[&approve[..], &["steward-1"]].concat());
        assert_eq!((status, err.contains("somebody else has to decide")), (1, true), "{err}");
        let (status, out, err) = run(url, &[&approve[..], &["admin-1"]].concat());
        assert_eq!((status, out.contains("APPLIED")), (0, true), "{out}{err}");
        let (status, _, err) = run(url, &unmerge);
        assert_eq!((status, err.contains("does not belong to this record")), (1, true), "{err}");
        let (_, out, _) = run(url, &["--json", "lead", "decisions", &one]);
        let said: Value = serde_json::from_str(&out).unwrap();
        let withdraw = [&["lead", "withdraw", said[0]["id"].as_str().unwrap()][..], &because].concat();
        let (status, out, err) = run(url, &withdraw);
        assert_eq!((status, out.contains(&format!("{one} and {two}"))), (0, true), "{out}{err}");
        assert_eq!(run(url, &merge).0, 0);
    })
    .await;
}
