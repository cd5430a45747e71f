//! The refresh token of a source: the newest one, sealed, in the store.
//!
//! Where tokens rotate, each use brings a new one and the one before is dead at once, so the newest is stored before it is
//! used. The configuration names the first; another one in the configuration begins anew. Whoever reads the store without
//! the configuration's key learns nothing.

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use connectors::salesforce::{TokenKeeper, TokenKeeperError};
use domain::sources::SourceSystem;
use entity::sync::source_token::{Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};
use secrecy::{ExposeSecret, SecretString};

use crate::platform::clock::Clock;
use crate::platform::database::Database;
use crate::platform::secret::Secret;

/// Length of what tells sealed texts apart, which stands before them.
const NONCE: usize = 12;

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
}

/// Why a token cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
enum Unsealed {
    #[error("there is no store to keep the next refresh token in; this command needs the database")]
    NoStore,
    #[error("the refresh token could not be sealed")]
    NotSealed,
}

impl StoredToken {
    fn store(&self) -> Result<&Database, Unsealed> {
        self.database.as_ref().ok_or(Unsealed::NoStore)
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
    async fn load(&self) -> Result<SecretString, TokenKeeperError> {
        let stored = Entity::find_by_id(self.system.clone()).one(self.store()?.read()).await?;
        let newest = stored.and_then(|it| self.opened(&it.token));
        Ok(newest.unwrap_or_else(|| self.first.reveal().into()))
    }

    async fn keep(&self, token: &SecretString) -> Result<(), TokenKeeperError> {
        let (system, token) = (self.system.clone(), self.sealed(token)?);
        let row = Model { system, token, kept_at: self.clock.now() };
        let columns = [Column::Token, Column::KeptAt];
        let replace = OnConflict::column(Column::System).update_columns(columns).to_owned();
        let insert = Entity::insert(row.into_active_model()).on_conflict(replace);
        insert.exec_without_returning(self.store()?.read()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeper(first: &str, key: &str) -> StoredToken {
        let system = "CRM".parse().unwrap();
        StoredToken { database: None, clock: Clock::default(), system, first: first.into(), key: key.into() }
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
