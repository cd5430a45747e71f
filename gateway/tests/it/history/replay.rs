//! What was served at an instant is what is shown as of it, whatever happened since.

use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Role;
use domain::fields::{account, lead, opportunity};
use serde_json::{Value, json};

use super::present::{KINDS, all};
use crate::harness::{Chance, GivenPartner, Said, TestGateway, on_every_store};
use crate::policies::ma_first;

/// Says how many stores are gone through; each has as many moments as [`STEPS`].
const STORES: &str = "GATEWAY_TEST_REPLAYS";
const USUAL_STORES: u64 = 3;
const STEPS: usize = 30;

/// Something a source may say: few people and companies, so that records meet and part.
fn said(chance: &mut Chance, now: DateTime<Utc>) -> Said {
    let said = match chance.below(6) {
        0 => {
            let id = chance.one_of::<&str>(&["0011", "0012", "0013"]);
            let name = chance.one_of::<&str>(&["株式会社極洋", "㈱極洋", "アシスト株式会社"]);
            let said = Said::account(id, name).with(account::website, "https://kyokuyo.example");
            said.with(account::phone, chance.one_of::<&str>(&["03-1234-5678", "03-9999-0000", ""]))
        }
        1 => {
            let account = chance.one_of::<&str>(&["0011", "0012", "0014"]);
            let said = Said::opportunity(
                chance.one_of::<&str>(&["0061", "0062"]),
                chance.one_of::<&str>(&["冷凍庫", "冷蔵庫"]),
            );
            said.with(opportunity::account, account)
                .with(opportunity::amount, chance.one_of::<&str>(&["100", "200"]))
        }
        _ => {
            let mailbox = chance.one_of::<&str>(&["sato", "sato", "tanaka", "info"]);
            let said = Said::lead(chance.one_of::<&str>(&["00Q1", "00Q2", "00Q3", "00Q4"]));
            let said = said.with(lead::email, &format!("{mailbox}@kyokuyo.example"));
            let said = said.with(lead::last_name, chance.one_of::<&str>(&["佐藤", "佐藤", "田中"]));
            let said = said.with(
                lead::phone,
                chance.one_of::<&str>(&["03-1234-5678", "0312345678", "090-1111-2222", ""]),
            );
            let said = said.with(lead::website, "https://kyokuyo.example");
            if chance.below(4) > 0 {
                said
            } else {
                said.with(lead::converted_account, chance.one_of::<&str>(&["0011", "0014"]))
            }
        }
    };
    let said = if chance.below(3) > 0 { said } else { said.by("MA") };
    let said = if chance.below(8) > 0 { said } else { said.deleted() };
    let ago = TimeDelta::minutes(i64::try_from(chance.below(90)).unwrap());
    said.modified(now - ago)
}

/// Everything that is served, list by list.
async fn served(gateway: &TestGateway, as_of: &str) -> Vec<(&'static str, Vec<Value>)> {
    let mut lists = Vec::new();
    for (list, fields) in KINDS {
        lists.push((list, all(gateway, list, fields, as_of).await));
    }
    lists
}

/// The leads there are, with the records they are made of.
async fn leads(gateway: &TestGateway) -> Vec<Value> {
    let leads =
        gateway.as_admin().ask("{ leads { nodes { id sourceRecords { system object externalId } } } }").await;
    leads.at("/leads/nodes").as_array().unwrap().clone()
}

/// One asks for an unmerge and another one approves it; whether it was done.
async fn takes_apart(gateway: &TestGateway, input: Value) -> bool {
    let steward = gateway.as_staff(Role::DataSteward, "steward");
    let asked = steward.change("proposeUnmerge", input, "task { id }").await;
    if !asked.codes().is_empty() {
        return false;
    }
    let task = asked.at("/proposeUnmerge/task/id");
    let approval = json!({ "taskId": task, "decision": "APPROVE", "reason": "known" });
    let approved = gateway.as_admin().change("decideReviewTask", approval, "task { state }").await;
    approved.at("/decideReviewTask/task/state") == "APPLIED"
}

/// Something that people or sources may do; what is refused changes nothing. Tells whether a record was taken apart.
async fn something_happens(gateway: &TestGateway, chance: &mut Chance, partner: &GivenPartner) -> bool {
    let admin = gateway.as_admin();
    let leads = leads(gateway).await;
    let lead = |chance: &mut Chance| leads[chance.below(leads.len())].clone();
    match chance.below(12) {
        0 if !leads.is_empty() => {
            let input = json!({ "leadId": lead(chance)["id"], "partnerId": partner.id });
            admin.change("assignLead", input, "lead { id }").await;
        }
        1 | 2 if leads.len() > 1 => {
            let ids = [lead(chance)["id"].clone(), lead(chance)["id"].clone()];
            let input = json!({ "ids": ids, "reason": "the same" });
            admin.change("mergeRecords", input, "survivorId").await;
        }
        3 => {
            // Notes of ours are taken out with their records, never alone.
            let of_sources = |lead: &Value| {
                let records = lead["sourceRecords"].as_array().unwrap().iter();
                records.filter(|it| it["system"] != "OWN").cloned().collect::<Vec<_>>()
            };
            let together: Vec<_> = leads.iter().filter(|it| of_sources(it).len() > 1).collect();
            if !together.is_empty() {
                let lead = chance.one_of(&together);
                let record = chance.one_of(&of_sources(lead));
                let input = json!({ "id": lead["id"], "sourceRecords": [record], "reason": "not" });
                return takes_apart(gateway, input).await;
            }
        }
        4 if !leads.is_empty() => {
            let value = chance.one_of::<&str>(&["03-7777-7777", "03-8888-8888"]);
            let input = json!({ "recordId": lead(chance)["id"], "field": "phone", "value": value, "reason": "known" });
            admin.change("pinField", input, "recordId").await;
        }
        5 if !leads.is_empty() => {
            let input = json!({ "recordId": lead(chance)["id"], "field": "phone", "reason": "not any more" });
            admin.change("unpinField", input, "recordId").await;
        }
        _ => gateway.hears([said(chance, gateway.services.clock.now())]).await,
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn every_moment_is_shown_as_it_was_served() {
    let stores = env::var(STORES).map_or(USUAL_STORES, |it| it.parse().expect("a number of stores"));
    let parted = AtomicUsize::new(0);
    for seed in 1..=stores {
        on_every_store(async |gateway| {
            let mut chance = Chance::seeded(seed);
            let partner = gateway.given_partner("極洋商事").await;
            let mut moments = Vec::new();
            for step in 0..STEPS {
                gateway.let_pass(TimeDelta::hours(1));
                if step == STEPS / 2 {
                    let policy = gateway.given_approved(&ma_first()).await;
                    gateway.activates(&policy).await.data();
                }
                let is_parted = something_happens(gateway, &mut chance, &partner).await;
                parted.fetch_add(usize::from(is_parted), Ordering::Relaxed);
                moments.push((gateway.services.clock.now(), served(gateway, "").await));
            }
            for (at, was) in moments {
                let as_of = format!("asOf: {{ recordedAt: \"{}\" }}", at.to_rfc3339());
                for ((list, was), (_, shown)) in was.iter().zip(served(gateway, &as_of).await) {
                    for (was, shown) in was.iter().zip(&shown) {
                        assert_eq!(shown, was, "{list} as of {at}, seed {seed}");
                    }
                    assert_eq!(shown.len(), was.len(), "{list} as of {at}, seed {seed}");
                }
            }
        })
        .await;
    }
    assert!(parted.into_inner() > 0, "nothing was taken apart");
}
