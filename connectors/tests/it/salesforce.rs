//! The Salesforce connector against our Salesforce-compatible CRM.
//!
//! Here: the contract, and what only Salesforce does: conversion, merging, field-level security, purging.
//! Not here: the CRM (`sandbox`, which shares no type with the connector, so that the two check each other).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::prelude::{BASE64_STANDARD, Engine};
use connectors::http::{HttpOptions, RetryPolicy};
use connectors::salesforce::{Config, Credentials};
use connectors::{Connector, ConnectorError, Position, SourceConfig, connect};
use domain::fields::RecordKind::{Account, Lead};
use domain::fields::lead;
use domain::sources::{SourceRecord, ValueState};
use reqwest::Method;
use sandbox::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_USERNAME, Fault, FaultKind, JwtKey, Options, Sandbox, When,
};

use crate::contract::{ConnectorUnderTest, Misbehaviour, all_pages, contract, ids, records, retitled};

/// A sandbox, and somebody else who works in it.
pub(crate) struct SandboxedSalesforce {
    pub(crate) sandbox: Sandbox,
    somebody: reqwest::Client,
}

contract!(SandboxedSalesforce);

#[async_trait]
impl ConnectorUnderTest for SandboxedSalesforce {
    async fn start() -> Self {
        Self::with(Options { leads: Some(700), ..Options::default() }).await
    }

    fn connector(&self) -> Arc<dyn Connector> {
        self.connecting(self.config())
    }

    fn with_wrong_credentials(&self) -> Arc<dyn Connector> {
        let credentials = Credentials::ClientCredentials {
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: "not the secret".into(),
        };
        self.connecting(Config { credentials, ..self.config() })
    }

    fn at_a_dead_address(&self) -> Arc<dyn Connector> {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        self.connecting(Config { login_url: format!("http://{nobody}"), ..self.config() })
    }

    async fn let_pass(&self, seconds: u32) {
        self.sandbox.admin().advance(Duration::from_secs(seconds.into()));
    }

    async fn edit(&self, external_id: &str) {
        self.send(Method::PATCH, external_id, r#"{"Title":"changed by somebody else"}"#).await;
    }

    async fn delete(&self, external_id: &str) {
        self.send(Method::DELETE, external_id, "").await;
    }

    async fn misbehave(&self, how: Misbehaviour) {
        let kind = match how {
            Misbehaviour::EndedSession => FaultKind::ExpiredToken,
            Misbehaviour::Unavailable => FaultKind::Unavailable,
            Misbehaviour::Throttled => FaultKind::TooManyRequests { retry_after: 0 },
            Misbehaviour::BrokenConnection => FaultKind::ConnectionReset,
            Misbehaviour::CutBody => FaultKind::CutBody,
            Misbehaviour::TruncatedBody => FaultKind::TruncatedBody,
            Misbehaviour::FailingLaterPage => FaultKind::FailingLaterPage,
        };
        // A second refusal would be of a fresh session, and that is no bad day but a broken policy.
        let when = if kind == FaultKind::ExpiredToken { When::Once } else { When::Times(2) };
        self.sandbox.faults().inject(Fault::new(kind).on("/services/data").when(when));
    }

    fn has_misbehaved(&self) -> bool {
        self.sandbox.faults().pending().is_empty()
    }

    async fn spend_allowance(&self) {
        let (_, allowed) = self.sandbox.admin().api_usage();
        self.sandbox.admin().set_api_used(allowed);
    }
}

impl SandboxedSalesforce {
    pub(crate) async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        sandbox.admin().advance(Duration::from_secs(60));
        Self { sandbox, somebody: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub(crate) fn config(&self) -> Config {
        let credentials = Credentials::ClientCredentials {
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: DEMO_CLIENT_SECRET.into(),
        };
        let retry = RetryPolicy {
            attempts: 4,
            base: Duration::from_millis(5),
            max: Duration::from_millis(20),
            deadline: Duration::from_secs(20),
        };
        Config {
            page_size: 200,
            allow_http_loopback: true,
            http: HttpOptions { retry, ..HttpOptions::default() },
            ..Config::new("CRM".parse().unwrap(), self.sandbox.base_url(), credentials)
        }
    }

    pub(crate) fn connecting(&self, config: Config) -> Arc<dyn Connector> {
        connect(SourceConfig::Salesforce(Box::new(config))).unwrap()
    }

    /// Somebody else acts on a lead, with a session of their own.
    pub(crate) async fn send(&self, method: Method, id: &str, body: &'static str) {
        let base = self.sandbox.base_url();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", DEMO_CLIENT_ID),
            ("client_secret", DEMO_CLIENT_SECRET),
        ];
        let token =
            self.somebody.post(format!("{base}/services/oauth2/token")).form(&form).send().await.unwrap();
        let token: serde_json::Value = token.json().await.unwrap();
        let record = format!("{base}/services/data/v62.0/sobjects/Lead/{id}");
        let request =
            self.somebody.request(method, record).bearer_auth(token["access_token"].as_str().unwrap());
        let request = request.header("Content-Type", "application/json").body(body);
        request.send().await.unwrap().error_for_status().unwrap();
    }

