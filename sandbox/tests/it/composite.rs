//! Several requests or records in one: references, conditions, and each part's own status.

use serde_json::{Value, json};

use crate::harness::{Crm, DATA};

async fn composite(crm: &Crm, parts: Value) -> Vec<Value> {
    let answer = crm.post("composite", json!({"allOrNone": false, "compositeRequest": parts})).await;
    answer.assert_status(200);
    answer.json["compositeResponse"].as_array().unwrap().clone()
}

fn statuses(parts: &[Value]) -> Vec<u64> {
    parts.iter().map(|it| it["httpStatusCode"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_later_part_refers_to_what_an_earlier_one_made() {
    let crm = Crm::empty().await;
    let parts = composite(
        &crm,
        json!([
            {"method": "POST", "url": format!("{DATA}/sobjects/Account"), "referenceId": "acc", "body": {"Name": "極洋"}},
            {"method": "POST", "url": format!("{DATA}/sobjects/Contact"), "referenceId": "con",
             "body": {"LastName": "鈴木", "AccountId": "@{acc.id}"}},
            {"method": "GET", "referenceId": "q",
             "url": format!("{DATA}/query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{{con.id}}'")},
            {"method": "PATCH", "url": format!("{DATA}/sobjects/Contact/@{{con.id}}"), "referenceId": "patch",
             "body": {"Title": "@{q.records[0].Account.Name} 部長"}},
        ]),
    )
    .await;
    assert_eq!(statuses(&parts), [201, 201, 200, 204]);
    assert!(parts[0]["httpHeaders"]["Location"].as_str().unwrap().contains("/sobjects/Account/001"));
    assert_eq!(parts[3]["body"], Value::Null);
    assert_eq!(crm.column("SELECT Title FROM Contact", "Title").await, [json!("極洋 部長")]);
}

#[tokio::test]
async fn what_refers_to_a_failure_is_halted_and_the_rest_goes_on() {
    let crm = Crm::empty().await;
    let account = format!("{DATA}/sobjects/Account");
    let parts = composite(
        &crm,
        json!([
            {"method": "POST", "url": account, "referenceId": "bad", "body": {"Phone": "x"}},
            {"method": "PATCH", "url": format!("{account}/@{{bad.id}}"), "referenceId": "on", "body": {"Phone": "y"}},
            {"method": "POST", "url": account, "referenceId": "good", "body": {"Name": "住友"}},
        ]),
    )
    .await;
    assert_eq!(statuses(&parts), [400, 400, 201]);
    assert_eq!(parts[1]["body"][0]["errorCode"], "PROCESSING_HALTED");
}

#[tokio::test]
async fn a_part_may_have_a_condition() {
    let crm = Crm::empty().await;
    let id = crm.create("Lead", json!({"LastName": "佐藤", "Company": "極洋"})).await;
    crm.admin().advance(std::time::Duration::from_secs(60));
    crm.patch(&format!("sobjects/Lead/{id}"), json!({"Title": "課長"})).await.assert_status(204);
    let parts = composite(
        &crm,
        json!([{
            "method": "PATCH", "url": format!("{DATA}/sobjects/Lead/{id}"), "referenceId": "it",
            "httpHeaders": {"If-Unmodified-Since": "Sun, 01 Nov 2026 00:00:00 GMT"}, "body": {"Title": "too late"},
        }]),
    )
    .await;
    assert_eq!(statuses(&parts), [412]);
}

#[tokio::test]
async fn a_batch_is_independent_and_cannot_be_too_long() {
    let crm = Crm::empty().await;
    let get = |url: &str| json!({"method": "GET", "url": url});
    let batch = json!({"batchRequests": [get("v62.0/sobjects/Lead/describe"), get("v62.0/sobjects/Nothing"), get("v62.0/limits")]});
    let answer = crm.post("composite/batch", batch).await;
    let codes: Vec<u64> = answer.json["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["statusCode"].as_u64().unwrap())
        .collect();
    assert_eq!((codes, &answer.json["hasErrors"]), (vec![200, 404, 200], &json!(true)));
    let many: Vec<Value> = (0..26).map(|_| get("v62.0/limits")).collect();
    crm.post("composite/batch", json!({"batchRequests": many}))
        .await
        .assert_refused(400, "EXCEEDED_ID_LIMIT");
}

#[tokio::test]
async fn a_record_twice_in_one_call_is_refused_the_second_time() {
    let crm = Crm::empty().await;
    let lead = |company: &str| json!({"External_Id__c": "x1", "LastName": "佐藤", "Company": company});
    let both = json!({"records": [lead("極洋"), lead("住友")]});
    let results = crm.patch("composite/sobjects/Lead/External_Id__c", both).await;
    assert_eq!(results.json[0]["created"], true);
    assert_eq!(results.json[1]["errors"][0]["statusCode"], "DUPLICATE_VALUE");
}
