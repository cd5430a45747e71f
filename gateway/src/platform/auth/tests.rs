//! Tokens as an issuer, a stranger and a forger would send them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use domain::access::Role;
use domain::text::Language;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::demo_keys::{AUDIENCE, DemoKeyError, DemoKeys, ISSUER, pem};
use super::signing::Signer;
use super::*;
use crate::platform::config::auth::{KeySource, SigningAlgorithm};

const NOW: i64 = 1_780_000_000;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

/// One issuer with one key, and what a good token of it says.
struct Issuing {
    pem: String,
    signer: Signer,
    algorithm: Algorithm,
}

impl Issuing {
    fn with(algorithm: Algorithm) -> Self {
        let der = match algorithm {
            Algorithm::RS256 => {
                let der: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
                der.as_ref().to_vec()
            }
            Algorithm::ES256 => {
                let random = SystemRandom::new();
                let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
                key.as_ref().to_vec()
            }
            _ => {
                let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
                let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
                der.as_ref().to_vec()
            }
        };
        let pem = pem(&der);
        let signer = Signer::from_pem(pem.as_bytes(), Some("key-1".to_owned())).unwrap();
        Self { pem, signer, algorithm }
    }

    fn header(&self) -> Header {
        Header { kid: Some("key-1".to_owned()), ..Header::new(self.algorithm) }
    }

    fn token(&self, header: &Header, claims: &Value) -> String {
        let pem = self.pem.as_bytes();
        let key = match self.algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_pem(pem),
            Algorithm::ES256 => EncodingKey::from_ec_pem(pem),
            _ => EncodingKey::from_ed_pem(pem),
        };
        jsonwebtoken::encode(header, claims, &key.unwrap()).unwrap()
    }

    /// An authenticator that reads this issuer's keys from a file.
    async fn accepted(&self) -> (Authenticator, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        fs::write(&file, serde_json::to_vec(&self.signer.key_set()).unwrap()).unwrap();
        (open(KeySource::File(file), &Cache::in_process()).await.unwrap(), folder)
    }
}

async fn open(keys: KeySource, cache: &Cache) -> Result<Authenticator, KeySetError> {
    let issuer = config::auth::Issuer {
        issuer: ISSUER.to_owned(),
        audience: vec![AUDIENCE.to_owned()],
        keys,
        algorithms: SigningAlgorithm::ALL.to_vec(),
    };
    let config = config::Auth { issuers: [("idp".to_owned(), issuer)].into(), ..config::Auth::default() };
    Authenticator::open(&config, cache, now()).await
}

fn good() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "tenant": "default",
        "roles": ["CHANNEL_MANAGER", "OFFICE_CAT"], "scopes": "read write", "locale": "en-GB",
        "iat": NOW - 60, "exp": NOW + 3_600,
    })
}

fn with(changes: Value) -> Value {
    let mut claims = good();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

async fn ask(authenticator: &Authenticator, token: &str) -> Result<Caller, Unauthenticated> {
    authenticator.authenticate(Some(format!("Bearer {token}").as_bytes()), now()).await
}

#[tokio::test]
async fn all_three_algorithms_are_accepted() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let issuing = Issuing::with(algorithm);
        let (authenticator, _folder) = issuing.accepted().await;
        let caller = ask(&authenticator, &issuing.token(&issuing.header(), &good())).await.unwrap();
        assert_eq!(caller.subject, "ada");
        assert_eq!(caller.roles, [Role::ChannelManager]);
        assert_eq!(caller.scopes, ["read", "write"]);
        assert_eq!(caller.language, Language::En);
    }
}

#[tokio::test]
async fn the_subject_of_a_partners_token_is_the_partner_user() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    let (partner, user) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let claims = with(json!({"sub": user, "partnerId": partner, "roles": ["PARTNER_REP"]}));
    let caller = ask(&authenticator, &issuing.token(&issuing.header(), &claims)).await.unwrap();
    assert_eq!(caller.partner, Some(partner.into()));
    assert_eq!(caller.partner_user, Some(user.into()));
}

#[tokio::test]
async fn a_token_that_breaks_one_rule_is_refused() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    let broken = [
        (without("exp"), "no exp"),
        (without("sub"), "no subject, or too long a one"),
        (without("aud"), "another audience"),
        (without("tenant"), "another tenant"),
        (without("iss"), "malformed claims"),
        (with(json!({"iss": "somebody"})), "unknown issuer"),
        (with(json!({"iss": null})), "malformed claims"),
        (with(json!({"aud": null})), "another audience"),
        (with(json!({"aud": ["a", "b"]})), "another audience"),
        (with(json!({"aud": {"0": AUDIENCE}})), "another audience"),
        (with(json!({"tenant": "other"})), "another tenant"),
        (with(json!({"sub": ""})), "no subject, or too long a one"),
        (with(json!({"sub": "x".repeat(256)})), "no subject, or too long a one"),
        (with(json!({"nbf": NOW + 120})), "not valid yet"),
        (with(json!({"iat": NOW + 120})), "issued in the future"),
        (with(json!({"exp": NOW + 90_000})), "lives too long"),
        (with(json!({"exp": "tomorrow"})), "a time that is none"),
        (with(json!({"exp": 1e300})), "a time that is none"),
        (with(json!({"partnerId": "1"})), "the partner is not an id"),
    ];
    for (claims, reason) in broken {
        let answer = ask(&authenticator, &issuing.token(&issuing.header(), &claims)).await;
        assert_eq!(answer, invalid(reason), "{claims}");
    }
}

