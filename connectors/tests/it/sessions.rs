//! Sessions: opened once, replaced when they end, never where they should not go.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::prelude::{BASE64_STANDARD, Engine};
use connectors::salesforce::{Config, Credentials, Salesforce};
use connectors::{Connector, ConnectorError, Position, Recovery};
use domain::fields::RecordKind::Lead;
use futures::future::join_all;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use crate::scripted::{Reply, ScriptedCrm, leads, token};

fn session_ended(seen: &crate::scripted::Seen) -> Option<Reply> {
    (seen.headers.get("authorization")? == "Bearer old").then(|| Reply::fault(401, "INVALID_SESSION_ID"))
}

/// A server whose first token is refused as soon as it is used.
async fn with_an_ended_session() -> ScriptedCrm {
    ScriptedCrm::with_leads(|seen, before| match before {
        0 if seen.path.ends_with("/token") => Some(Reply::json(format!(
            r#"{{"access_token":"old","instance_url":"http://{}"}}"#,
            seen.headers["host"]
        ))),
        _ => session_ended(seen),
    })
    .await
}

#[tokio::test]
async fn an_ended_session_is_replaced_once_for_everybody() {
    let crm = with_an_ended_session().await;
    let connector = crm.connector();
    let pages = join_all((0..8).map(|_| connector.read_page(Lead, &Position::Start))).await;
    assert!(pages.iter().all(Result::is_ok), "{pages:?}");
    assert_eq!(crm.seen("/token").len(), 2);
}

#[tokio::test]
async fn a_session_that_is_never_accepted_does_not_loop() {
    let crm = ScriptedCrm::with_leads(|seen, _| {
        (!seen.path.ends_with("/token")).then(|| Reply::fault(401, "INVALID_SESSION_ID"))
    })
    .await;
    let error = crm.connector().read_page(Lead, &Position::Start).await.unwrap_err();
    assert!(matches!(error, ConnectorError::SessionRefused { .. }), "{error}");
    assert_eq!(error.recovery(), Recovery::WaitForCredentials);
    assert_eq!(crm.seen("/token").len(), 2);
}

#[tokio::test]
async fn wrong_credentials_are_told_at_once_and_without_the_secret() {
    let crm = ScriptedCrm::start(|_, _| {
        Reply::json(r#"{"error":"invalid_client","error_description":"the-secret is wrong"}"#)
            .with_status(401)
    })
    .await;
    let error = crm.connector().check().await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::CredentialsRefused { code } if code == "invalid_client"),
        "{error}"
    );
    assert!(!format!("{error} {error:?} {:?}", crm.config()).contains("the-secret"));
    assert_eq!(crm.seen("").len(), 1);
}

#[tokio::test]
async fn data_is_asked_for_where_the_newest_token_says() {
    let new_home = ScriptedCrm::with_leads(|_, _| None).await;
    let moved_to = new_home.address.clone();
    let old_home = ScriptedCrm::with_leads(move |seen, before| match before {
        1 if seen.path.ends_with("/token") => Some(token(&moved_to)),
        _ if seen.path.ends_with("/token") => None,
        _ => Some(Reply::fault(401, "INVALID_SESSION_ID")),
    })
    .await;
    old_home.connector().read_page(Lead, &Position::Start).await.unwrap();
    assert_eq!(new_home.seen("/queryAll").len(), 1);
}

#[tokio::test]
async fn a_token_never_travels_to_an_unsafe_address() {
    let crm = ScriptedCrm::start(|_, _| token("http://crm.example.com")).await;
    let error = crm.connector().read_page(Lead, &Position::Start).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Misconfigured { key: "instance_url", .. }), "{error}");
}

#[tokio::test]
async fn an_assertion_is_signed_and_dated_by_the_login_servers_clock() {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = BASE64_STANDARD.encode(key.as_der().unwrap().as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n");
    let crm = ScriptedCrm::with_leads(|seen, _| {
        (seen.path == "/services/data")
            .then(|| Reply::json("[]").header("date", "Wed, 01 Apr 2026 02:00:00 GMT"))
    })
    .await;
    let config = Config {
        credentials: Credentials::JwtBearer {
            client_id: "the-client".to_owned(),
            username: "robot@example.com".to_owned(),
            private_key_pem: pem.into(),
            audience: None,
        },
        ..crm.config()
    };
    Salesforce::new(config).unwrap().read_page(Lead, &Position::Start).await.unwrap();

    let form = &crm.seen("/token")[0].body;
    let form: std::collections::HashMap<String, String> =
        reqwest::Url::parse(&format!("http://host?{form}")).unwrap().query_pairs().into_owned().collect();
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[&crm.address]);
    validation.validate_exp = false;
    let public = DecodingKey::from_rsa_der(key.public_key().as_ref());
    let claims =
        jsonwebtoken::decode::<serde_json::Value>(&form["assertion"], &public, &validation).unwrap().claims;
    assert_eq!(claims["iss"], "the-client");
    assert_eq!(claims["sub"], "robot@example.com");
    let served_at = "2026-04-01T02:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
    assert!((1..=180).contains(&(claims["exp"].as_i64().unwrap() - served_at)));
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_before_anything_is_sent() {
    let crm = ScriptedCrm::start(|_, _| leads(0, None)).await;
    let config = Config {
        credentials: Credentials::JwtBearer {
            client_id: String::new(),
            username: String::new(),
            private_key_pem: "no key".into(),
            audience: None,
        },
        ..crm.config()
    };
    let refused = Salesforce::new(config).map(drop).unwrap_err();
    assert!(matches!(refused, ConnectorError::Misconfigured { key: "private_key_file", .. }));
}
