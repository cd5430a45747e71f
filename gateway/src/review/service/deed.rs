//! What a person does with a task: found and locked before, written down after.

use domain::ids::{ReviewBatchId, ReviewTaskId};
use domain::review::{ReviewAction, ReviewDecision};
use entity::review::{review_event, review_task};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::ask::event;
use crate::error::{NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::review::standing::Task;
use crate::review::store;

/// Something done to a task.
#[derive(Debug, Clone)]
pub(super) struct Deed<'a> {
    action: ReviewAction,
    decision: Option<ReviewDecision>,
    reason: Option<&'a str>,
    batch: Option<ReviewBatchId>,
}

impl<'a> Deed<'a> {
    pub(super) fn of(action: ReviewAction) -> Self {
        Self { action, decision: None, reason: None, batch: None }
    }

    pub(super) fn with_decision(self, decision: ReviewDecision) -> Self {
        Self { decision: Some(decision), ..self }
    }

    pub(super) fn because(self, reason: &'a str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    pub(super) fn in_batch(self, batch: Option<ReviewBatchId>) -> Self {
        Self { batch, ..self }
    }
}

/// The task with what happened to it, locked until the transaction ends.
pub(super) async fn lock(txn: &impl ConnectionTrait, ctx: &RequestContext, id: ReviewTaskId) -> Result<Task> {
    let row = store::lock_visible(txn, &ctx.caller, id).await?.ok_or(NotFound("review task"))?;
    let events = store::events_of(txn, &[row.id]).await?;
    Ok(Task::new(row, &events))
}

/// Writes down what the caller did, for the task's own history and for the audit log. Reasons are free text and may
/// name persons: they stay with the task.
pub(super) async fn note(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    task: &review_task::Model,
    deed: Deed<'_>,
) -> Result<()> {
    let is_decision = deed.action == ReviewAction::Decided;
    let row = review_event::Model {
        subject: Some(ctx.caller.subject.clone()),
        decision: deed.decision,
        reason: deed.reason.map(str::to_owned),
        batch_id: deed.batch,
        waited_seconds: is_decision.then(|| (ctx.now - task.created_at).num_seconds().max(0)),
        ..event(&ctx.clock, ctx.now, task, deed.action)
    };
    store::note(txn, vec![row]).await?;
    let event = AuditEvent {
        action: audit_action(deed.action),
        target_kind: "ReviewTask",
        target_id: task.id.into(),
        detail: json!({ "kind": task.kind, "decision": deed.decision, "batch": deed.batch }),
    };
    audit::record(txn, ctx, event).await
}

fn audit_action(action: ReviewAction) -> &'static str {
    match action {
        ReviewAction::Proposed => "review.propose",
        ReviewAction::Selected => "review.select",
        ReviewAction::Claimed => "review.claim",
        ReviewAction::Renewed => "review.renew",
        ReviewAction::Released => "review.release",
        ReviewAction::Decided => "review.decide",
        ReviewAction::Applied => "review.apply",
        ReviewAction::Failed => "review.fail",
        ReviewAction::Superseded => "review.supersede",
        ReviewAction::Reopened => "review.reopen",
    }
}
