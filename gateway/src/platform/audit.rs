//! Who changed what: written in the transaction of the change, or not at all.

use entity::platform::audit_event;
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};
use serde_json::Value;
use uuid::Uuid;

use super::context::RequestContext;
use crate::error::Result;

/// What happened to which record.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    /// What was done, such as `leads.assign`.
    pub action: &'static str,
    /// The kind of record it was done to.
    pub target_kind: &'static str,
    /// The record.
    pub target_id: Uuid,
    /// Ids and codes that tell more. Never names, addresses or numbers of persons.
    pub detail: Value,
}

/// Writes an event down.
pub async fn record(txn: &impl ConnectionTrait, ctx: &RequestContext, event: AuditEvent) -> Result<()> {
    let row = audit_event::Model {
        id: ctx.clock.new_id(),
        at: ctx.now,
        subject: ctx.caller.subject.clone(),
        action: event.action.to_owned(),
        target_kind: event.target_kind.to_owned(),
        target_id: event.target_id,
        detail: event.detail.to_string(),
        request_id: Some(ctx.request_id.clone()),
    };
    row.into_active_model().insert(txn).await?;
    Ok(())
}
