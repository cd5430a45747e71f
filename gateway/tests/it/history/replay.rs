//! What was served at an instant is what is shown as of it, whatever happened since.

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::{account, lead, opportunity};
use serde_json::{Value, json};

use super::present::{KINDS, all};
use crate::harness::{GivenPartner, Said, TestGateway, on_every_store};
use crate::policies::ma_first;

/// Chance that the seed alone decides.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.below(texts.len())]
    }
}

/// Something a source may say: few people and companies, so that records meet and part.
fn said(dice: &mut Dice, now: DateTime<Utc>) -> Said {
    let said = match dice.below(6) {
        0 => {
            let id = dice.one_of(&["0011", "0012", "0013"]);
            let name = dice.one_of(&["株式会社極洋", "㈱極洋", "アシスト株式会社"]);
            let said = Said::account(id, name).with(account::website, "https://kyokuyo.example");
            said.with(account::phone, dice.one_of(&["03-1234-5678", "03-9999-0000", ""]))
        }
        1 => {
            let account = dice.one_of(&["0011", "0012", "0014"]);
            let said = Said::opportunity(dice.one_of(&["0061", "0062"]), dice.one_of(&["冷凍庫", "冷蔵庫"]));
            said.with(opportunity::account, account).with(opportunity::amount, dice.one_of(&["100", "200"]))
        }
        _ => {
            let mailbox = dice.one_of(&["sato", "sato", "tanaka", "info"]);
            let said = Said::lead(dice.one_of(&["00Q1", "00Q2", "00Q3", "00Q4"]));
            let said = said.with(lead::email, &format!("{mailbox}@kyokuyo.example"));
            let said = said.with(lead::last_name, dice.one_of(&["佐藤", "佐藤", "田中"]));
            let said =
                said.with(lead::phone, dice.one_of(&["03-1234-5678", "0312345678", "090-1111-2222", ""]));
            let said = said.with(lead::website, "https://kyokuyo.example");
            if dice.below(4) > 0 {
                said
            } else {
                said.with(lead::converted_account, dice.one_of(&["0011", "0014"]))
            }
        }
    };
    let said = if dice.below(3) > 0 { said } else { said.by("MA") };
    let said = if dice.below(8) > 0 { said } else { said.deleted() };
    let ago = TimeDelta::minutes(i64::try_from(dice.below(90)).unwrap());
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

/// Something that people or sources may do; what is refused changes nothing.
async fn something_happens(gateway: &TestGateway, dice: &mut Dice, partner: &GivenPartner) {
    let admin = gateway.as_admin();
    let leads = leads(gateway).await;
    let lead = |dice: &mut Dice| leads[dice.below(leads.len())].clone();
    match dice.below(12) {
        0 if !leads.is_empty() => {
            let input = json!({ "leadId": lead(dice)["id"], "partnerId": partner.id });
            admin.change("assignLead", input, "lead { id }").await;
        }
        1 | 2 if leads.len() > 1 => {
            let ids = [lead(dice)["id"].clone(), lead(dice)["id"].clone()];
            let input = json!({ "ids": ids, "reason": "the same" });
            admin.change("mergeRecords", input, "survivorId").await;
        }
        3 if !leads.is_empty() => {
            let lead = lead(dice);
            let input =
                json!({ "id": lead["id"], "sourceRecords": [lead["sourceRecords"][0]], "reason": "not" });
            admin.change("unmergeRecord", input, "keptId").await;
        }
        4 if !leads.is_empty() => {
            let value = dice.one_of(&["03-7777-7777", "03-8888-8888"]);
            let input =
                json!({ "recordId": lead(dice)["id"], "field": "phone", "value": value, "reason": "known" });
            admin.change("pinField", input, "recordId").await;
        }
        5 if !leads.is_empty() => {
            let input = json!({ "recordId": lead(dice)["id"], "field": "phone", "reason": "not any more" });
            admin.change("unpinField", input, "recordId").await;
        }
        _ => gateway.hears([said(dice, gateway.services.clock.now())]).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_moment_is_shown_as_it_was_served() {
    for seed in 1..=3 {
        on_every_store(async |gateway| {
            let mut dice = Dice(seed);
            let partner = gateway.given_partner("極洋商事").await;
            let mut moments = Vec::new();
            for step in 0..30 {
                gateway.let_pass(TimeDelta::hours(1));
                if step == 15 {
                    let policy = gateway.given_approved(&ma_first()).await;
                    gateway.activates(&policy).await.data();
                }
                something_happens(gateway, &mut dice, &partner).await;
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
}
