//! Bad days: outages, cut answers, spent allowances. What is transient is tried again; the rest is told.

use std::time::{Duration, Instant};

use connectors::salesforce::{Config, Salesforce};
use connectors::{Connector, ConnectorError, Position, Recovery};
use domain::fields::RecordKind::Lead;

use crate::scripted::{Reply, ScriptedCrm, leads};

/// A server that fails the first queries.
async fn failing(times: usize, failure: Reply) -> ScriptedCrm {
    ScriptedCrm::with_leads(move |seen, before| {
        (seen.path.ends_with("/queryAll") && before < times).then(|| failure.clone())
    })
    .await
}

async fn recovers_from(failure: Reply) {
    let crm = failing(2, failure.clone()).await;
    let page = crm.connector().read_page(Lead, &Position::Start).await;
    assert_eq!(page.unwrap_or_else(|it| panic!("{failure:?}: {it}")).records.len(), 1);
    assert_eq!(crm.seen("/queryAll").len(), 3);
}

#[tokio::test]
async fn what_is_transient_is_tried_again() {
    recovers_from(Reply::fault(503, "SERVER_UNAVAILABLE")).await;
    recovers_from(Reply::fault(500, "UNKNOWN_EXCEPTION")).await;
    recovers_from(Reply::fault(400, "UNABLE_TO_LOCK_ROW")).await;
    recovers_from(Reply::json("<html>Just a moment</html>")).await;
    recovers_from(Reply::json("<html>Bad gateway</html>").with_status(502)).await;
    recovers_from(Reply::json("").with_status(420)).await;
    recovers_from(leads(3, None).cut()).await;
    recovers_from(Reply::json(r#"{"totalSize":3,"done":true,"records":[{"Id":"00"#)).await;
}

#[tokio::test]
async fn the_wait_that_was_asked_for_is_kept() {
    let crm = failing(1, Reply::json("").with_status(429).header("retry-after", "1")).await;
    let before = Instant::now();
    crm.connector().read_page(Lead, &Position::Start).await.unwrap();
    assert!(before.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_wait_beyond_our_patience_is_handed_to_the_caller() {
    let crm = failing(9, Reply::fault(503, "SERVER_UNAVAILABLE").header("retry-after", "600")).await;
    let error = crm.connector().read_page(Lead, &Position::Start).await.unwrap_err();
    assert_eq!(error.recovery(), Recovery::RetryAfter(Duration::from_secs(600)));
    assert_eq!(crm.seen("/queryAll").len(), 1);
}

#[tokio::test]
async fn patience_ends() {
    let crm = failing(9, Reply::fault(503, "SERVER_UNAVAILABLE")).await;
    let error = crm.connector().read_page(Lead, &Position::Start).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unavailable { status: 503, .. }), "{error}");
    assert_eq!(crm.seen("/queryAll").len(), 3);
}

#[tokio::test]
async fn our_own_mistakes_are_not_repeated() {
    for (status, code) in
        [(400, "MALFORMED_QUERY"), (403, "API_DISABLED_FOR_ORG"), (400, "INVALID_QUERY_LOCATOR")]
    {
        let crm = failing(9, Reply::fault(status, code)).await;
        let error = crm.connector().read_page(Lead, &Position::Start).await.unwrap_err();
        assert!(!error.to_string().contains("private"), "{error}");
        assert_eq!(crm.seen("/queryAll").len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_cursor_that_has_ended_says_how_to_go_on() {
    let crm = ScriptedCrm::with_leads(|seen, _| {
        seen.path.contains("/query/").then(|| Reply::fault(400, "INVALID_QUERY_LOCATOR"))
    })
    .await;
    let next = Position::Next("2026-04-01T02:00:00Z /services/data/v62.0/query/01g-2000".to_owned());
    let error = crm.connector().read_page(Lead, &next).await.unwrap_err();
    assert_eq!(error.recovery(), Recovery::ResumeByKeyset);
}

#[tokio::test]
async fn our_share_of_the_allowance_ends_before_the_allowance_does() {
    let crm = ScriptedCrm::with_leads(|seen, _| {
        let page = || leads(1, None).header("sforce-limit-info", "api-usage=80/100");
        seen.path.ends_with("/queryAll").then(page)
    })
    .await;
    let connector = crm.connector();
    assert_eq!(connector.budget(), None);
    connector.read_page(Lead, &Position::Start).await.unwrap();
    assert_eq!(connector.budget().map(|it| (it.used, it.limit)), Some((80, 100)));
    let error = connector.read_page(Lead, &Position::Start).await.unwrap_err();
    assert!(matches!(error, ConnectorError::BudgetSpent { used: 80, limit: 100 }), "{error}");
    assert_eq!(crm.seen("/queryAll").len(), 1);
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named() {
    let crm = ScriptedCrm::start(|_, _| Reply::json("")).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = Config { login_url: format!("http://{nobody}"), ..crm.config() };
    let error = Salesforce::new(config).unwrap().check().await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::Unreachable { host, .. } if *host == nobody.to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_that_never_comes_ends_with_the_time_out() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let crm = ScriptedCrm::start(|_, _| Reply::json("")).await;
    let mut config = Config { login_url: format!("http://{}", silent.local_addr().unwrap()), ..crm.config() };
    config.http.timeout = Duration::from_millis(50);
    config.http.retry.attempts = 2;
    let error = Salesforce::new(config).unwrap().check().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unreachable { .. }), "{error}");
}
