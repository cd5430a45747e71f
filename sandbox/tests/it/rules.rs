//! What an org's administrators set up: duplicate rules, row locks, triggers that tidy up.

use std::time::Duration;

use reqwest::Method;
use sandbox::{DuplicateRule, Fault, FaultKind};
use serde_json::json;

use crate::harness::{Crm, read};

fn lead(email: &str) -> serde_json::Value {
    json!({"LastName": "佐藤", "Company": "極洋", "Email": email})
}

#[tokio::test]
async fn a_duplicate_is_refused_with_what_was_found() {
    let crm = Crm::empty().await;
    let known = crm.create("Lead", lead("a@example.com")).await;
    crm.admin().set_duplicate_rule(DuplicateRule::on("Lead", &["Email"])).unwrap();
    let refused = crm.post("sobjects/Lead", lead("A@example.com")).await;
    refused.assert_refused(400, "DUPLICATES_DETECTED");
    let found = &refused.json[0]["duplicateResut"];
    assert_eq!(found["allowSave"], false);
    assert_eq!(found["matchResults"][0]["matchRecords"][0]["record"]["Id"], json!(known));
    crm.create("Lead", lead("b@example.com")).await;
    crm.patch(&format!("sobjects/Lead/{known}"), json!({"Title": "untouched by the rule"}))
        .await
        .assert_status(204);
    let record =
        json!({"attributes": {"type": "Lead"}, "LastName": "x", "Company": "y", "Email": "a@example.com"});
    let results = crm.post("composite/sobjects", json!({"records": [record]})).await;
    assert_eq!(results.json[0]["errors"][0]["statusCode"], "DUPLICATES_DETECTED");
    assert!(crm.admin().set_duplicate_rule(DuplicateRule::on("Lead", &["Nothing"])).is_err());
}

#[tokio::test]
async fn a_rule_that_only_warns_can_be_forced() {
    let crm = Crm::empty().await;
    crm.create("Lead", lead("a@example.com")).await;
    let rule = DuplicateRule { allow_save: true, ..DuplicateRule::on("Lead", &["Email"]) };
    crm.admin().set_duplicate_rule(rule).unwrap();
    crm.post("sobjects/Lead", lead("a@example.com")).await.assert_refused(400, "DUPLICATES_DETECTED");
    let forced = crm.request(Method::POST, "sobjects/Lead").json(&lead("a@example.com"));
    let forced = forced.header("Sforce-Duplicate-Rule-Header", "allowSave=true; runAsCurrentUser=true");
    read(forced).await.assert_status(201);
}

#[tokio::test]
async fn writers_of_siblings_lock_each_other_out() {
    let crm = Crm::empty().await;
    let account = crm.create("Account", json!({"Name": "極洋"})).await;
    let other = crm.create("Account", json!({"Name": "住友"})).await;
    crm.admin().hold_row_locks(Duration::from_secs(60));
    let contact = |account: &str| json!({"LastName": "鈴木", "AccountId": account});
    crm.create("Contact", contact(&account)).await;
    crm.post("sobjects/Contact", contact(&account)).await.assert_refused(400, "UNABLE_TO_LOCK_ROW");
    crm.create("Contact", contact(&other)).await;
    crm.admin().hold_row_locks(Duration::ZERO);
    crm.create("Contact", contact(&account)).await;
}

#[tokio::test]
async fn an_org_may_tidy_up_what_is_written() {
    let crm = Crm::empty().await;
    crm.sandbox.faults().inject(Fault::new(FaultKind::ReformattedWrites));
    crm.create("Lead", json!({"LastName": " 佐藤 ", "Company": "極洋  本社", "Phone": "03-1234-5678"})).await;
    let lead = crm.query("SELECT LastName, Company, Phone FROM Lead").await.records()[0].clone();
    assert_eq!((&lead["LastName"], &lead["Company"]), (&json!("佐藤"), &json!("極洋 本社")));
    assert_eq!(lead["Phone"], "0312345678");
}
