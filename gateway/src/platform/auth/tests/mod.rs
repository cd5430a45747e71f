//! Tokens as an issuer, a stranger and a forger would send them.
//!
//! Here: an issuer of our own. Not here: what is tried with it (`tokens`, `key_sets`, `demo_keys`).

mod demo_keys;
mod key_sets;
mod tokens;

use std::fs;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::demo_keys::{AUDIENCE, ISSUER, pem};
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
    key_id: &'static str,
}

impl Issuing {
    fn with(algorithm: Algorithm) -> Self {
        Self::named(algorithm, "key-1")
    }

    fn named(algorithm: Algorithm, key_id: &'static str) -> Self {
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
        let signer = Signer::from_pem(pem.as_bytes(), Some(key_id.to_owned())).unwrap();
        Self { pem, signer, algorithm, key_id }
    }

    fn header(&self) -> Header {
        Header { kid: Some(self.key_id.to_owned()), ..Header::new(self.algorithm) }
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
    open_all(vec![keys], cache).await
}

async fn open_all(keys: Vec<KeySource>, cache: &Cache) -> Result<Authenticator, KeySetError> {
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
