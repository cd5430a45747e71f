//! Pages: sizes, locators, and a result set that stays what it was.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Crm, read};

const SOQL: &str = "SELECT Id FROM Lead ORDER BY SystemModstamp, Id";

async fn sized(crm: &Crm, path: &str, size: &str) -> Answer {
    let request = crm.request(Method::GET, path).header("Sforce-Query-Options", format!("batchSize={size}"));
    read(if path == "query" { request.query(&[("q", SOQL)]) } else { request }).await
}

fn next(answer: &Answer) -> String {
    answer.json["nextRecordsUrl"].as_str().unwrap().to_owned()
}

fn ids(answer: &Answer) -> Vec<String> {
    answer.records().iter().map(|it| it["Id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn all_pages_together_are_the_whole_each_record_once() {
    let crm = Crm::demo(2_100).await;
    let first = crm.query(SOQL).await;
    assert_eq!(
        (first.records().len(), &first.json["totalSize"], &first.json["done"]),
        (2000, &json!(2100), &json!(false))
    );
    assert!(next(&first).starts_with("/services/data/v62.0/query/0r8"));
    let last = crm.get(&next(&first)).await;
    assert_eq!(
        (last.records().len(), &last.json["totalSize"], &last.json["done"]),
        (100, &json!(2100), &json!(true))
    );
    assert!(last.json.get("nextRecordsUrl").is_none());
    let all: BTreeSet<String> = ids(&first).into_iter().chain(ids(&last)).collect();
    assert_eq!(all.len(), 2100);
}

#[tokio::test]
async fn page_sizes_are_held_within_bounds_and_may_change() {
    let crm = Crm::demo(2_500).await;
    assert_eq!(sized(&crm, "query", "10").await.records().len(), 200);
    assert_eq!(sized(&crm, "query", "9999").await.records().len(), 2000);
    let first = sized(&crm, "query", "300").await;
    assert_eq!(first.records().len(), 300);
    let second = sized(&crm, &next(&first), "500").await;
    assert_eq!(second.records().len(), 500);
    assert!(next(&second).ends_with("-800"));
}

#[tokio::test]
async fn a_result_set_is_fixed_but_its_values_are_current() {
    let crm = Crm::demo(600).await;
    let first = sized(&crm, "query", "200").await;
    let whole = ids(&crm.query(SOQL).await);
    crm.patch(&format!("sobjects/Lead/{}", whole[0]), json!({"Title": "moved to the end"})).await;
    crm.delete(&format!("sobjects/Lead/{}", whole[250])).await.assert_status(204);
    crm.create("Lead", json!({"LastName": "新しい", "Company": "x"})).await;
    let second = sized(&crm, &next(&first), "200").await;
    let mut expected = whole[200..400].to_vec();
    expected.remove(50);
    assert_eq!(ids(&second), expected);
    assert_eq!(second.json["totalSize"], 600);
}

#[tokio::test]
async fn unknown_and_dead_locators() {
    let mut crm = Crm::demo(600).await;
    for locator in ["0r8xx3d3EPhUvGGAAN-2000", "0r8", "x", "-1", "0r85g000000000AAA-99999999999999999999"] {
        crm.get(&format!("query/{locator}")).await.assert_refused(400, "INVALID_QUERY_LOCATOR");
    }
    let first = sized(&crm, "query", "200").await;
    crm.get(&next(&first)).await.assert_status(200);
    crm.admin().advance(Duration::from_secs(2 * 86_400));
    crm.log_in().await;
    crm.get(&next(&first)).await.assert_refused(400, "INVALID_QUERY_LOCATOR");
}

#[tokio::test]
async fn query_all_shows_the_recycle_bin() {
    let crm = Crm::empty().await;
    let id = crm.create("Lead", json!({"LastName": "x", "Company": "y"})).await;
    crm.delete(&format!("sobjects/Lead/{id}")).await.assert_status(204);
    assert_eq!(crm.query("SELECT Id FROM Lead").await.json["totalSize"], 0);
    let all = crm.query_all("SELECT Id, IsDeleted FROM Lead").await;
    assert_eq!(all.records()[0]["IsDeleted"], true);
    crm.admin().purge(&id).unwrap();
    assert_eq!(crm.query_all("SELECT Id FROM Lead").await.records(), &Vec::<Value>::new());
}
