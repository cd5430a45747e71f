//! Faults, as clients meet them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::Method;
use sandbox::{Fault, FaultKind, Options, When};
use serde_json::{Value, json};

use crate::harness::{Answer, Crm, read};

const SOQL: &str = "SELECT Id FROM Lead ORDER BY Id";

#[tokio::test]
async fn answers_of_the_edge() {
    let crm = Crm::empty().await;
    crm.sandbox.faults().inject(Fault::new(FaultKind::TooManyRequests { retry_after: 7 }));
    let limited = crm.get("limits").await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, "7"));
    crm.get("limits").await.assert_status(200);
    crm.sandbox
        .faults()
        .inject(Fault::new(FaultKind::Unavailable).when(When::Times(2)).on("/services/data/*/limits"));
    crm.get("sobjects").await.assert_status(200);
    let down = crm.get("limits").await;
    assert_eq!((down.status.as_u16(), down.header("content-type")), (503, "text/html;charset=UTF-8"));
    assert!(down.text.starts_with("<!DOCTYPE html>"));
    crm.get("limits").await.assert_status(503);
    crm.get("limits").await.assert_status(200);
    crm.sandbox.faults().inject(Fault::new(FaultKind::Refusal { code: "UNABLE_TO_LOCK_ROW".into() }));
    crm.get("limits").await.assert_refused(400, "UNABLE_TO_LOCK_ROW");
}

#[tokio::test]
async fn latency_and_lost_connections() {
    let crm = Crm::empty().await;
    crm.sandbox.faults().inject(Fault::new(FaultKind::Latency { millis: 120 }));
    let started = Instant::now();
    crm.get("limits").await.assert_status(200);
    assert!(started.elapsed() >= Duration::from_millis(120));
    crm.sandbox.faults().inject(Fault::new(FaultKind::ConnectionReset));
    assert!(crm.request(Method::POST, "sobjects/Lead").json(&json!({})).send().await.is_err());
    crm.sandbox.faults().inject(Fault::new(FaultKind::CutBody));
    let cut = crm.request(Method::GET, "sobjects").send().await.unwrap();
    assert_eq!(cut.status(), 200);
    assert!(cut.bytes().await.is_err());
    crm.get("limits").await.assert_status(200);
}

#[tokio::test]
async fn a_truncated_body_is_no_json() {
    let crm = Crm::empty().await;
    crm.sandbox.faults().inject(Fault::new(FaultKind::TruncatedBody));
    let cut = crm.get("sobjects").await;
    assert_eq!((cut.status.as_u16(), &cut.json), (200, &Value::Null));
    assert!(cut.text.starts_with("{\"encoding\""));
}

#[tokio::test]
async fn an_expired_token_stays_expired() {
    let mut crm = Crm::empty().await;
    crm.sandbox.faults().inject(Fault::new(FaultKind::ExpiredToken));
    crm.get("limits").await.assert_refused(401, "INVALID_SESSION_ID");
    crm.get("limits").await.assert_refused(401, "INVALID_SESSION_ID");
    crm.log_in().await;
    crm.get("limits").await.assert_status(200);
}

fn ids(answer: &Answer) -> Vec<String> {
    answer.records().iter().map(|it| it["Id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_can_double_reorder_and_fail() {
    let crm = Crm::demo(700).await;
    let page = async |path: &str| {
        let request = crm.request(Method::GET, path).header("Sforce-Query-Options", "batchSize=300");
        read(if path == "query" { request.query(&[("q", SOQL)]) } else { request }).await
    };
    let plain = page("query").await;
    crm.sandbox.faults().inject(Fault::new(FaultKind::ReorderedRows));
    let reordered = page("query").await;
    assert_ne!(ids(&plain), ids(&reordered));
    assert_eq!(ids(&plain).into_iter().collect::<BTreeSet<_>>(), ids(&reordered).into_iter().collect());

    crm.sandbox.faults().inject(Fault::new(FaultKind::DuplicatedPage));
    let (mut seen, mut pages) = (Vec::new(), 0);
    let mut answer = page("query").await;
    loop {
        seen.extend(ids(&answer));
        pages += 1;
        let Some(next) = answer.json["nextRecordsUrl"].as_str() else { break };
        answer = page(next).await;
    }
    assert_eq!((pages, seen.len(), seen.into_iter().collect::<BTreeSet<_>>().len()), (4, 1000, 700));

    crm.sandbox.faults().inject(Fault::new(FaultKind::FailingLaterPage));
    let first = page("query").await;
    first.assert_status(200);
    let next = first.json["nextRecordsUrl"].as_str().unwrap();
    page(next).await.assert_refused(500, "UNKNOWN_EXCEPTION");
    page(next).await.assert_status(200);
}

#[tokio::test]
async fn the_admin_endpoints_do_the_same() {
    let crm = Crm::empty().await;
    let admin = async |method: Method, path: &str, body: Value| {
        read(crm.http.request(method, crm.url(path)).json(&body)).await
    };
    let fault = json!({"kind": "unavailable", "path": "/services/data", "when": {"times": 1}});
    admin(Method::POST, "/admin/faults", fault.clone()).await.assert_status(200);
    assert_eq!(admin(Method::GET, "/admin/faults", json!({})).await.json, json!([fault]));
    crm.get("limits").await.assert_status(503);
    admin(Method::POST, "/admin/faults", json!({"kind": "nonsense"})).await.assert_status(400);
    admin(Method::POST, "/admin/nonsense", json!({})).await.assert_status(404);
    let id = crm.create("Lead", json!({"LastName": "x", "Company": "y"})).await;
    crm.delete(&format!("sobjects/Lead/{id}")).await.assert_status(204);
    admin(Method::POST, "/admin/records/undelete", json!({"id": id})).await.assert_status(200);
    crm.get(&format!("sobjects/Lead/{id}")).await.assert_status(200);
    let counts = admin(Method::GET, "/admin/requests", json!({})).await.json;
    assert_eq!((&counts["GET limits"], &counts["GET sobjects/Lead/record"]), (&json!(1), &json!(1)));
    let before = crm.admin().now();
    admin(Method::POST, "/admin/clock", json!({"advance_seconds": 60})).await.assert_status(200);
    assert_eq!((crm.admin().now() - before).num_seconds(), 60);
    admin(Method::DELETE, "/admin/sessions", json!({})).await.assert_status(200);
    crm.get("limits").await.assert_refused(401, "INVALID_SESSION_ID");
}

#[tokio::test]
async fn with_an_admin_token_nobody_else_gets_in() {
    let crm = Crm::start(Options { admin_token: Some("open".into()), ..Options::empty_org() }).await;
    read(crm.http.get(crm.url("/admin/clock"))).await.assert_status(403);
    read(crm.http.get(crm.url("/admin/clock")).bearer_auth("wrong")).await.assert_status(403);
    read(crm.http.get(crm.url("/admin/clock")).bearer_auth("open")).await.assert_status(200);
}
