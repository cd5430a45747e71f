//! Allowance, pace, circuit and grants: what a connection does by itself so that an operator never has to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connectors::http::CircuitPolicy;
use connectors::salesforce::{Config, Credentials, Salesforce, TokenKeeper, TokenKeeperError};
use connectors::{Circuit, Connector, ConnectorError, Position, Priority, Recovery, Span};
use domain::fields::RecordKind::Lead;
use sandbox::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Fault, FaultKind, When};
use secrecy::{ExposeSecret, SecretString};

use crate::contract::ConnectorUnderTest;
use crate::salesforce::SandboxedSalesforce;
use crate::scripted::{Reply, ScriptedCrm, leads};

#[tokio::test]
async fn runs_leave_the_last_of_the_allowance_to_people() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    connector.read_page(Lead, &Position::Start).await.unwrap();
    let (_, allowed) = crm.sandbox.admin().api_usage();
    crm.sandbox.admin().set_api_used(allowed * 75 / 100);
    connector.refresh_budget().await.unwrap();
    let error = connector.read_page(Lead, &Position::Start).await.unwrap_err();
    assert!(matches!(error, ConnectorError::BudgetReserved { .. }), "{error}");
    assert!(matches!(error.recovery(), Recovery::RetryAfter(_)) && connector.health().is_reserved);
    let person = connector.at_priority(Priority::Interactive);
    person.read_page(Lead, &Position::Start).await.unwrap();
    crm.sandbox.admin().set_api_used(allowed * 81 / 100);
    connector.refresh_budget().await.unwrap();
    let error = person.read_page(Lead, &Position::Start).await.unwrap_err();
    assert!(matches!(error, ConnectorError::BudgetSpent { .. }), "{error}");
    crm.sandbox.admin().set_api_used(10);
    let budget = connector.refresh_budget().await.unwrap();
    assert!(budget.used < 20 && budget.limit == allowed);
    connector.read_page(Lead, &Position::Start).await.unwrap();
}

#[tokio::test]
async fn a_crm_that_is_down_is_left_alone_and_tried_again() {
    let crm = ScriptedCrm::with_leads(|seen, before| match before {
        _ if !seen.path.ends_with("/queryAll") => None,
        0..5 => Some(Reply::fault(503, "SERVER_UNAVAILABLE")),
        _ => Some(leads(1, None)),
    })
    .await;
    let mut config = crm.config();
    config.http.retry.attempts = 2;
    config.http.circuit = CircuitPolicy {
        failures: 4,
        pause: Duration::from_millis(40),
        longest_pause: Duration::from_secs(1),
    };
    let connector = Salesforce::new(config).unwrap();
    for _ in 0..2 {
        let error = connector.read_page(Lead, &Position::Start).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Unavailable { .. }), "{error}");
    }
    assert!(matches!(connector.health().circuit, Circuit::Open { .. }));
    let error = connector.read_page(Lead, &Position::Start).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CircuitOpen { .. }), "{error}");
    assert_eq!(crm.seen("/queryAll").len(), 4, "nothing is sent while it is open");
    // The trial fails, and the next pause is twice as long.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(connector.health().circuit, Circuit::HalfOpen);
    connector.read_page(Lead, &Position::Start).await.unwrap_err();
    assert_eq!(crm.seen("/queryAll").len(), 5);
    tokio::time::sleep(Duration::from_millis(100)).await;
    connector.read_page(Lead, &Position::Start).await.unwrap();
    assert_eq!(connector.health().circuit, Circuit::Closed { failures: 0 });
}