    pub(crate) async fn leads(&self) -> Vec<SourceRecord> {
        records(&all_pages(&*self.connector(), Lead, Position::Start).await)
    }

    pub(crate) async fn lead(&self, id: &str) -> SourceRecord {
        records(&[self.connector().fetch(Lead, &[id.to_owned()]).await.unwrap()]).remove(0)
    }

    /// A lead that may still be converted.
    pub(crate) async fn open_lead(&self) -> SourceRecord {
        let leads = self.leads().await;
        let is_open = |it: &SourceRecord| !it.is_deleted && it.values.text(lead::stage) == Some("NEW");
        leads.into_iter().find(is_open).expect("the generator makes open leads")
    }
}

#[tokio::test]
async fn an_assertion_opens_a_session() {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let pem = |kind: &str, der: &[u8]| {
        format!("-----BEGIN {kind} KEY-----\n{}\n-----END {kind} KEY-----\n", BASE64_STANDARD.encode(der))
    };
    let jwt_key = JwtKey {
        public_key_pem: pem("PUBLIC", key.public_key().as_der().unwrap().as_ref()),
        username: DEMO_USERNAME.to_owned(),
    };
    let crm = SandboxedSalesforce::with(Options { jwt_keys: vec![jwt_key], ..Options::empty_org() }).await;
    let credentials = Credentials::JwtBearer {
        client_id: DEMO_CLIENT_ID.to_owned(),
        username: DEMO_USERNAME.to_owned(),
        private_key_pem: pem("PRIVATE", key.as_der().unwrap().as_ref()).into(),
        audience: None,
    };
    crm.connecting(Config { credentials, ..crm.config() }).check().await.unwrap();
}

#[tokio::test]
async fn a_hidden_field_says_nothing_and_the_check_names_it() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    let before = records(&[connector.read_page(Lead, &Position::Start).await.unwrap()]);
    assert!(before.iter().any(|it| matches!(it.values.get(lead::email), ValueState::Present(_))));
    crm.sandbox.admin().hide_field("Lead", "Email").unwrap();
    let after = records(&[connector.read_page(Lead, &Position::Start).await.unwrap()]);
    assert!(after.iter().all(|it| it.values.get(lead::email) == ValueState::Absent));
    let error = connector.check().await.unwrap_err();
    assert!(matches!(&error, ConnectorError::UnknownCrmField { key, .. } if key == "lead.email"), "{error}");
}

#[tokio::test]
async fn a_converted_lead_is_converted_and_read_only() {
    let crm = SandboxedSalesforce::start().await;
    let open = crm.open_lead().await;
    let [account, contact, opportunity] =
        crm.sandbox.admin().convert_lead(&open.key.external_id, None).unwrap();
    let converted = crm.lead(&open.key.external_id).await;
    assert_eq!(converted.values.text(lead::stage), Some("CONVERTED"));
    assert_eq!(converted.values.text(lead::converted_account), Some(&*account));
    assert_eq!(converted.values.text(lead::converted_contact), Some(&*contact));
    assert_eq!(converted.values.text(lead::converted_opportunity), Some(&*opportunity));
    let error = crm.connector().update(&retitled(&converted, "x")).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Protected { .. }), "{error}");
}

