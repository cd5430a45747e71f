//! What is known of callers besides the tokens of issuers. Features keep it; the platform only asks.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Caller, Unauthenticated, invalid};

/// Knows keys, and who does not count any more.
#[async_trait]
pub trait Register: std::fmt::Debug + Send + Sync {
    /// Whether a bearer token is a key, and not a token of an issuer.
    fn is_key(&self, token: &str) -> bool;

    /// Whom a key stands for.
    async fn owner_of(&self, key: &str, now: DateTime<Utc>) -> Result<Caller, Unauthenticated>;

    /// Whether a caller does not count any more, though its token is good. Asked with every request: it must not wait.
    fn has_revoked(&self, caller: &Caller) -> bool;
}

/// Knows of no keys, and revokes nothing.
#[derive(Debug)]
pub(super) struct Nothing;

#[async_trait]
impl Register for Nothing {
    fn is_key(&self, _: &str) -> bool {
        false
    }

    async fn owner_of(&self, _: &str, _: DateTime<Utc>) -> Result<Caller, Unauthenticated> {
        invalid("no keys are known")
    }

    fn has_revoked(&self, _: &Caller) -> bool {
        false
    }
}
