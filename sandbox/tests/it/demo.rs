//! Demo data: the same seed gives the same org, with the duplicates it promises.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::demo::truth;
use serde_json::Value;

use crate::harness::Crm;

const SEED: u64 = sandbox::DEMO_SEED;

async fn dump(crm: &Crm) -> Vec<Value> {
    let mut records = Vec::new();
    for object in ["Account", "Campaign", "Contact", "Lead", "Opportunity", "Task", "User"] {
        let mut answer = crm.query_all(&format!("SELECT FIELDS(STANDARD) FROM {object}")).await;
        loop {
            records.extend(answer.records().clone());
            let Some(next) = answer.json["nextRecordsUrl"].as_str() else { break };
            answer = crm.get(next).await;
        }
    }
    records
}

#[tokio::test]
async fn the_same_seed_gives_the_same_org() {
    let (one, other) = (Crm::demo(300).await, Crm::demo(300).await);
    let first = dump(&one).await;
    assert_eq!(first, dump(&other).await);
    assert_eq!(truth(300, SEED), truth(300, SEED));
    assert_ne!(truth(300, SEED), truth(300, SEED + 1));
    let count = |name: &str| first.iter().filter(|it| it["attributes"]["type"] == name).count();
    assert_eq!(["Account", "Contact", "Lead", "Opportunity"].map(count), [600, 1500, 300, 800]);
}

#[tokio::test]
async fn about_fifteen_percent_of_leads_are_duplicates_and_they_differ() {
    let crm = Crm::demo(2_000).await;
    let truth = truth(2_000, SEED);
    let persons: BTreeSet<u32> = truth.iter().map(|it| it.person).collect();
    let doubles = truth.len() - persons.len();
    assert!((240..=360).contains(&doubles), "{doubles} of 2,000");
    let soql = "SELECT External_Id__c, LastName, FirstName, Company, Email, Phone, MobilePhone FROM Lead ORDER BY Id";
    let answer = crm.query(soql).await;
    let mut groups: BTreeMap<u32, Vec<&Value>> = BTreeMap::new();
    for (lead, truth) in answer.records().iter().zip(&truth) {
        assert_eq!(lead["External_Id__c"].as_str().unwrap(), truth.external_id);
        groups.entry(truth.person).or_default().push(lead);
    }
    let alike = |it: &&Vec<&Value>| {
        let plain = |lead: &Value| {
            let mut lead = lead.clone();
            for key in ["attributes", "External_Id__c"] {
                lead.as_object_mut().unwrap().remove(key);
            }
            lead
        };
        it.len() > 1 && it.iter().all(|lead| plain(lead) == plain(it[0]))
    };
    let identical = groups.values().filter(alike).count();
    assert!(identical * 4 < doubles, "{identical} of {doubles} are typed the same way");
}

#[tokio::test]
async fn converted_leads_point_at_what_they_became() {
    let crm = Crm::demo(500).await;
    let soql = "SELECT Name, Company, ConvertedAccount.Name, ConvertedContact.Name, ConvertedOpportunity.Account.Name \
        FROM Lead WHERE IsConverted = true";
    let answer = crm.query(soql).await;
    assert_eq!(answer.records().len(), 20);
    for lead in answer.records() {
        assert_eq!(lead["ConvertedContact"]["Name"], lead["Name"]);
        assert_eq!(lead["ConvertedAccount"]["Name"], lead["Company"]);
        assert_eq!(lead["ConvertedOpportunity"]["Account"]["Name"], lead["Company"]);
    }
}

#[tokio::test]
async fn every_value_would_be_taken_by_the_api_itself() {
    let crm = Crm::demo(400).await;
    let lead = crm.get("sobjects/Lead/describe").await.json;
    let fields = lead["fields"].as_array().unwrap();
    let names: Vec<&str> = fields
        .iter()
        .filter(|it| it["createable"] == true && it["externalId"] == false)
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    let leads = crm.query(&format!("SELECT {} FROM Lead", names.join(", "))).await;
    for record in leads.records() {
        let mut body = record.clone();
        body.as_object_mut().unwrap().retain(|key, value| key != "attributes" && !value.is_null());
        let answer = crm.post("sobjects/Lead", body).await;
        assert_eq!(answer.status, 201, "{} {record}", answer.text);
    }
    let stamps = crm.column("SELECT SystemModstamp FROM Lead WHERE CreatedDate < 2026-11-01T00:00:00Z ORDER BY SystemModstamp", "SystemModstamp").await;
    let distinct: BTreeSet<&str> = stamps.iter().map(|it| it.as_str().unwrap()).collect();
    assert!(distinct.len() * 10 < stamps.len() * 9, "many share one second");
}