#[tokio::test]
async fn a_merged_record_says_into_which() {
    let crm = SandboxedSalesforce::start().await;
    let leads: Vec<_> = crm.leads().await.into_iter().filter(|it| !it.is_deleted).collect();
    let (master, loser) = (&leads[0].key.external_id, &leads[1].key.external_id);
    crm.sandbox.admin().merge(master, &[loser]).unwrap();
    let merged = crm.lead(loser).await;
    assert!(merged.is_deleted);
    assert_eq!(merged.merged_into.as_ref(), Some(master));
}

#[tokio::test]
async fn a_purged_record_is_in_the_list_of_deletions_only() {
    let crm = SandboxedSalesforce::start().await;
    let gone = crm.open_lead().await.key.external_id;
    let before = crm.sandbox.admin().now();
    crm.let_pass(120).await;
    crm.delete(&gone).await;
    crm.sandbox.admin().purge(&gone).unwrap();
    crm.let_pass(120).await;
    let connector = crm.connector();
    assert!(!ids(&crm.leads().await).contains(&gone));
    assert!(connector.fetch(Lead, std::slice::from_ref(&gone)).await.unwrap().records.is_empty());
    let deletions = connector.deletions(Lead, before, crm.sandbox.admin().now()).await.unwrap();
    assert_eq!(deletions.external_ids, [gone]);
}

#[tokio::test]
async fn doubled_pages_and_shuffled_rows_lose_nothing() {
    let crm = SandboxedSalesforce::start().await;
    let mut expected = ids(&crm.leads().await);
    expected.sort();
    for kind in [FaultKind::DuplicatedPage, FaultKind::ReorderedRows] {
        crm.sandbox.faults().inject(Fault::new(kind));
        let mut read = ids(&crm.leads().await);
        assert!(crm.has_misbehaved());
        read.sort();
        read.dedup();
        assert_eq!(read, expected);
    }
}

#[tokio::test]
async fn a_record_that_moves_while_we_read_is_no_place_to_resume_behind() {
    let crm = SandboxedSalesforce::start().await;
    let leads = crm.leads().await;
    let connector = crm.connector();
    let first = connector.read_page(Lead, &Position::Start).await.unwrap();
    crm.let_pass(5).await;
    crm.edit(&leads[399].key.external_id).await;
    let second = connector.read_page(Lead, &Position::Next(first.next.unwrap())).await.unwrap();
    let behind = all_pages(&*connector, Lead, Position::After(second.last.unwrap())).await;
    let rest = ids(&records(&behind));
    let unread: Vec<_> = leads[400..].iter().map(|it| it.key.external_id.clone()).collect();
    assert!(unread.iter().all(|it| rest.contains(it)));
}

#[tokio::test]
async fn an_ended_cursor_is_told_and_reading_goes_on() {
    let crm = SandboxedSalesforce::start().await;
    let expected = ids(&crm.leads().await);
    let connector = crm.connector();
    let first = connector.read_page(Lead, &Position::Start).await.unwrap();
    crm.let_pass(3 * 24 * 3600).await;
    let error = connector.read_page(Lead, &Position::Next(first.next.unwrap())).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CursorEnded), "{error}");
    let behind = all_pages(&*connector, Lead, Position::After(first.last.unwrap())).await;
    assert_eq!(ids(&records(&behind)), expected[200..]);
}

#[tokio::test]
async fn accounts_carry_what_matching_needs() {
    let crm = SandboxedSalesforce::start().await;
    let accounts = records(&all_pages(&*crm.connector(), Account, Position::Start).await);
    use domain::fields::account;
    for field in [account::name, account::corporate_number, account::street, account::industry] {
        assert!(accounts.iter().any(|it| it.values.text(field).is_some()), "{field}");
    }
}
