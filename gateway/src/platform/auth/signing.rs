//! Issuing tokens: for the demo, for tests and for trying an installation out.
//!
//! Here: a private key and what it signs. Not here: where the demo's key comes from (`demo_keys`).

use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::ids::PartnerId;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Serialize, Serializer};

/// A key that signs nothing.
#[derive(Debug, thiserror::Error)]
#[error("this is not a private key in PEM (PKCS #8) for RS256, ES256 or EdDSA")]
pub struct UnusableKey;

/// What a token says.
#[derive(Debug, Clone, Serialize)]
pub struct Claims {
    /// Who issues it.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// Whom it is for.
    #[serde(rename = "aud")]
    pub audience: String,
    /// Whom it speaks of; for a partner's people, the id of the partner user.
    #[serde(rename = "sub")]
    pub subject: String,
    /// The tenant.
    pub tenant: String,
    /// The roles.
    pub roles: Vec<Role>,
    /// The partner, for a partner's people.
    #[serde(rename = "partnerId", skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// OAuth scopes.
    pub scopes: Vec<String>,
    /// The language of labels.
    pub locale: String,
    /// From when it counts.
    #[serde(rename = "iat", serialize_with = "seconds")]
    pub issued_at: DateTime<Utc>,
    /// Until when it counts.
    #[serde(rename = "exp", serialize_with = "seconds")]
    pub expires_at: DateTime<Utc>,
}

fn seconds<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.timestamp())
}

/// A private key, with the id under which its public half is found.
#[derive(Clone)]
pub struct Signer {
    key: EncodingKey,
    algorithm: Algorithm,
    public: Jwk,
    key_id: String,
}

impl Signer {
    /// Takes a private key in PEM. Without an id it gets its thumbprint (RFC 7638).
    pub fn from_pem(pem: &[u8], key_id: Option<String>) -> Result<Self, UnusableKey> {
        let (key, algorithm) = EncodingKey::from_ed_pem(pem)
            .map(|key| (key, Algorithm::EdDSA))
            .or_else(|_| EncodingKey::from_ec_pem(pem).map(|key| (key, Algorithm::ES256)))
            .or_else(|_| EncodingKey::from_rsa_pem(pem).map(|key| (key, Algorithm::RS256)))
            .map_err(|_| UnusableKey)?;
        let mut public = Jwk::from_encoding_key(&key, algorithm).map_err(|_| UnusableKey)?;
        let thumbprint = || public.thumbprint(ThumbprintHash::SHA256).map_err(|_| UnusableKey);
        let key_id = key_id.map_or_else(thumbprint, Ok)?;
        public.common.key_id = Some(key_id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { key, algorithm, public, key_id })
    }

    /// A token that says so.
    pub fn sign(&self, claims: &Claims) -> Result<String, UnusableKey> {
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.key).map_err(|_| UnusableKey)
    }

    /// The public half, as the document that verifies what this signs.
    pub fn key_set(&self) -> JwkSet {
        JwkSet { keys: vec![self.public.clone()] }
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
