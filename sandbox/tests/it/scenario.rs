//! Scenario files: the same bad day each time.

use sandbox::{Options, Sandbox, Scenario};
use serde_json::json;

use crate::harness::{Answer, Crm};

async fn with(scenario: &str) -> Crm {
    Crm::start(Options {
        leads: Some(50),
        scenario: Scenario::parse(scenario).unwrap(),
        ..Options::default()
    })
    .await
}

async fn statuses(crm: &Crm) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(crm.get("limits").await.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn rates_strike_the_same_requests_each_time() {
    let text = "seed = 7\n[[faults]]\nkind = \"unavailable\"\nrate = 0.2\npath = \"/services/data\"\n\
                [[faults]]\nkind = \"expired_token\"\nevery = 1000";
    let once = statuses(&with(text).await).await;
    assert_eq!(once, statuses(&with(text).await).await);
    assert!((3..20).contains(&once.iter().filter(|it| **it == 503).count()), "{once:?}");
    assert_ne!(once, statuses(&with(&text.replace("seed = 7", "seed = 8")).await).await);
}

#[tokio::test]
async fn events_happen_before_their_request() {
    let crm = with(
        "clock_ahead_seconds = 600\n[[events]]\nafter_requests = 1\ndo = \"edit\"\nobject = \"Account\"\nfield = \"Site\"\ncount = 3\n\
         [[events]]\nafter_requests = 2\ndo = \"hide_field\"\nobject = \"Account\"\nfield = \"Site\"",
    )
    .await;
    let edited = "SELECT COUNT() FROM Account WHERE Site LIKE 'edited%'";
    crm.get("limits").await.assert_status(200);
    assert_eq!(crm.query(edited).await.json["totalSize"], 3);
    crm.query(edited).await.assert_refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn a_purge_leaves_no_trace_of_deletions() {
    let crm = with("[[events]]\nafter_requests = 3\ndo = \"purge_deleted\"").await;
    let id = crm.create("Lead", json!({"LastName": "佐藤", "Company": "極洋"})).await;
    crm.delete(&format!("sobjects/Lead/{id}")).await.assert_status(204);
    let kept = crm.query_all(&format!("SELECT Id FROM Lead WHERE Id = '{id}'")).await;
    assert_eq!(kept.records().len(), 1);
    let gone = crm.query_all(&format!("SELECT Id FROM Lead WHERE Id = '{id}'")).await;
    assert_eq!(gone.records().len(), 0);
}

#[tokio::test]
async fn a_scenario_that_names_what_is_not_there_does_not_start() {
    let scenario = Scenario::parse("[[duplicate_rules]]\nobject = \"Lead\"\nfields = [\"Nothing\"]").unwrap();
    assert!(Sandbox::start(Options { scenario, ..Options::empty_org() }).await.is_err());
}

async fn refreshed(crm: &Crm, token: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", sandbox::DEMO_CLIENT_ID),
        ("client_secret", sandbox::DEMO_CLIENT_SECRET),
        ("refresh_token", token),
    ];
    crm.token(&form).await
}

#[tokio::test]
async fn a_rotated_refresh_token_is_good_for_once() {
    let crm = with("rotates_refresh_tokens = true").await;
    let first = crm.admin().refresh_token();
    let second = refreshed(&crm, &first).await.json["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(refreshed(&crm, &first).await.json["error"], "invalid_grant");
    assert_eq!(refreshed(&crm, &second).await.json["error"], "invalid_grant", "the whole grant is revoked");
}
