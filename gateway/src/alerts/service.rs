//! Use cases of alerts: who sees them, and taking one on.

use domain::access::Permission;
use domain::alerts::{AlertRefusal, AlertStatus};
use domain::ids::AlertId;
use entity::alerts::alert::Model;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::store;
use crate::error::{NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;

/// The alert, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: AlertId) -> Result<Option<Model>> {
    Ok(store::find(ctx.read(), &ctx.caller, id).await?)
}

/// The caller takes an alert on. Doing it again changes nothing.
pub async fn acknowledge(ctx: &RequestContext, id: AlertId) -> Result<Model> {
    ctx.caller.require(Permission::AcknowledgeAlerts)?;
    let txn = ctx.begin().await?;
    let row = store::lock(&txn, &ctx.caller, id).await?.ok_or(NotFound("alert"))?;
    match (row.status, row.acknowledged_at) {
        (AlertStatus::Resolved, _) => return Err(AlertRefusal::AlertResolved.into()),
        (_, Some(_)) if row.acknowledged_by.as_ref() == Some(&ctx.caller.subject) => return Ok(row),
        (_, Some(since)) => return Err(AlertRefusal::AlertAcknowledged(since).into()),
        _ => {}
    }
    let row = Model {
        status: AlertStatus::Acknowledged,
        acknowledged_at: Some(ctx.now),
        acknowledged_by: Some(ctx.caller.subject.clone()),
        ..row
    };
    let row = store::replace(&txn, row).await?;
    note(&txn, ctx, "alerts.acknowledge", &row).await?;
    txn.commit().await?;
    Ok(row)
}

pub(super) async fn note(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    action: &'static str,
    row: &Model,
) -> Result<()> {
    let detail = json!({ "rule": row.rule, "partner": row.partner_id, "status": row.status });
    let event = AuditEvent { action, target_kind: "Alert", target_id: row.id.into(), detail };
    audit::record(txn, ctx, event).await
}
