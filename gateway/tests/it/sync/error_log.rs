//! Working on the error log: finding entries, having them tried again, ignoring them.

use chrono::TimeDelta;
use domain::access::Role;
use gateway::platform::auth::signing::Claims;
use serde_json::{Value, json};

use super::stage::{Stage, on_every_store};
use crate::harness::{Client, TestGateway, run};

const LEADS: usize = 200;
const HOUR: TimeDelta = TimeDelta::hours(1);

/// A CRM with one record that cannot be taken in, read once: the record's id.
async fn after_a_failure(scene: impl AsyncFn(&Stage, &TestGateway, &str)) {
    on_every_store(LEADS, async |stage| {
        let deal = stage.crm.any("Opportunity").await;
        stage.crm.update("Opportunity", &deal, json!({ "Amount": 1000.5, "CurrencyIsoCode": "JPY" })).await;
        stage.sync().await.unwrap();
        stage.let_pass(HOUR);
        scene(stage, &stage.gateway().await, &deal).await;
    })
    .await;
}

async fn entries(client: &Client<'_>, filter: Value) -> Vec<Value> {
    let question = "query($filter: SyncErrorFilter) { syncErrors(filter: $filter) { totalCount nodes {
        id state category attempts isRetryable nextAttemptAt payload reason decidedBy message } } }";
    let answer = client.ask_with(question, json!({ "filter": filter })).await;
    let nodes = answer.at("/syncErrors/nodes").as_array().unwrap().clone();
    assert_eq!(answer.at("/syncErrors/totalCount"), nodes.len());
    nodes
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_found_by_the_id_that_people_copy_from_the_crm() {
    after_a_failure(async |_, gateway, deal| {
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        let found = entries(&steward, json!({ "externalId": [&deal[..15]] })).await;
        let [entry] = &found[..] else { panic!("{found:?}") };
        assert_eq!((&entry["state"], &entry["category"]), (&json!("OPEN"), &json!("VALIDATION")));
        assert_eq!((&entry["isRetryable"], &entry["nextAttemptAt"]), (&json!(false), &Value::Null));
        assert_eq!(entry["payload"]["Amount"], "1000.5", "what is wrong shows");
        let name = entry["payload"]["Name"].as_str().unwrap();
        assert!(name.ends_with("characters)"), "what may be about a person does not: {name}");
        for other in [
            json!({ "externalId": ["006000000000000"] }),
            json!({ "system": ["MA"] }),
            json!({ "object": ["Lead"] }),
            json!({ "category": ["SCHEMA"] }),
            json!({ "direction": "OUTBOUND" }),
            json!({ "state": ["RESOLVED"] }),
        ] {
            assert_eq!(entries(&steward, other.clone()).await, Vec::<Value>::new(), "{other}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_tried_again_when_somebody_asks_for_it() {
    after_a_failure(async |stage, gateway, deal| {
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        let ask = async |dry_run: bool| {
            let filter = json!({ "externalId": [deal] });
            let input = json!({ "filter": filter, "dryRun": dry_run, "idempotencyKey": "once" });
            let answer = steward.change("retrySyncErrors", input, "count errors { state }").await;
            answer.at("/retrySyncErrors").clone()
        };
        assert_eq!(ask(true).await, json!({ "count": 1, "errors": [{ "state": "OPEN" }] }));
        assert_eq!(ask(false).await, json!({ "count": 1, "errors": [{ "state": "RETRYING" }] }));
        assert_eq!(ask(false).await["count"], 1, "a repeated request is answered as the first one");
        stage.sync().await.unwrap();
        let again = entries(&steward, json!({})).await;
        // Once because it was asked for, and once because runs overlap.
        assert_eq!((&again[0]["attempts"], &again[0]["state"]), (&json!(3), &json!("OPEN")));
        assert_eq!(again[0]["decidedBy"], "steward");

        stage.crm.update("Opportunity", deal, json!({ "Amount": 1000 })).await;
        stage.let_pass(HOUR);
        stage.sync().await.unwrap();
        assert_eq!(entries(&steward, json!({})).await, Vec::<Value>::new());
        assert_eq!(entries(&steward, json!({ "state": ["RESOLVED"] })).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ignored_failure_stays_out_of_sight_until_its_record_is_mended() {
    after_a_failure(async |stage, gateway, deal| {
        let admin = gateway.as_admin();
        let input = json!({ "filter": { "category": ["VALIDATION"] }, "reason": "閉じた商談" });
        let ignored = admin.change("ignoreSyncErrors", input, "count errors { state reason }").await;
        let expected = json!({ "count": 1, "errors": [{ "state": "IGNORED", "reason": "閉じた商談" }] });
        assert_eq!(ignored.at("/ignoreSyncErrors"), &expected);
        stage.crm.update("Opportunity", deal, json!({ "Amount": 2000.5 })).await;
        stage.sync().await.unwrap();
        assert_eq!(entries(&admin, json!({})).await, Vec::<Value>::new());
        let seen = entries(&admin, json!({ "state": ["IGNORED"] })).await;
        assert_eq!((&seen[0]["attempts"], &seen[0]["reason"]), (&json!(2), &json!("閉じた商談")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_work_on_the_log() {
    after_a_failure(async |_, gateway, _| {
        let input = json!({ "filter": { "system": ["CRM"] }, "dryRun": true });
        let count = async |client: Client<'_>| {
            client
                .change("retrySyncErrors", input.clone(), "count")
                .await
                .at("/retrySyncErrors/count")
                .clone()
        };
        let manager = gateway.as_channel_manager("manager");
        assert_eq!(entries(&manager, json!({})).await.len(), 1, "a channel manager reads");
        manager.change("retrySyncErrors", input.clone(), "count").await.assert_refused("FORBIDDEN");
        assert_eq!(count(gateway.as_staff(Role::DataSteward, "steward")).await, 1);
        let job = |scopes: &[&str]| {
            let claims = gateway.claims(&[Role::IntegrationJob], "job", None);
            Claims { scopes: scopes.iter().map(|it| (*it).to_owned()).collect(), ..claims }
        };
        assert_eq!(count(gateway.with_claims(&job(&["source:MA"]))).await, 0, "another source's job");
        assert_eq!(count(gateway.with_claims(&job(&["source:CRM"]))).await, 1);
        let nothing = gateway.as_admin().change("retrySyncErrors", json!({}), "count").await;
        nothing.assert_refused("NOTHING_NAMED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_and_works_on_the_log() {
    after_a_failure(async |stage, gateway, deal| {
        let url = &stage.store.url;
        let (code, text, _) = run(url, &["sync", "errors", "--record", &deal[..15]]);
        assert!(code == 0 && text.starts_with("LAST SEEN") && text.contains(deal), "{text}");
        let (code, _, error) = run(url, &["sync", "retry"]);
        assert!(code == 2 && error.contains("every entry"), "{error}");
        let (code, json, _) = run(url, &["--json", "sync", "retry", "--category", "validation"]);
        let done: Value = serde_json::from_str(&json).unwrap();
        assert_eq!((code, &done["count"], &done["byCategory"]), (0, &json!(1), &json!({ "VALIDATION": 1 })));
        let entries = entries(&gateway.as_admin(), json!({})).await;
        assert_eq!(
            (&entries[0]["state"], &entries[0]["decidedBy"]),
            (&json!("RETRYING"), &json!("operator"))
        );
        let (code, text, _) = run(url, &["sync", "ignore", "--record", deal, "--reason", "a test"]);
        assert!(code == 0 && text.starts_with("1 entries ignored"), "{text}");
    })
    .await;
}
