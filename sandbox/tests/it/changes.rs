//! `/updated`, `/deleted`, and stamps.

use std::time::Duration;

use serde_json::json;

use crate::harness::Crm;

async fn span(crm: &Crm, what: &str, start: &str, end: &str) -> crate::harness::Answer {
    crm.get(&format!("sobjects/Lead/{what}/?start={start}&end={end}")).await
}

#[tokio::test]
async fn changes_of_a_span_of_whole_minutes() {
    let crm = Crm::empty().await;
    let lead = async || crm.create("Lead", json!({"LastName": "x", "Company": "y"})).await;
    let first = lead().await;
    crm.admin().advance(Duration::from_secs(120));
    let second = lead().await;
    crm.admin().advance(Duration::from_secs(60));
    crm.delete(&format!("sobjects/Lead/{first}")).await.assert_status(204);
    crm.admin().advance(Duration::from_secs(90));

    let updated = span(&crm, "updated", "2026-11-01T00:00:00Z", "2026-11-01T00:10:00%2B00:00").await;
    assert_eq!(updated.json, json!({"ids": [second], "latestDateCovered": "2026-11-01T00:04:00.000+0000"}));
    // Seconds are ignored: 00:02:59 is 00:02.
    let ignored = span(&crm, "updated", "2026-11-01T00:02:59Z", "2026-11-01T00:03:59Z").await;
    assert_eq!(ignored.json["ids"], json!([second]));
    let deleted = span(&crm, "deleted", "2026-11-01T00:00:00Z", "2026-11-01T00:04:00Z").await;
    assert_eq!(
        deleted.json["deletedRecords"],
        json!([{"id": first, "deletedDate": "2026-11-01T00:03:00.000+0000"}])
    );
    assert!(deleted.json["earliestDateAvailable"].is_string());
    crm.admin().purge(&first).unwrap();
    let purged = span(&crm, "deleted", "2026-11-01T00:00:00Z", "2026-11-01T00:04:00Z").await;
    assert_eq!(purged.json["deletedRecords"][0]["id"], json!(first));
}

#[tokio::test]
async fn spans_outside_the_rules_are_refused() {
    let crm = Crm::empty().await;
    for (start, end) in [
        ("2026-11-01T00:05:00Z", "2026-11-01T00:00:00Z"),
        ("2026-11-01T00:00:01Z", "2026-11-01T00:00:59Z"),
        ("2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ("yesterday", "2026-11-01T00:00:00Z"),
        ("2026-11-01T00:00:00Z", ""),
    ] {
        span(&crm, "updated", start, end).await.assert_refused(400, "INVALID_REPLICATION_DATE");
        span(&crm, "deleted", start, end).await.assert_refused(400, "INVALID_REPLICATION_DATE");
    }
}

#[tokio::test]
async fn the_system_moves_its_own_stamp_alone() {
    let crm = Crm::empty().await;
    let id = crm.create("Lead", json!({"LastName": "x", "Company": "y"})).await;
    crm.admin().advance(Duration::from_secs(60));
    crm.admin().touch(&id).unwrap();
    let lead = crm.get(&format!("sobjects/Lead/{id}")).await.json;
    assert_eq!(lead["LastModifiedDate"], "2026-11-01T00:00:00.000+0000");
    assert_eq!(lead["SystemModstamp"], "2026-11-01T00:01:00.000+0000");
}
