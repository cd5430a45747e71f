//! Figures for monitoring.

use axum::body::Body;
use axum::http::Request;
use chrono::TimeDelta;
use domain::fields::RecordKind;
use serde_json::json;
use tower::ServiceExt as _;

use super::stage::{Stage, on_every_store};
use crate::harness::TestGateway;

const LEADS: usize = 50;

async fn figures(gateway: &TestGateway) -> String {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let answer = gateway.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let form = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.headers()["content-type"], form);
    let text = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(text.to_vec()).unwrap()
}

/// The value of a figure.
#[track_caller]
fn value(text: &str, figure: &str) -> f64 {
    let line = text.lines().find_map(|it| it.strip_prefix(figure)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{figure} in:\n{text}")).parse().unwrap()
}

async fn checked(stage: &Stage, gateway: &TestGateway) -> f64 {
    stage.sync().await.unwrap();
    let object = r#"{source="CRM",object="Lead"}"#;
    value(&figures(gateway).await, &format!("partner_gateway_sync_checked_timestamp_seconds{object}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_stands_still_is_seen() {
    on_every_store(LEADS, async |stage| {
        let gateway = stage.gateway_with_source().await;
        let before = checked(stage, &gateway).await;
        stage.let_pass(TimeDelta::hours(1));
        let stands = figures(&gateway).await;
        let object = r#"{source="CRM",object="Lead"}"#;
        let checked_at = format!("partner_gateway_sync_checked_timestamp_seconds{object}");
        assert_eq!(value(&stands, &checked_at), before, "nothing was read");
        assert!(checked(stage, &gateway).await >= before + 3_600.0);
        let text = figures(&gateway).await;
        let lead = stage.new_lead().await;
        stage.sync().await.unwrap();
        let newest = format!("partner_gateway_sync_newest_stored_timestamp_seconds{object}");
        assert!(value(&figures(&gateway).await, &newest) > value(&text, &newest), "{lead}");
        assert_eq!(value(&text, r#"partner_gateway_source_circuit_open{source="CRM"}"#), 0.0);
        assert!(value(&text, r#"partner_gateway_sync_succeeded_timestamp_seconds{source="CRM"}"#) > 0.0);
        assert!(text.ends_with("# EOF\n"), "{text}");
        stage.let_pass(TimeDelta::hours(1));
        let id = gateway.id_of(RecordKind::Lead, &lead).await;
        let asked =
            gateway.as_admin().ask(&format!("{{ lead(id: \"{id}\", maxAge: \"PT5M\") {{ id }} }}")).await;
        asked.data();
        let limit = r#"partner_gateway_source_requests_limit{source="CRM"}"#;
        assert!(value(&figures(&gateway).await, limit) > 0.0, "the source said so with its answer");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_has_its_figures() {
    on_every_store(LEADS, async |stage| {
        let gateway = stage.gateway_with_source().await;
        stage.sync().await.unwrap();
        gateway.as_admin().ask("query Leads { leads { totalCount } }").await.data();
        gateway.as_admin().name("unknown").await.assert_refused("PERSISTED_QUERY_NOT_FOUND");
        gateway.as_admin().ask("query Leads { lead(id: \"x\") { id } }").await.assert_refused("INVALID_ID");
        let text = figures(&gateway).await;
        for (figure, least) in [
            (r#"operation_duration_seconds_count{operation="Leads"}"#, 2.0),
            (r#"operation_failures_total{operation="Leads"}"#, 1.0),
            (r#"operation_errors_total{code="INVALID_ID"}"#, 1.0),
            (r#"database_connections{state="open"}"#, 1.0),
            (r#"database_connections{state="idle"}"#, 0.0),
            (r#"cache_lookups_total{outcome="miss"}"#, 1.0),
            (r#"sync_newest_stored_timestamp_seconds{source="CRM",object="Lead"}"#, 1.0),
            (r#"source_circuit_open{source="CRM"}"#, 0.0),
            (r#"notifications{state="QUEUED"}"#, 0.0),
        ] {
            let found = value(&text, &format!("partner_gateway_{figure}"));
            assert!(found >= least, "{figure} is {found}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_counted() {
    on_every_store(LEADS, async |stage| {
        let gateway = stage.gateway_with_source().await;
        stage.sync().await.unwrap();
        let deal = stage.crm.any("Opportunity").await;
        stage.crm.update("Opportunity", &deal, json!({ "Amount": 1000.5, "CurrencyIsoCode": "JPY" })).await;
        stage.sync().await.unwrap();
        let text = figures(&gateway).await;
        let errors: Vec<&str> =
            text.lines().filter(|it| it.starts_with("partner_gateway_sync_errors{")).collect();
        assert!(matches!(errors[..], [one] if one.ends_with(" 1.0") || one.ends_with(" 1")), "{errors:?}");
    })
    .await;
}
