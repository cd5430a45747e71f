//! Deciding a task, and carrying the decision out in the same transaction.

use domain::access::Permission;
use domain::ids::{ReviewBatchId, ReviewTaskId};
use domain::review::{Reason, ReviewAction, ReviewDecision, ReviewState, Ruling};
use entity::review::review_task;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::deed::{self, Deed};
use super::{apply, claims, find};
use crate::error::{NotFound, Result};
use crate::golden;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::review::news;

/// What somebody decides about a task, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// The task.
    pub task: ReviewTaskId,
    /// What is decided.
    pub decision: ReviewDecision,
    /// Why.
    pub reason: Reason,
}

/// Decides a task. When enough people have decided alike, the decision is carried out at once: the task is applied, or
/// it has failed and says why.
pub async fn decide(ctx: &RequestContext, key: Option<&str>, answer: Answer) -> Result<review_task::Model> {
    ctx.caller.require(Permission::DecideReviews)?;
    let once = Once::new(key, "decideReviewTask", &answer)?;
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    if once.earlier::<ReviewTaskId>(&txn, ctx).await?.is_some() {
        drop(txn);
        return Ok(find(ctx, answer.task).await?.ok_or(NotFound("review task"))?);
    }
    let row = decide_in(&txn, ctx, &answer, None).await?;
    once.remember(&txn, ctx, answer.task).await?;
    txn.commit().await?;
    news::announce_request(ctx).await;
    Ok(row)
}

/// Decides in a transaction that has its turn among those that settle golden records.
pub(super) async fn decide_in(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    answer: &Answer,
    batch: Option<ReviewBatchId>,
) -> Result<review_task::Model> {
    let task = deed::lock(txn, ctx, answer.task).await?;
    let ruling = task.standing(|it| it.decide(&ctx.caller.subject, answer.decision, ctx.now))?;
    let decided = Deed::of(ReviewAction::Decided).with_decision(answer.decision);
    let decided = decided.because(answer.reason.as_str()).in_batch(batch);
    deed::note(txn, ctx, &task.row, decided).await?;
    match ruling {
        Ruling::NotedFor { .. } => move_to(txn, ctx, task.row, ReviewState::Open).await,
        Ruling::Decided => {
            let row = move_to(txn, ctx, task.row, ReviewState::Decided).await?;
            carry_out(txn, ctx, row, answer, batch).await
        }
    }
}

async fn carry_out(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    row: review_task::Model,
    answer: &Answer,
    batch: Option<ReviewBatchId>,
) -> Result<review_task::Model> {
    let obstacle = apply::apply(txn, ctx, &row, answer).await?;
    let (state, deed) = match &obstacle {
        None => (ReviewState::Applied, Deed::of(ReviewAction::Applied)),
        Some(why) => (ReviewState::Failed, Deed::of(ReviewAction::Failed).because(why)),
    };
    deed::note(txn, ctx, &row, deed.in_batch(batch)).await?;
    move_to(txn, ctx, row, state).await
}

async fn move_to(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    row: review_task::Model,
    state: ReviewState,
) -> Result<review_task::Model> {
    let row = review_task::Model { state, claimed_by: None, claimed_until: None, updated_at: ctx.now, ..row };
    claims::save(txn, row.clone()).await?;
    Ok(row)
}
