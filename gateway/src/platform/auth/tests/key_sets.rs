//! Key sets: what is taken from them, and when they are read again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;

use super::*;

#[tokio::test]
async fn a_key_set_passes_over_what_it_cannot_use() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let usable = serde_json::to_value(&issuing.signer.key_set().keys[0]).unwrap();
    let others = [
        json!({"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256"}),
        json!({"kty": "RSA", "kid": "short", "n": URL_SAFE_NO_PAD.encode([255; 128]), "e": "AQAB"}),
        json!({"kty": "FUTURE", "kid": "later"}),
        json!("not even an object"),
    ];
    fs::write(&file, json!({"keys": [others[0], others[1], others[2], others[3], usable]}).to_string())
        .unwrap();
    let authenticator = open(KeySource::File(file.clone()), &Cache::in_process()).await.unwrap();
    assert!(ask(&authenticator, &issuing.token(&issuing.header(), &good())).await.is_ok());

    fs::write(&file, json!({"keys": others}).to_string()).unwrap();
    let error = open(KeySource::File(file), &Cache::in_process()).await.unwrap_err();
    assert!(matches!(error, KeySetError::Unusable { .. }));
}

#[tokio::test]
async fn a_key_file_that_is_not_there_is_an_error() {
    let error = open(KeySource::File("/nowhere/keys.json".into()), &Cache::in_process()).await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/keys.json"), "{error}");
}

/// An issuer over HTTP that counts how often it is asked, and fails while it has no document.
async fn issuer_over_http(document: Option<String>) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let answer = move || {
        counter.fetch_add(1, Ordering::SeqCst);
        let document = document.clone().ok_or(StatusCode::SERVICE_UNAVAILABLE);
        async move { document }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, Router::new().route("/keys", get(answer))).into_future());
    (url, asked)
}

#[tokio::test]
async fn a_flood_of_unknown_keys_asks_the_issuer_once_a_minute() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let document = serde_json::to_string(&issuing.signer.key_set()).unwrap();
    let (url, asked) = issuer_over_http(Some(document)).await;
    let authenticator = open(KeySource::Url(url), &Cache::in_process()).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    let stranger = Header { kid: Some("unknown".to_owned()), ..issuing.header() };
    let header = format!("Bearer {}", issuing.token(&stranger, &good()));
    for seconds in [61, 62, 90, 120, 122, 150] {
        let later = now() + TimeDelta::seconds(seconds);
        let flood = (0..20).map(|_| authenticator.authenticate(Some(header.as_bytes()), later));
        let answers = futures::future::join_all(flood).await;
        assert!(answers.iter().all(|it| *it == invalid("unknown key")));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 3, "at the start, after 61 s and after 122 s");
}

#[tokio::test]
async fn replicas_share_what_one_of_them_fetched() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let document = serde_json::to_string(&issuing.signer.key_set()).unwrap();
    let (url, asked) = issuer_over_http(Some(document)).await;
    let cache = Cache::in_process();
    for _ in 0..3 {
        let replica = open(KeySource::Url(url.clone()), &cache).await.unwrap();
        assert!(ask(&replica, &issuing.token(&issuing.header(), &good())).await.is_ok());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_issuer_may_have_keys_in_a_file_and_at_an_address_at_once() {
    let (here, there) = (Issuing::with(Algorithm::RS256), Issuing::named(Algorithm::ES256, "key-2"));
    let (_, folder) = here.accepted().await;
    let (url, _) = issuer_over_http(Some(serde_json::to_string(&there.signer.key_set()).unwrap())).await;
    let sources = vec![KeySource::File(folder.path().join("keys.json")), KeySource::Url(url)];
    let both = open_all(sources, &Cache::in_process()).await.unwrap();
    for issuing in [here, there] {
        assert!(ask(&both, &issuing.token(&issuing.header(), &good())).await.is_ok());
    }
}

#[tokio::test]
async fn an_issuer_that_is_down_does_not_keep_the_gateway_down() {
    let (url, asked) = issuer_over_http(None).await;
    let authenticator = open(KeySource::Url(url), &Cache::in_process()).await.unwrap();
    let issuing = Issuing::with(Algorithm::EdDSA);
    let answer = ask(&authenticator, &issuing.token(&issuing.header(), &good())).await;
    assert_eq!(answer, invalid("unknown key"));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_set_that_cannot_be_read_again_leaves_the_old_one() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, folder) = issuing.accepted().await;
    fs::write(folder.path().join("keys.json"), "half a docum").unwrap();
    let header = format!("Bearer {}", issuing.token(&issuing.header(), &with(json!({"exp": NOW + 9_000}))));
    let later = now() + TimeDelta::hours(2);
    assert!(authenticator.authenticate(Some(header.as_bytes()), later).await.is_ok());
}
