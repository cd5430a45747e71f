//! Who does not count any more, as each replica knows it: revoked tokens, and people who lost their access.
//!
//! Asking costs nothing: what was changed is read when somebody says so, and every few seconds in case nobody could.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Role;
use domain::ids::PartnerUserId;
use domain::partners::PartnerUserStatus;
use domain::text::Language;
use sea_orm::DbErr;
use tokio::time::{MissedTickBehavior, interval};

use super::store;
use crate::error::Result;
use crate::partners::users;
use crate::platform::auth::{Caller, Register, Unauthenticated};
use crate::platform::cache::Cache;
use crate::platform::database::Database;

/// What every key begins with: whoever finds one knows what it is.
pub const KEY_PREFIX: &str = "pgk_";
/// Where it is said that something was revoked.
pub(super) const CHANNEL: &str = "credentials";
/// How often each replica looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Transactions may take a while from their instant to their commit.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(2);

/// Knows keys, revoked tokens and people without access.
#[derive(Debug)]
pub struct Standing {
    database: Database,
    tenant: String,
    /// Longer than any token lives: what was revoked before need not be known.
    memory: TimeDelta,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    read_at: Option<DateTime<Utc>>,
    tokens: HashSet<String>,
    /// Until when the tokens of a subject were issued that do not count.
    subjects: HashMap<String, DateTime<Utc>>,
    disabled: HashSet<PartnerUserId>,
}

impl Standing {
    /// Nothing is known before the first look.
    pub fn new(database: Database, tenant: &str, memory: TimeDelta) -> Self {
        Self { database, tenant: tenant.to_owned(), memory, known: RwLock::default() }
    }

    /// Reads what was changed since the last look.
    pub async fn look(&self, now: DateTime<Utc>) -> Result<()> {
        let db = self.database.read();
        let last = self.known().read_at;
        let since = last.map_or(now - self.memory, |it| it - LOOK_BACK);
        let revoked = store::revoked_since(db, since).await?;
        let users = users::access_since(db, last.map(|_| since)).await?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.read_at = Some(now);
        for row in revoked {
            known.tokens.extend(row.token_id);
            if let Some(subject) = row.subject {
                let until = known.subjects.entry(subject).or_insert(row.revoked_at);
                *until = row.revoked_at.max(*until);
            }
        }
        for (user, status) in users {
            match status {
                PartnerUserStatus::Disabled => known.disabled.insert(user),
                _ => known.disabled.remove(&user),
            };
        }
        Ok(())
    }

    /// Looks whenever it is said that something was revoked, and every few seconds, for ever.
    pub async fn watch(&self, cache: &Cache, now: impl Fn() -> DateTime<Utc>) {
        let mut messages = cache.subscribe(CHANNEL).await;
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = look.tick() => {}
                message = messages.next() => if message.is_none() {
                    look.tick().await;
                },
            }
            if let Err(error) = self.look(now()).await {
                tracing::warn!(%error, "what was revoked is read later");
            }
        }
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Register for Standing {
    fn is_key(&self, token: &str) -> bool {
        token.starts_with(KEY_PREFIX)
    }

    async fn owner_of(&self, key: &str, now: DateTime<Utc>) -> Result<Caller, Unauthenticated> {
        let db = self.database.read();
        let found = store::by_hash(db, &hash(key)).await.map_err(unavailable)?;
        let Some(key) = found.filter(|it| it.revoked_at.is_none()) else {
            return Err(Unauthenticated::Invalid { reason: "unknown or revoked key" });
        };
        if now >= key.expires_at {
            return Err(Unauthenticated::Expired);
        }
        store::use_key(db, &key, now).await.map_err(unavailable)?;
        Ok(Caller {
            subject: format!("key:{}", key.id),
            tenant: self.tenant.clone(),
            roles: vec![Role::IntegrationJob],
            language: Language::default(),
            scopes: key.scopes.split_whitespace().map(str::to_owned).collect(),
            expires_at: Some(key.expires_at),
            ..Caller::operator()
        })
    }

    fn has_revoked(&self, caller: &Caller) -> bool {
        let known = self.known();
        let token_is_revoked = caller.token_id.as_ref().is_some_and(|it| known.tokens.contains(it));
        let subject_is_revoked = known
            .subjects
            .get(&caller.subject)
            .is_some_and(|until| caller.issued_at.is_none_or(|it| it <= *until));
        let user_is_disabled = caller.partner_user.is_some_and(|it| known.disabled.contains(&it));
        token_is_revoked || subject_is_revoked || user_is_disabled
    }
}

/// What is kept of a key. Keys are random, so that a quick hash is as good as a slow one.
pub(super) fn hash(key: &str) -> String {
    blake3::hash(key.as_bytes()).to_hex().to_string()
}

fn unavailable(error: DbErr) -> Unauthenticated {
    tracing::warn!(%error, "a key could not be looked up");
    Unauthenticated::Unavailable
}
