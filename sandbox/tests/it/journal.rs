//! Writes that survive a restart.

use std::io::Write;
use std::path::Path;

use sandbox::{Error, Options, Sandbox};
use serde_json::{Value, json};

use crate::harness::Crm;

async fn demo(journal: &Path, seed: u64) -> Result<Sandbox, Error> {
    Sandbox::start(options(journal, seed)).await
}

fn options(journal: &Path, seed: u64) -> Options {
    Options { leads: Some(50), seed, journal: Some(journal.to_owned()), ..Options::default() }
}

/// All that changes, whole: every record of two objects, deleted ones included.
async fn everything(crm: &Crm) -> Vec<Value> {
    let mut all = Vec::new();
    for object in ["Lead", "Account"] {
        let soql = format!(
            "SELECT Id, IsDeleted, Name, OwnerId, External_Id__c, CreatedDate, LastModifiedDate, SystemModstamp FROM {object} ORDER BY Id"
        );
        all.extend(crm.query_all(&soql).await.records().clone());
    }
    all
}

#[tokio::test]
async fn a_restarted_org_is_the_one_that_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.ndjson");
    let crm = Crm::start(options(&path, 7)).await;
    let id = crm.create("Lead", json!({"LastName": "新規", "Company": "極洋", "Score__c": 7})).await;
    let account = crm.create("Account", json!({"Name": "別", "NumberOfEmployees": 3})).await;
    crm.patch(&format!("sobjects/Lead/{id}"), json!({"Title": "部長", "Score__c": null}))
        .await
        .assert_status(204);
    crm.delete(&format!("sobjects/Account/{account}")).await.assert_status(204);
    let seeded = crm.column("SELECT Id FROM Lead ORDER BY Id LIMIT 2", "Id").await;
    crm.delete(&format!("sobjects/Lead/{}", seeded[0].as_str().unwrap())).await.assert_status(204);
    crm.delete(&format!("sobjects/Lead/{}", seeded[1].as_str().unwrap())).await.assert_status(204);
    crm.admin().purge(seeded[1].as_str().unwrap()).unwrap();
    let before = everything(&crm).await;
    crm.sandbox.shutdown().await;

    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"op\":\"upd").unwrap();
    let again = Crm::start(options(&path, 7)).await;
    assert_eq!(everything(&again).await, before);
    let lead = again.get(&format!("sobjects/Lead/{id}")).await.json;
    assert_eq!((&lead["Title"], &lead["Score__c"]), (&json!("部長"), &Value::Null));
    let next = again.create("Lead", json!({"LastName": "次", "Company": "x"})).await;
    assert!(next > id, "numbers go on");
    again.sandbox.shutdown().await;
    assert!(demo(&path, 7).await.is_ok(), "the torn line is gone");
}

#[tokio::test]
async fn a_foreign_or_broken_journal_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.ndjson");
    demo(&path, 7).await.unwrap().shutdown().await;
    assert!(matches!(demo(&path, 8).await, Err(Error::JournalOfAnotherOrg { .. })));
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"nonsense\n").unwrap();
    assert!(matches!(demo(&path, 7).await, Err(Error::JournalLine { line: 2, .. })));
    assert!(matches!(demo(&folder.path().join("no/such"), 7).await, Err(Error::Journal { .. })));
}