#[tokio::test]
async fn without_a_time_of_issue_the_life_is_counted_from_now() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    let claims = without("iat");
    assert!(ask(&authenticator, &issuing.token(&issuing.header(), &claims)).await.is_ok());
}

#[tokio::test]
async fn an_expired_token_is_told_apart_after_the_leeway() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    for (ends, expired) in [(NOW - 29, false), (NOW - 30, true)] {
        let token = issuing.token(&issuing.header(), &with(json!({"exp": ends})));
        let answer = ask(&authenticator, &token).await;
        assert_eq!(answer == Err(Unauthenticated::Expired), expired, "{ends}");
    }
}

#[tokio::test]
async fn a_header_that_brings_a_key_or_wants_more_is_refused() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    let own_key = issuing.signer.key_set().keys.remove(0);
    let broken = [
        (Header { jwk: Some(own_key), ..issuing.header() }, "brings its own key"),
        (Header { x5u: Some("https://x".to_owned()), ..issuing.header() }, "brings its own key"),
        (Header { crit: Some(vec!["b64".to_owned()]), ..issuing.header() }, "critical extensions"),
        (Header { typ: Some("dpop+jwt".to_owned()), ..issuing.header() }, "another type of token"),
        (Header { kid: None, ..issuing.header() }, "no kid"),
        (Header { kid: Some("other".to_owned()), ..issuing.header() }, "unknown key"),
    ];
    for (header, reason) in broken {
        assert_eq!(ask(&authenticator, &issuing.token(&header, &good())).await, invalid(reason));
    }
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let issuing = Issuing::with(Algorithm::ES256);
    let (authenticator, _folder) = issuing.accepted().await;
    let token = issuing.token(&issuing.header(), &good());
    let parts: Vec<&str> = token.split('.').collect();
    let promoted = URL_SAFE_NO_PAD.encode(with(json!({"roles": ["ADMIN"]})).to_string());
    let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
    for forged in [
        format!("{}.{promoted}.{}", parts[0], parts[2]),
        format!("{}.{}.{zeros}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
    ] {
        assert_eq!(ask(&authenticator, &forged).await, invalid("the signature does not fit"));
    }
}

#[tokio::test]
async fn a_public_key_cannot_be_used_as_a_password() {
    let issuing = Issuing::with(Algorithm::RS256);
    let (authenticator, _folder) = issuing.accepted().await;
    let public = serde_json::to_vec(&issuing.signer.key_set().keys[0]).unwrap();
    let header = Header { kid: Some("key-1".to_owned()), ..Header::new(Algorithm::HS256) };
    let forged = jsonwebtoken::encode(&header, &good(), &EncodingKey::from_secret(&public)).unwrap();
    assert_eq!(ask(&authenticator, &forged).await, invalid("the signature does not fit"));
}

#[tokio::test]
async fn no_signature_is_no_token() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    for algorithm in ["none", "None", "NONE", "nOnE"] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": algorithm, "kid": "key-1"}).to_string());
        let claims = URL_SAFE_NO_PAD.encode(good().to_string());
        let answer = ask(&authenticator, &format!("{header}.{claims}.")).await;
        assert_eq!(answer, invalid("malformed header"));
    }
}

#[tokio::test]
async fn a_huge_or_missing_token_is_refused_unread() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    assert_eq!(ask(&authenticator, &"x".repeat(17 << 10)).await, invalid("larger than 16 KiB"));
    assert_eq!(authenticator.authenticate(None, now()).await, Err(Unauthenticated::Missing));
    let basic = authenticator.authenticate(Some(b"Basic dTpw"), now()).await;
    assert_eq!(basic, Err(Unauthenticated::Missing));
}

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

#[tokio::test]
async fn demo_keys_are_made_once_and_accepted_by_their_own_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let keys = DemoKeys::load_or_make(folder.path()).unwrap();
    let claims = signing::Claims {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        subject: "admin".to_owned(),
        tenant: "default".to_owned(),
        roles: vec![Role::Admin],
        partner: None,
        scopes: Vec::new(),
        locale: "ja".to_owned(),
        issued_at: now(),
        expires_at: now() + TimeDelta::hours(24),
    };
    let token = keys.signer().sign(&claims).unwrap();
    let again = DemoKeys::load_or_make(folder.path()).unwrap();
    let authenticator = Authenticator::open(&again.auth(), &Cache::in_process(), now()).await.unwrap();
    assert_eq!(ask(&authenticator, &token).await.unwrap().roles, [Role::Admin]);
}

#[test]
fn a_demo_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    DemoKeys::load_or_make(folder.path()).unwrap();
    let file = folder.path().join("demo.key.pem");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(DemoKeys::load(folder.path()), Err(DemoKeyError::Exposed(_))));
}

#[test]
fn a_challenge_names_an_error_only_when_there_was_a_token() {
    assert!(!Unauthenticated::Missing.challenge().contains("error"));
    assert!(Unauthenticated::Expired.challenge().contains("invalid_token"));
    assert_eq!(Unauthenticated::Expired.code(), "TOKEN_EXPIRED");
}
