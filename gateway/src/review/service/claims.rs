//! Taking a task, keeping it, and giving it back.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::ReviewTaskId;
use domain::review::{ReviewAction, ReviewRefusal, ReviewState, Standing};
use entity::review::review_task;
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};

use super::deed::{self, Deed};
use crate::error::Result;
use crate::golden;
use crate::platform::context::RequestContext;
use crate::review::news;

/// Until when somebody holds a task from now on; `None` when nobody does.
type Rule =
    fn(Standing<'_>, &str, DateTime<Utc>) -> std::result::Result<Option<DateTime<Utc>>, ReviewRefusal>;

/// Takes a task for half an hour; taking it again begins another half hour.
pub async fn claim(ctx: &RequestContext, id: ReviewTaskId) -> Result<review_task::Model> {
    hold(ctx, id, ReviewAction::Claimed, |task, who, now| task.claim(who, now).map(Some)).await
}

/// Keeps a task that the caller holds for half an hour from now.
pub async fn renew(ctx: &RequestContext, id: ReviewTaskId) -> Result<review_task::Model> {
    hold(ctx, id, ReviewAction::Renewed, |task, who, now| task.renew(who, now).map(Some)).await
}

/// Gives back a task that the caller holds.
pub async fn release(ctx: &RequestContext, id: ReviewTaskId) -> Result<review_task::Model> {
    hold(ctx, id, ReviewAction::Released, |task, who, now| task.release(who, now).map(|()| None)).await
}

/// Asks the rules until when the caller holds the task, and writes that down.
async fn hold(
    ctx: &RequestContext,
    id: ReviewTaskId,
    action: ReviewAction,
    rule: Rule,
) -> Result<review_task::Model> {
    ctx.caller.require(Permission::DecideReviews)?;
    let txn = ctx.begin().await?;
    // A page of a sync that asks the question again has read the task, and writes back what it has read.
    golden::service::wait_for_turn(&txn).await?;
    let task = deed::lock(&txn, ctx, id).await?;
    let until = task.standing(|it| rule(it, &ctx.caller.subject, ctx.now))?;
    let row = held(ctx, task.row, until);
    save(&txn, row.clone()).await?;
    deed::note(&txn, ctx, &row, Deed::of(action)).await?;
    txn.commit().await?;
    news::announce_request(ctx).await;
    Ok(row)
}

fn held(ctx: &RequestContext, row: review_task::Model, until: Option<DateTime<Utc>>) -> review_task::Model {
    review_task::Model {
        state: if until.is_some() { ReviewState::Claimed } else { ReviewState::Open },
        claimed_by: until.map(|_| ctx.caller.subject.clone()),
        claimed_until: until,
        updated_at: ctx.now,
        ..row
    }
}

/// Writes a task as it is now.
pub(super) async fn save(txn: &impl ConnectionTrait, row: review_task::Model) -> Result<()> {
    row.into_active_model().reset_all().update(txn).await?;
    Ok(())
}
