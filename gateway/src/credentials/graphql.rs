//! Keys and revocations in the API; for administrators.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::credentials::{api_key, token_revocation};
use uuid::Uuid;

use super::service::{self, CredentialRefusal, KeyDetails, Revoked};
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};

/// A key by which an integration job is known: `Authorization: Bearer pgk_…`.
#[derive(SimpleObject)]
pub struct ApiKey {
    /// Its id.
    id: Uuid,
    /// What the job is called.
    name: String,
    /// What it may do it to, such as `source:CRM`.
    scopes: Vec<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// By whom.
    created_by: String,
    /// When it ends.
    expires_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// When it was ended.
    revoked_at: Option<DateTime<Utc>>,
    /// By whom.
    revoked_by: Option<String>,
}

impl From<api_key::Model> for ApiKey {
    fn from(row: api_key::Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            created_at: row.created_at,
            created_by: row.created_by,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
            revoked_by: row.revoked_by,
        }
    }
}

/// Tokens that do not count any more.
#[derive(SimpleObject)]
pub struct TokenRevocation {
    /// Its id.
    id: Uuid,
    /// All tokens that this subject had until then.
    subject: Option<String>,
    /// The token with this `jti`.
    token_id: Option<String>,
    /// Why.
    reason: String,
    /// When.
    revoked_at: DateTime<Utc>,
    /// By whom.
    revoked_by: String,
}

impl From<token_revocation::Model> for TokenRevocation {
    fn from(row: token_revocation::Model) -> Self {
        Self {
            id: row.id.into(),
            subject: row.subject,
            token_id: row.token_id,
            reason: row.reason,
            revoked_at: row.revoked_at,
            revoked_by: row.revoked_by,
        }
    }
}

/// A key to be made.
#[derive(Debug, InputObject)]
pub struct CreateApiKeyInput {
    /// What the job is called.
    pub name: String,
    /// What it may do it to; the source system that it acts for is one of them: `source:CRM`.
    pub scopes: Vec<String>,
    /// When it ends, at the latest in a year.
    pub expires_at: DateTime<Utc>,
    /// The same key gives the same answer, but never the secret again: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A key to be ended.
#[derive(Debug, InputObject)]
pub struct RevokeApiKeyInput {
    /// Which one.
    pub id: Uuid,
    /// Why.
    pub reason: String,
}

/// Tokens to be revoked: one, or all of a subject.
#[derive(Debug, InputObject)]
pub struct RevokeTokensInput {
    /// The subject whose tokens do not count any more, as far as they were issued until now.
    pub subject: Option<String>,
    /// The `jti` of one token.
    pub token_id: Option<String>,
    /// Why.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What the making of a key gives back.
#[derive(SimpleObject)]
pub struct CreateApiKeyPayload {
    /// The key as it is listed.
    api_key: ApiKey,
    /// The key itself. Keep it: it is shown once, and not kept here.
    secret: Option<String>,
}

/// What a change of a key gives back.
#[derive(SimpleObject)]
pub struct ApiKeyPayload {
    /// The key as it is now.
    api_key: ApiKey,
}

/// What a revocation gives back.
#[derive(SimpleObject)]
pub struct TokenRevocationPayload {
    /// What does not count any more.
    token_revocation: TokenRevocation,
}

/// Reading keys and revocations.
#[derive(Default)]
pub struct CredentialQueries;

#[Object]
impl CredentialQueries {
    /// All keys of integration jobs, newest first.
    #[graphql(complexity = "100 * child_complexity")]
    async fn api_keys(&self, ctx: &Context<'_>) -> Result<Vec<ApiKey>> {
        let keys = service::keys(ctx.data_unchecked()).await?;
        Ok(keys.into_iter().map(Into::into).collect())
    }

    /// What was revoked in the last 90 days, newest first.
    #[graphql(complexity = "100 * child_complexity")]
    async fn token_revocations(&self, ctx: &Context<'_>) -> Result<Vec<TokenRevocation>> {
        let revoked = service::revocations(ctx.data_unchecked()).await?;
        Ok(revoked.into_iter().map(Into::into).collect())
    }
}

/// Making and ending keys, revoking tokens.
#[derive(Default)]
pub struct CredentialMutations;

#[Object]
impl CredentialMutations {
    /// Makes a key for an integration job. It is shown once.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which job.")] input: CreateApiKeyInput,
    ) -> Result<Payload<CreateApiKeyPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let CreateApiKeyInput { name, scopes, expires_at, idempotency_key } = input;
            let details = KeyDetails { name: name.parse().of_field("name")?, scopes, expires_at };
            let (row, secret) = service::create_key(ctx, idempotency_key.as_deref(), details).await?;
            Ok(CreateApiKeyPayload { api_key: row.into(), secret })
        })
        .await
    }

    /// Ends a key at once, in all replicas.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: RevokeApiKeyInput,
    ) -> Result<Payload<ApiKeyPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let reason = input.reason.parse().of_field("reason")?;
            let row = service::revoke_key(ctx, input.id.into(), &reason).await?;
            Ok(ApiKeyPayload { api_key: row.into() })
        })
        .await
    }

    /// Revokes tokens of issuers before they expire, in all replicas.
    async fn revoke_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones, and why.")] input: RevokeTokensInput,
    ) -> Result<Payload<TokenRevocationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let revoked = match (input.subject, input.token_id) {
                (Some(subject), None) => Revoked::Subject(subject),
                (None, Some(id)) => Revoked::Token(id),
                _ => return Err(CredentialRefusal::RevokeOne.into()),
            };
            let reason = input.reason.parse().of_field("reason")?;
            let row = service::revoke_tokens(ctx, input.idempotency_key.as_deref(), revoked, &reason).await?;
            Ok(TokenRevocationPayload { token_revocation: row.into() })
        })
        .await
    }
}
