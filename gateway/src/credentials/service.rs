//! Use cases: making and ending keys, revoking tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Permission;
use domain::ids::{ApiKeyId, TokenRevocationId};
use domain::review::Reason;
use domain::text::Name;
use entity::credentials::{api_key, token_revocation};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::standing::{CHANNEL, KEY_PREFIX, Standing, hash};
use super::store;
use crate::error::{Error, NotFound, OfField as _, Refusal, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::cache::Cache;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// Random bytes of a key.
const KEY_BYTES: usize = 32;
/// The longest life of a key.
const LONGEST_LIFE: TimeDelta = TimeDelta::days(366);
/// Begins the scope that names a source system.
const SOURCE: &str = "source:";
/// How many revocations are shown: those that may still matter, and then some.
const SHOWN_FOR: TimeDelta = TimeDelta::days(90);

/// A key as it is to be.
#[derive(Debug, serde::Serialize)]
pub struct KeyDetails {
    /// What the job is called.
    pub name: Name,
    /// What it may do it to, such as `source:CRM`.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Which tokens do not count any more.
#[derive(Debug, Clone, serde::Serialize)]
pub enum Revoked {
    /// One, by its `jti`.
    Token(String),
    /// All that the subject has until now.
    Subject(String),
}

/// Why a key cannot be as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum CredentialRefusal {
    /// Too long, or over before it begins.
    #[error("a key ends in the future, at the latest in {} days; make a new one then", LONGEST_LIFE.num_days())]
    KeyLife,
    /// A job that acts for nobody.
    #[error("name the source system that the job acts for, as the scope `source:CRM`; scopes have no spaces")]
    KeyScopes,
    /// Neither, or both.
    #[error("name either the token or its subject")]
    RevokeOne,
}

impl Refusal for CredentialRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// All keys, newest first.
pub async fn keys(ctx: &RequestContext) -> Result<Vec<api_key::Model>> {
    ctx.caller.require(Permission::ManageAccess)?;
    Ok(store::keys(ctx.read()).await?)
}

/// What was revoked of late, newest first.
pub async fn revocations(ctx: &RequestContext) -> Result<Vec<token_revocation::Model>> {
    ctx.caller.require(Permission::ManageAccess)?;
    Ok(store::revoked_since(ctx.read(), ctx.now - SHOWN_FOR).await?)
}

/// Makes a key. The key itself is given once: a repeated request gets the row alone.
pub async fn create_key(
    ctx: &RequestContext,
    idempotency_key: Option<&str>,
    details: KeyDetails,
) -> Result<(api_key::Model, Option<String>)> {
    ctx.caller.require(Permission::ManageAccess)?;
    check(ctx, &details)?;
    let once = Once::new(idempotency_key, "createApiKey", &details)?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier::<ApiKeyId>(&txn, ctx).await? {
        let row = api_key::Entity::find_by_id(id).one(&txn).await?;
        return Ok((row.ok_or(NotFound("API key"))?, None));
    }
    let secret = new_secret()?;
    let row = api_key::Model {
        id: ctx.clock.new_id(),
        name: details.name.into(),
        secret_hash: hash(&secret),
        scopes: details.scopes.join(" "),
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
        expires_at: details.expires_at,
        last_used_at: None,
        revoked_at: None,
        revoked_by: None,
    };
    row.clone().into_active_model().insert(&txn).await?;
    note(&txn, ctx, "credentials.createKey", row.id).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok((row, Some(secret)))
}

fn check(ctx: &RequestContext, details: &KeyDetails) -> Result<()> {
    if details.expires_at <= ctx.now || details.expires_at > ctx.now + LONGEST_LIFE {
        return Err(CredentialRefusal::KeyLife).of_field("expiresAt");
    }
    let names_a_source =
        details.scopes.iter().any(|it| it.strip_prefix(SOURCE).is_some_and(|it| !it.is_empty()));
    if !names_a_source || details.scopes.iter().any(|it| it.contains(char::is_whitespace)) {
        return Err(CredentialRefusal::KeyScopes).of_field("scopes");
    }
    Ok(())
}

fn new_secret() -> Result<String> {
    let mut bytes = [0; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal(anyhow::anyhow!("no random numbers")))?;
    Ok(format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// Ends a key, and what is under way with it. Doing it again changes nothing.
pub async fn revoke_key(ctx: &RequestContext, id: ApiKeyId, reason: &Reason) -> Result<api_key::Model> {
    ctx.caller.require(Permission::ManageAccess)?;
    let txn = ctx.begin().await?;
    let row = store::lock(&txn, id).await?.ok_or(NotFound("API key"))?;
    if row.revoked_at.is_some() {
        return Ok(row);
    }
    let after =
        api_key::Model { revoked_at: Some(ctx.now), revoked_by: Some(ctx.caller.subject.clone()), ..row };
    after.clone().into_active_model().reset_all().update(&txn).await?;
    insert(&txn, ctx, Revoked::Subject(format!("key:{id}")), reason).await?;
    note(&txn, ctx, "credentials.revokeKey", id).await?;
    txn.commit().await?;
    look_again(ctx).await;
    Ok(after)
}

/// Revokes tokens.
pub async fn revoke_tokens(
    ctx: &RequestContext,
    idempotency_key: Option<&str>,
    revoked: Revoked,
    reason: &Reason,
) -> Result<token_revocation::Model> {
    ctx.caller.require(Permission::ManageAccess)?;
    let once = Once::new(idempotency_key, "revokeTokens", &(&revoked, reason))?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier::<TokenRevocationId>(&txn, ctx).await? {
        let row = token_revocation::Entity::find_by_id(id).one(&txn).await?;
        return Ok(row.ok_or(NotFound("revocation"))?);
    }
    let row = insert(&txn, ctx, revoked, reason).await?;
    note(&txn, ctx, "credentials.revokeTokens", row.id).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    look_again(ctx).await;
    Ok(row)
}

async fn insert(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    revoked: Revoked,
    reason: &Reason,
) -> Result<token_revocation::Model> {
    let (subject, token_id) = match revoked {
        Revoked::Token(id) => (None, Some(id)),
        Revoked::Subject(subject) => (Some(subject), None),
    };
    let row = token_revocation::Model {
        id: ctx.clock.new_id(),
        subject,
        token_id,
        reason: reason.as_str().to_owned(),
        revoked_at: ctx.now,
        revoked_by: ctx.caller.subject.clone(),
    };
    row.clone().into_active_model().insert(txn).await?;
    Ok(row)
}

/// Tells all replicas, this one first, that somebody may not come in any more. Called after the commit; who is not reached
/// looks by itself soon.
pub async fn look_again(ctx: &RequestContext) {
    if let Err(error) = ctx.shared::<Standing>().look(ctx.clock.now()).await {
        tracing::warn!(%error, "what was revoked is read later");
    }
    if let Err(error) = ctx.shared::<Cache>().publish(CHANNEL, "look").await {
        tracing::warn!(%error, "other replicas read later what was revoked");
    }
}

async fn note(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    action: &'static str,
    id: impl Into<uuid::Uuid>,
) -> Result<()> {
    let event = AuditEvent { action, target_kind: "CREDENTIAL", target_id: id.into(), detail: json!({}) };
    audit::record(txn, ctx, event).await
}
