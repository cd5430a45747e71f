//! The refresh token of a source: the newest one, sealed, in the store.
//!
//! Where tokens rotate, each use brings a new one and the one before is dead at once, so the newest is stored before it is
//! used, and one process at a time uses it. The configuration names the first; another one in the configuration begins anew. Whoever reads the store without
//! the configuration's key learns nothing.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use chrono::{DateTime, Utc};
use connectors::salesforce::{TokenKeeper, TokenKeeperError};
use domain::sources::SourceSystem;
use entity::sync::source_token::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::platform::clock::Clock;
use crate::platform::database::Database;
use crate::platform::secret::Secret;

/// Length of what tells sealed texts apart, which stands before them.
const NONCE: usize = 12;
/// How long a turn with the grant lasts at most: longer than a request to the source may take.
const TURN: Duration = Duration::from_secs(150);
/// How often whoever waits for a turn looks.
const GLANCE: Duration = Duration::from_millis(100);

/// Keeps the refresh token of one source.
#[derive(Debug, Clone)]
pub struct StoredToken {
    /// Where; without a store no token can be used, for its successor would be lost.
    pub database: Option<Database>,
    /// When.
    pub clock: Clock,
    /// Whose.
    pub system: SourceSystem,
    /// The token that the configuration names.
    pub first: Secret,
    /// What stored tokens are sealed with.
    pub key: Secret,
    /// Who uses it here, by an id that nobody else has.
    pub holder: Uuid,
}

/// Why a token cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
enum Unsealed {
    #[error("there is no store to keep the next refresh token in; this command needs the database")]
    NoStore,
    #[error("the refresh token could not be sealed")]
    NotSealed,
    #[error("another process uses the refresh token and does not give it back; try again later")]
    InUse,
}

impl StoredToken {
    fn store(&self) -> Result<&Database, Unsealed> {
        self.database.as_ref().ok_or(Unsealed::NoStore)
    }

    /// Takes the turn, unless somebody else has it. One that was never given back, since whoever waited for it went away, is
    /// taken again by the same process.
    async fn claim(&self) -> Result<bool, TokenKeeperError> {
        let now = self.clock.now();
        let row = Model {
            system: self.system.clone(),
            token: self.sealed(&self.first.reveal().into())?,
            kept_at: now,
            holder: Some(self.holder),
            held_until: Some(now + TURN),
        };
        let free = Condition::any()
            .add(Expr::col((Entity, Column::HeldUntil)).is_null())
            .add(Expr::col((Entity, Column::HeldUntil)).lt(now))
            .add(Expr::col((Entity, Column::Holder)).eq(self.holder));
        let claim = OnConflict::column(Column::System)
            .update_columns([Column::Holder, Column::HeldUntil])
            .action_cond_where(free)
            .to_owned();
        let insert = Entity::insert(row.into_active_model()).on_conflict(claim);
        Ok(insert.exec_without_returning(self.store()?.read()).await? > 0)
    }

    fn sealing_key(&self) -> Result<RandomizedNonceKey, Unsealed> {
        let key =
            blake3::derive_key("partner-gateway: refresh tokens of sources", self.key.reveal().as_bytes());
        RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| Unsealed::NotSealed)
    }

    /// What a sealed token belongs to: the source, and the token that everything began with.
    fn belongs_to(&self) -> Aad<String> {
        Aad::from(format!("{}|{}", self.system, blake3::hash(self.first.reveal().as_bytes())))
    }

    fn sealed(&self, token: &SecretString) -> Result<String, Unsealed> {
        let mut text = token.expose_secret().as_bytes().to_vec();
        let nonce = self.sealing_key()?.seal_in_place_append_tag(self.belongs_to(), &mut text);
        let nonce = nonce.map_err(|_| Unsealed::NotSealed)?;
        Ok(BASE64_STANDARD.encode([nonce.as_ref().as_slice(), &text].concat()))
    }

    /// `None` when it was sealed for another first token, or with another key.
    fn opened(&self, sealed: &str) -> Option<SecretString> {
        let mut bytes = BASE64_STANDARD.decode(sealed).ok()?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE)?;
        let nonce = aws_lc_rs::aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.sealing_key().ok()?.open_in_place(nonce, self.belongs_to(), text).ok()?;
        Some(String::from_utf8(text.to_vec()).ok()?.into())
    }
}

#[async_trait]
impl TokenKeeper for StoredToken {
    async fn take(&self) -> Result<SecretString, TokenKeeperError> {
        let waiting_since = Instant::now();
        while !self.claim().await? {
            if waiting_since.elapsed() > TURN {
                return Err(Unsealed::InUse.into());
            }
            tokio::time::sleep(GLANCE).await;
        }
        let stored = Entity::find_by_id(self.system.clone()).one(self.store()?.read()).await?;
        let newest = stored.and_then(|it| self.opened(&it.token));
        Ok(newest.unwrap_or_else(|| self.first.reveal().into()))
    }

    async fn keep(&self, token: &SecretString) -> Result<(), TokenKeeperError> {
        let kept = Entity::update_many()
            .col_expr(Column::Token, Expr::value(self.sealed(token)?))
            .col_expr(Column::KeptAt, Expr::value(self.clock.now()))
            .filter(Column::System.eq(self.system.clone()))
            .filter(Column::Holder.eq(self.holder))
            .exec(self.store()?.read())
            .await?;
        if kept.rows_affected == 0 { Err(Unsealed::InUse.into()) } else { Ok(()) }
    }

    async fn give_back(&self) -> Result<(), TokenKeeperError> {
        Entity::update_many()
            .col_expr(Column::Holder, Expr::value(None::<Uuid>))
            .col_expr(Column::HeldUntil, Expr::value(None::<DateTime<Utc>>))
            .filter(Column::System.eq(self.system.clone()))
            .filter(Column::Holder.eq(self.holder))
            .exec(self.store()?.read())
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeper(first: &str, key: &str) -> StoredToken {
        let system = "CRM".parse().unwrap();
        let clock = Clock::default();
        let holder = clock.new_id();
        StoredToken { database: None, clock, system, first: first.into(), key: key.into(), holder }
    }

    #[test]
    fn only_who_knows_the_key_and_the_first_token_can_open_the_next() {
        let sealed = keeper("first", "a key").sealed(&"second".to_owned().into()).unwrap();
        let opened = |first, key| keeper(first, key).opened(&sealed).map(|it| it.expose_secret().to_owned());
        assert_eq!(opened("first", "a key").as_deref(), Some("second"));
        assert_eq!(opened("another first", "a key"), None);
        assert_eq!(opened("first", "another key"), None);
        assert!(!sealed.contains("second"));
    }
}
