//! Logging in, and what happens when a session ends.

use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use sandbox::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_USERNAME, Error, JwtKey, Options, Sandbox};
use serde_json::{Value, json};

use crate::harness::{Answer, Crm, read};

/// A key pair made for one test, private and public in PEM form.
fn key_pair() -> (String, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let pem = |label: &str, der: &[u8]| {
        let body = STANDARD.encode(der);
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|it| std::str::from_utf8(it).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    (pem("PRIVATE KEY", private.as_ref()), pem("PUBLIC KEY", public.as_ref()))
}

#[tokio::test]
async fn a_token_answer_has_everything_clients_read() {
    let crm = Crm::empty().await;
    let answer = read(
        crm.http
            .post(crm.url("/services/oauth2/token"))
            .basic_auth(DEMO_CLIENT_ID, Some(DEMO_CLIENT_SECRET))
            .form(&[("grant_type", "client_credentials")]),
    )
    .await;
    answer.assert_status(200);
    assert_eq!(answer.json["instance_url"], json!(crm.sandbox.base_url()));
    assert_eq!(answer.json["token_type"], "Bearer");
    assert!(answer.json["issued_at"].as_str().unwrap().parse::<u64>().unwrap() > 1_000_000_000_000);
    assert!(answer.json.get("refresh_token").is_none());
    let identity: Vec<&str> = answer.json["id"].as_str().unwrap().rsplit('/').take(2).collect();
    assert!(identity[0].starts_with("005") && identity[1].starts_with("00D"));
    assert!(identity.iter().all(|it| it.len() == 18));
    let token = answer.json["access_token"].as_str().unwrap();
    let person = read(crm.http.get(answer.json["id"].as_str().unwrap()).bearer_auth(token)).await;
    assert_eq!(person.json["username"], DEMO_USERNAME);
    let info = read(crm.http.get(crm.url("/services/oauth2/userinfo")).bearer_auth(token)).await;
    assert_eq!(info.json["preferred_username"], DEMO_USERNAME);
}

#[tokio::test]
async fn wrong_credentials_are_refused_in_the_form_of_oauth() {
    let crm = Crm::empty().await;
    let check = async |form: &[(&str, &str)], error: &str| {
        let answer = crm.token(form).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json["error"].as_str()),
            (400, Some(error)),
            "{}",
            answer.text
        );
        assert!(answer.json["error_description"].is_string());
    };
    let client = ("client_id", DEMO_CLIENT_ID);
    check(&[("grant_type", "client_credentials"), client, ("client_secret", "x")], "invalid_client").await;
    check(&[("grant_type", "client_credentials"), ("client_id", "x")], "invalid_client_id").await;
    check(&[("grant_type", "magic"), client], "unsupported_grant_type").await;
    check(&[client], "invalid_request").await;
    check(&[("grant_type", "password"), client], "invalid_grant").await;
    let secret = ("client_secret", DEMO_CLIENT_SECRET);
    check(&[("grant_type", "refresh_token"), client, secret, ("refresh_token", "x")], "invalid_grant").await;
    let get = read(crm.http.get(crm.url("/services/oauth2/token"))).await;
    assert_eq!(get.json["error"], "invalid_request");
}

#[tokio::test]
async fn a_refresh_token_opens_sessions_until_it_is_revoked() {
    let crm = Crm::empty().await;
    let refresh = crm.admin().refresh_token();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", DEMO_CLIENT_ID),
        ("client_secret", DEMO_CLIENT_SECRET),
        ("refresh_token", &refresh),
    ];
    crm.token(&form).await.assert_status(200);
    crm.token(&form).await.assert_status(200);
    let revoked = read(crm.http.post(crm.url("/services/oauth2/revoke")).form(&[("token", &refresh)])).await;
    assert_eq!((revoked.status.as_u16(), &revoked.text[..]), (200, ""));
    assert_eq!(crm.token(&form).await.json["error"], "invalid_grant");
}

#[tokio::test]
async fn sessions_end_by_time_by_revocation_and_by_the_admin() {
    let mut crm = Crm::empty().await;
    crm.get("limits").await.assert_status(200);
    crm.admin().advance(Duration::from_secs(2 * 3600));
    let expired = crm.get("limits").await;
    expired.assert_refused(401, "INVALID_SESSION_ID");
    assert!(expired.json.is_array());
    assert_eq!(expired.header("www-authenticate"), "Token");
    crm.log_in().await;
    crm.get("limits").await.assert_status(200);
    crm.admin().end_sessions();
    crm.get("limits").await.assert_refused(401, "INVALID_SESSION_ID");
    crm.log_in().await;
    read(crm.http.post(crm.url("/services/oauth2/revoke")).form(&[("token", &crm.token)]))
        .await
        .assert_status(200);
    crm.get("limits").await.assert_refused(401, "INVALID_SESSION_ID");
}

/// An org that knows an app's key, and the app's private key.
async fn with_key() -> (Crm, String) {
    let (private, public_key_pem) = key_pair();
    let key = JwtKey { public_key_pem, username: DEMO_USERNAME.to_owned() };
    (Crm::start(Options { jwt_keys: vec![key], ..Options::empty_org() }).await, private)
}

async fn assert_with((crm, private): &(Crm, String), change: impl FnOnce(&mut Value)) -> Answer {
    let exp = crm.admin().now().timestamp() + 120;
    let mut claims = json!({"iss": DEMO_CLIENT_ID, "sub": DEMO_USERNAME, "aud": "https://login.salesforce.com", "exp": exp});
    change(&mut claims);
    let key = EncodingKey::from_rsa_pem(private.as_bytes()).unwrap();
    let assertion = encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap();
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    crm.token(&[("grant_type", grant), ("assertion", &assertion)]).await
}

#[tokio::test]
async fn a_signed_assertion_opens_a_session() {
    let app = with_key().await;
    assert_with(&app, |_| {}).await.assert_status(200);
    let own = app.0.sandbox.base_url();
    assert_with(&app, |it| it["aud"] = json!(own)).await.assert_status(200);
    let as_text = assert_with(&app, |it| it["exp"] = json!(it["exp"].to_string())).await;
    as_text.assert_status(200);
}

#[tokio::test]
async fn assertions_that_lie_are_refused() {
    let app = with_key().await;
    let now = app.0.admin().now().timestamp();
    for (name, value) in [
        ("exp", json!(now - 1)),
        ("exp", json!(now + 3600)),
        ("exp", Value::Null),
        ("aud", json!("https://elsewhere.example.com")),
        ("sub", json!("admin@demo.example.com")),
    ] {
        let answer = assert_with(&app, |it| it[name] = value.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["error"]),
            (400, &json!("invalid_grant")),
            "{name} {value}"
        );
    }
    let other_app = assert_with(&app, |it| it["iss"] = json!("other")).await;
    assert_eq!(other_app.json["error"], "invalid_client_id");
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let forged = app.0.token(&[("grant_type", grant), ("assertion", "a.b.c")]).await;
    assert_eq!(forged.json["error"], "invalid_grant");
}

#[tokio::test]
async fn an_unreadable_key_stops_the_start() {
    let key = JwtKey { public_key_pem: "nonsense".into(), username: DEMO_USERNAME.into() };
    let refused = Sandbox::start(Options { jwt_keys: vec![key], ..Options::empty_org() }).await;
    assert!(matches!(refused, Err(Error::JwtKey { .. })));
}
