//! Kinds of events, and switching them on and off.

use domain::access::Permission;
use domain::engagement::{KindRefusal, Registry};
use entity::engagement::engagement_kind;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::service::{EngagementRefusal, KindState};
use super::store;
use crate::error::{NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;

/// The kinds as they are switched.
pub(super) async fn registry(db: &impl ConnectionTrait) -> Result<Registry> {
    Ok(Registry::default().without(store::switched_off(db).await?))
}

/// All kinds, and which of them are taken.
pub async fn kinds(ctx: &RequestContext) -> Result<Vec<KindState>> {
    ctx.caller.require(Permission::ReadEngagement)?;
    let registry = registry(ctx.read()).await?;
    Ok(registry.kinds().map(|(kind, is_on)| KindState { kind: kind.clone(), is_on }).collect())
}

/// Switches a kind on or off. What was taken before stays.
pub async fn switch(ctx: &RequestContext, code: &str, is_on: bool) -> Result<KindState> {
    ctx.caller.require(Permission::ManageEngagement)?;
    if let Err(unknown @ KindRefusal::Unknown { .. }) = Registry::default().open(code) {
        return Err(EngagementRefusal::EngagementKindUnknown(unknown).into());
    }
    let txn = ctx.begin().await?;
    let (code, changed_by) = (code.to_owned(), ctx.caller.subject.clone());
    store::switch(
        &txn,
        engagement_kind::Model { code: code.clone(), is_on, changed_at: ctx.now, changed_by },
    )
    .await?;
    let event = AuditEvent {
        action: "engagement.switchKind",
        target_kind: "EngagementKind",
        target_id: Uuid::nil(),
        detail: json!({ "code": code, "isOn": is_on }),
    };
    audit::record(&txn, ctx, event).await?;
    txn.commit().await?;
    let kinds = kinds(ctx).await?;
    Ok(kinds.into_iter().find(|it| it.kind.code == code).ok_or(NotFound("kind of event"))?)
}
