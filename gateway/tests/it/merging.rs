//! Stewards join records and take them apart: nothing is lost, and ids resolve for ever.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::{RecordKind, lead};
use gateway::golden::export::export;
use serde_json::{Value, json};

use crate::harness::{Chance, Client, Said, TestGateway, on_every_shared_store, on_every_store, run};

const CHANGES: &str = "survivorId isDryRun changes { recordId field before after }";
const PARTS: &str =
    "keptId partedIds isDryRun changes { recordId field before after } ambiguous { field value }";

fn steward(gateway: &TestGateway) -> Client<'_> {
    gateway.as_staff(Role::DataSteward, "steward")
}

fn person(id: &str, mailbox: &str) -> Said {
    Said::lead(id).with(lead::email, &format!("{mailbox}@kyokuyo.example")).with(lead::title, id)
}

fn merge(ids: &[&str]) -> Value {
    json!({ "ids": ids, "reason": "本人に確認した" })
}

fn unmerge(id: &str, records: &[&str]) -> Value {
    let records: Vec<Value> =
        records.iter().map(|it| json!({ "system": "CRM", "object": "Lead", "externalId": it })).collect();
    json!({ "id": id, "sourceRecords": records, "reason": "別人だった" })
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
        let parted = steward(gateway).change("unmergeRecord", unmerge(&one, &["00Q2"]), PARTS).await;
        assert_eq!(parted.at("/unmergeRecord/keptId"), &json!(one));
        assert_eq!(parted.at("/unmergeRecord/partedIds"), &json!([other]));
        assert_eq!(parted.at("/unmergeRecord/ambiguous"), &json!([]));
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
        let parted = steward(gateway).change("unmergeRecord", unmerge(&one, &["00Q2"]), PARTS).await;
        let other = parted.text_at("/unmergeRecord/partedIds/0").to_owned();
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
        let mut input = unmerge(&one, &["00Q2"]);
        input["dryRun"] = json!(true);
        let merged = everything(gateway).await;
        let foreseen = steward(gateway).change("unmergeRecord", input, PARTS).await;
        assert_eq!(foreseen.at("/unmergeRecord/partedIds"), &json!([two]));
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
        let parted = steward(gateway).change("unmergeRecord", unmerge(&one, &["00Q2"]), PARTS).await;
        let fields: Vec<&str> = parted
            .at("/unmergeRecord/ambiguous")
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
        let at = |answer: &crate::harness::Answer| -> BTreeSet<String> {
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
        steward(gateway).change("unmergeRecord", input, PARTS).await.data();
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
        let mut input = unmerge(&one, &["00Q2"]);
        input["idempotencyKey"] = json!("unmerge-1");
        for _ in 0..2 {
            let parted = steward(gateway).change("unmergeRecord", input.clone(), PARTS).await;
            assert_eq!(parted.at("/unmergeRecord/keptId"), &json!(one));
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
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        gateway.hears([person("00Q2", "hanako").modified(now).deleted()]).await;
        let before = dump(gateway).await;
        let steward = steward(gateway);
        let check = async |mutation: &str, input: Value, code: &str| {
            let selection = if mutation == "mergeRecords" { CHANGES } else { PARTS };
            steward.change(mutation, input, selection).await.assert_refused(code);
        };
        check("mergeRecords", merge(&[&one, &one]), "MERGE_WITH_ITSELF").await;
        check("mergeRecords", merge(&[&one]), "MERGE_WITH_ITSELF").await;
        check("mergeRecords", merge(&[&one, &gone]), "RECORD_ARCHIVED").await;
        check("mergeRecords", merge(&[&one, &account]), "DIFFERENT_KINDS").await;
        check("mergeRecords", json!({ "ids": [one, gone], "reason": " " }), "REASON_MISSING").await;
        check("unmergeRecord", unmerge(&one, &["00Q1"]), "NOT_MERGED").await;
        check("unmergeRecord", unmerge(&one, &["00Q2"]), "NOT_A_MEMBER").await;
        let partner = gateway.given_partner("販売代理店").await;
        for client in
            [gateway.as_admin_of(&partner), gateway.as_rep_of(&partner), gateway.as_channel_manager("c")]
        {
            client.change("mergeRecords", merge(&[&one, &gone]), CHANGES).await.assert_refused("FORBIDDEN");
            client.change("unmergeRecord", unmerge(&one, &["00Q1"]), PARTS).await.assert_refused("FORBIDDEN");
        }
        assert_eq!(dump(gateway).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_id_ever_issued_resolves_after_a_thousand_merges_and_unmerges() {
    on_every_store(async |gateway| {
        let mut chance = Chance::seeded(3);
        let names: Vec<String> = (0..24).map(|it| format!("00Q{it:02}")).collect();
        let mut issued = BTreeSet::new();
        for name in &names {
            issued.insert(gateway.given(person(name, name)).await);
        }
        let (mut merges, mut splits) = (0, 0);
        for _ in 0..1_000 {
            let (a, b) = (chance.one_of(&names), chance.one_of(&names));
            let [one, other] =
                [gateway.id_of(RecordKind::Lead, &a).await, gateway.id_of(RecordKind::Lead, &b).await];
            if one == other {
                let parted = steward(gateway).change("unmergeRecord", unmerge(&one, &[&b]), PARTS).await;
                if parted.codes().is_empty() {
                    splits += 1;
                    let ids = parted.at("/unmergeRecord/partedIds").as_array().unwrap().clone();
                    issued.extend(ids.iter().map(|it| it.as_str().unwrap().to_owned()));
                }
            } else {
                let merged = steward(gateway).change("mergeRecords", merge(&[&one, &other]), CHANGES).await;
                merges += usize::from(merged.codes().is_empty());
            }
        }
        assert!(merges > 20 && splits > 20, "{merges} merges, {splits} splits");
        let question = "query One($id: ID!) { lead(id: $id) { id } }";
        for id in issued {
            let found = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
            assert!(found.at("/lead/id").is_string(), "{id}: {}", found.text);
        }
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
        let (status, out, err) = run(url, &unmerge);
        assert_eq!((status, out.contains(&format!("parted  {two}"))), (0, true), "{out}{err}");
        let (status, _, err) = run(url, &unmerge);
        assert_eq!((status, err.contains("does not belong to this record")), (1, true), "{err}");
    })
    .await;
}
