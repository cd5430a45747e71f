//! From a bearer token to a [`Caller`].
//!
//! Here: whose tokens are accepted and which keys prove it; what a [`Register`] knows besides. A refused token is told by one of two codes; why it
//! was refused goes to the log only.
//! Not here: what a caller may do (`domain::access`), which rows it sees (the features).

mod caller;
pub mod demo_keys;
mod jwks;
mod jwt;
mod register;
pub mod signing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use caller::{AccessRefused, Caller};
pub use jwks::KeySetError;
pub use register::Register;

use self::jwks::KeySet;
use self::jwt::Issuer;
use self::register::Nothing;
use super::cache::Cache;
use super::config;

/// Why a request has no caller. What a client learns is the code; the reason is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// There was no token.
    #[error("send a bearer token in the Authorization header")]
    Missing,
    /// The token was good once.
    #[error("the token has expired; get a new one")]
    Expired,
    /// Anything else that is wrong with it.
    #[error("the token is not valid here; get a new one")]
    Invalid {
        /// For the log.
        reason: &'static str,
    },
    /// It may be good, but that cannot be found out now.
    #[error("who you are cannot be looked up at the moment; try again in a few seconds")]
    Unavailable,
}

impl Unauthenticated {
    /// The code that clients branch on.
    pub fn code(self) -> &'static str {
        match self {
            Self::Expired => "TOKEN_EXPIRED",
            Self::Missing | Self::Invalid { .. } => "UNAUTHENTICATED",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 §3): without a token no error is named.
    pub fn challenge(self) -> &'static str {
        match self {
            Self::Missing | Self::Unavailable => r#"Bearer realm="partner-gateway""#,
            Self::Expired => {
                r#"Bearer realm="partner-gateway", error="invalid_token", error_description="expired""#
            }
            Self::Invalid { .. } => r#"Bearer realm="partner-gateway", error="invalid_token""#,
        }
    }
}

fn invalid<T>(reason: &'static str) -> Result<T, Unauthenticated> {
    Err(Unauthenticated::Invalid { reason })
}

/// Knows the issuers and their keys.
#[derive(Debug)]
pub struct Authenticator {
    issuers: Vec<(Issuer, Vec<KeySet>)>,
    register: Arc<dyn Register>,
}

impl Authenticator {
    /// Prepares the issuers and reads their keys for the first time.
    ///
    /// A key file that cannot be read is an error. An address that does not answer is only logged: it is asked
    /// again when its first token comes, and an issuer that is down must not keep the gateway down.
    pub async fn open(config: &config::Auth, cache: &Cache, now: DateTime<Utc>) -> Result<Self, KeySetError> {
        let mut issuers = Vec::new();
        for (name, issuer) in &config.issuers {
            let sets = KeySet::all(issuer, cache)?;
            for keys in &sets {
                match keys.load(now).await {
                    Err(error) if keys.is_remote() => tracing::warn!(issuer = name, %error, "no keys yet"),
                    loaded => loaded.map(drop)?,
                }
            }
            issuers.push((Issuer::new(config, issuer), sets));
        }
        Ok(Self { issuers, register: Arc::new(Nothing) })
    }

    /// The same with something that knows of callers besides their tokens.
    #[must_use]
    pub fn with(self, register: Arc<dyn Register>) -> Self {
        Self { register, ..self }
    }

    /// How many usable keys each issuer has, or why none.
    pub async fn check(
        config: &config::Auth,
        now: DateTime<Utc>,
    ) -> Vec<(String, Result<usize, KeySetError>)> {
        let mut found = Vec::new();
        for (name, issuer) in &config.issuers {
            found.push((name.clone(), KeySet::count(issuer, now).await));
        }
        found
    }

    /// Whom a request with this `Authorization` header comes from.
    pub async fn authenticate(
        &self,
        authorization: Option<&[u8]>,
        now: DateTime<Utc>,
    ) -> Result<Caller, Unauthenticated> {
        let token = bearer(authorization)?;
        if self.register.is_key(token) {
            return self.register.owner_of(token, now).await;
        }
        let head = jwt::peek(token)?;
        let Some((issuer, sets)) = self.issuers.iter().find(|(it, _)| it.is(&head.issuer)) else {
            return invalid("unknown issuer");
        };
        let Some(key) = KeySet::find_in(sets, &head.key_id, now).await else { return invalid("unknown key") };
        let caller = issuer.verify(token, &key, now)?;
        if self.register.has_revoked(&caller) { invalid("revoked") } else { Ok(caller) }
    }

    /// Whether a caller that was let in may stay.
    pub fn still_knows(&self, caller: &Caller, now: DateTime<Utc>) -> Result<(), Unauthenticated> {
        match caller.expires_at {
            Some(end) if now >= end => Err(Unauthenticated::Expired),
            _ if self.register.has_revoked(caller) => invalid("revoked"),
            _ => Ok(()),
        }
    }
}

/// The token of `Bearer <token>`; the scheme's case does not matter.
fn bearer(authorization: Option<&[u8]>) -> Result<&str, Unauthenticated> {
    let header = authorization.ok_or(Unauthenticated::Missing)?;
    let Ok(header) = str::from_utf8(header) else { return invalid("not a text") };
    match header.trim().split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => Ok(token.trim()),
        _ => Err(Unauthenticated::Missing),
    }
}