#[tokio::test]
async fn a_complaint_lowers_the_number_of_requests_at_once() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    connector.read_page(Lead, &Position::Start).await.unwrap();
    let before = connector.health().concurrency;
    let complaint = Fault::new(FaultKind::TooManyRequests { retry_after: 0 }).on("/services/data");
    crm.sandbox.faults().inject(complaint.when(When::Times(2)));
    connector.read_page(Lead, &Position::Start).await.unwrap();
    let after = connector.health();
    assert!(after.concurrency <= before / 2 && after.concurrency >= 1 && after.in_flight == 0, "{after:?}");
    for _ in 0..60 {
        connector.read_page(Lead, &Position::Start).await.unwrap();
    }
    assert_eq!(connector.health().concurrency, before);
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_allowed() {
    let crm = SandboxedSalesforce::start().await;
    crm.sandbox.faults().inject(Fault::new(FaultKind::Latency { millis: 20 }).when(When::Always));
    let mut config = crm.config();
    config.http.concurrency = 2;
    let connector = crm.connecting(config);
    let watching = connector.clone();
    let most = tokio::spawn(async move {
        let mut most = 0;
        for _ in 0..100 {
            most = most.max(watching.health().in_flight);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        most
    });
    let all = Span::default();
    let counts = futures::future::join_all((0..10).map(|_| connector.count(Lead, &all))).await;
    assert!(counts.iter().all(Result::is_ok));
    assert_eq!(most.await.unwrap(), 2);
}

/// Keeps a token in memory, and notes what happened in which order.
#[derive(Debug)]
struct Drawer {
    token: Mutex<SecretString>,
    is_stuck: Mutex<bool>,
    is_taken: AtomicBool,
}

#[async_trait]
impl TokenKeeper for Drawer {
    async fn take(&self) -> Result<SecretString, TokenKeeperError> {
        self.is_taken.store(true, Ordering::Relaxed);
        Ok(self.token.lock().unwrap().clone())
    }

    async fn keep(&self, token: &SecretString) -> Result<(), TokenKeeperError> {
        if *self.is_stuck.lock().unwrap() {
            return Err("the drawer is stuck".into());
        }
        assert!(self.is_taken.load(Ordering::Relaxed), "by whoever has the turn");
        *self.token.lock().unwrap() = token.clone();
        Ok(())
    }

    async fn give_back(&self) -> Result<(), TokenKeeperError> {
        assert!(self.is_taken.swap(false, Ordering::Relaxed), "whoever has taken it");
        Ok(())
    }
}

fn with_refresh_token(crm: &SandboxedSalesforce) -> (Arc<Drawer>, Config) {
    let token = Mutex::new(crm.sandbox.admin().refresh_token().into());
    let drawer = Arc::new(Drawer { token, is_stuck: Mutex::new(false), is_taken: AtomicBool::default() });
    let credentials = Credentials::RefreshToken {
        client_id: DEMO_CLIENT_ID.to_owned(),
        client_secret: Some(DEMO_CLIENT_SECRET.into()),
        keeper: drawer.clone(),
    };
    (drawer, Config { credentials, ..crm.config() })
}

#[tokio::test]
async fn a_rotated_refresh_token_is_kept_before_its_session_is_used() {
    let crm = SandboxedSalesforce::start().await;
    crm.sandbox.admin().rotate_refresh_tokens(true);
    let (drawer, config) = with_refresh_token(&crm);
    let first = drawer.token.lock().unwrap().expose_secret().to_owned();
    let connector = crm.connecting(config.clone());
    connector.read_page(Lead, &Position::Start).await.unwrap();
    let second = drawer.token.lock().unwrap().expose_secret().to_owned();
    assert_ne!(first, second);
    crm.sandbox.admin().end_sessions();
    let pages = futures::future::join_all((0..6).map(|_| connector.read_page(Lead, &Position::Start))).await;
    assert!(pages.iter().all(Result::is_ok), "one refresh for everybody");
    // Another process goes on with what was kept.
    crm.connecting(config).read_page(Lead, &Position::Start).await.unwrap();
}

#[tokio::test]
async fn a_token_that_cannot_be_kept_is_not_lost_and_not_used() {
    let crm = SandboxedSalesforce::start().await;
    crm.sandbox.admin().rotate_refresh_tokens(true);
    let (drawer, config) = with_refresh_token(&crm);
    *drawer.is_stuck.lock().unwrap() = true;
    let connector = crm.connecting(config);
    let error = connector.read_page(Lead, &Position::Start).await.unwrap_err();
    assert!(matches!(error, ConnectorError::TokenNotKept { .. }), "{error}");
    assert!(!crm.sandbox.admin().requests().keys().any(|it| it.contains("describe")));
    assert!(drawer.is_taken.load(Ordering::Relaxed), "others would use the token that is dead");
    *drawer.is_stuck.lock().unwrap() = false;
    connector.read_page(Lead, &Position::Start).await.unwrap();
    assert!(!drawer.is_taken.load(Ordering::Relaxed), "now they may");
}

#[tokio::test]
async fn a_token_is_kept_although_whoever_asked_went_away() {
    let crm = SandboxedSalesforce::start().await;
    crm.sandbox.admin().rotate_refresh_tokens(true);
    let (drawer, config) = with_refresh_token(&crm);
    let first = drawer.token.lock().unwrap().expose_secret().to_owned();
    crm.sandbox.faults().inject(Fault::new(FaultKind::Latency { millis: 300 }).on("/services/oauth2/token"));
    let connector = crm.connecting(config.clone());
    let asked = connector.read_page(Lead, &Position::Start);
    tokio::time::timeout(Duration::from_millis(100), asked).await.unwrap_err();
    while *drawer.token.lock().unwrap().expose_secret() == *first {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    crm.connecting(config).read_page(Lead, &Position::Start).await.unwrap();
}

#[tokio::test]
async fn a_rejected_grant_stops_everything_until_somebody_acts() {
    let crm = SandboxedSalesforce::start().await;
    let (drawer, config) = with_refresh_token(&crm);
    *drawer.token.lock().unwrap() = "revoked".into();
    let connector = crm.connecting(config);
    for _ in 0..3 {
        let error = connector.read_page(Lead, &Position::Start).await.unwrap_err();
        assert!(
            matches!(&error, ConnectorError::CredentialsRefused { code } if code == "invalid_grant"),
            "{error}"
        );
    }
    assert!(connector.health().are_credentials_refused);
    let asked: u64 =
        crm.sandbox.admin().requests().iter().filter(|(it, _)| it.contains("token")).map(|(_, n)| n).sum();
    assert_eq!(asked, 1, "a refused grant is not tried again and again");
}
