//! A retried mutation gets the first answer instead of a second effect.

use entity::platform::idempotency_key;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use serde::Serialize;
use uuid::Uuid;

use super::context::RequestContext;
use crate::error::{OfField as _, Refusal, Result};

/// Longest key, in bytes.
const MAX_LENGTH: usize = 200;

/// Why a key is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum IdempotencyRefusal {
    /// Used before, for something else.
    #[error("this idempotency key was used for another request; make a new key for each new request")]
    IdempotencyKeyReused,
    /// Empty or too long.
    #[error("an idempotency key has 1 to {MAX_LENGTH} bytes")]
    IdempotencyKeyInvalid,
}

impl Refusal for IdempotencyRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// A mutation that is done once per key and subject.
pub struct Once<'a> {
    key: Option<&'a str>,
    operation: &'static str,
    request_hash: String,
}

impl<'a> Once<'a> {
    /// The mutation `operation` with this input; without a key it is simply done.
    pub fn new(key: Option<&'a str>, operation: &'static str, input: &impl Serialize) -> Result<Self> {
        if key.is_some_and(|it| it.is_empty() || it.len() > MAX_LENGTH) {
            return Err(IdempotencyRefusal::IdempotencyKeyInvalid).of_field("idempotencyKey");
        }
        let bytes = serde_json::to_vec(input).map_err(crate::error::Error::internal)?;
        Ok(Self { key, operation, request_hash: blake3::hash(&bytes).to_hex().to_string() })
    }

    /// What the same request made before, if it was made.
    pub async fn earlier<Id: From<Uuid>>(
        &self,
        txn: &impl ConnectionTrait,
        ctx: &RequestContext,
    ) -> Result<Option<Id>> {
        let Some(key) = self.key else { return Ok(None) };
        let id = (ctx.caller.subject.clone(), key.to_owned());
        match idempotency_key::Entity::find_by_id(id).one(txn).await? {
            None => Ok(None),
            Some(row) if row.operation == self.operation && row.request_hash == self.request_hash => {
                Ok(Some(row.result_id.into()))
            }
            Some(_) => Err(IdempotencyRefusal::IdempotencyKeyReused).of_field("idempotencyKey"),
        }
    }

    /// Remembers what the request made, in the transaction that made it.
    pub async fn remember(
        &self,
        txn: &impl ConnectionTrait,
        ctx: &RequestContext,
        result: impl Into<Uuid>,
    ) -> Result<()> {
        let Some(key) = self.key else { return Ok(()) };
        let row = idempotency_key::Model {
            subject: ctx.caller.subject.clone(),
            key: key.to_owned(),
            operation: self.operation.to_owned(),
            request_hash: self.request_hash.clone(),
            result_id: result.into(),
            created_at: ctx.now,
        };
        row.into_active_model().insert(txn).await?;
        Ok(())
    }
}
