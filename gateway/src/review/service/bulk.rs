//! Deciding many tasks alike: first a look at the set, then exactly that set.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Permission;
use domain::ids::{ReviewBatchId, ReviewTaskId};
use domain::review::{Reason, ReviewAction, ReviewDecision, ReviewKind, ReviewState};
use entity::review::review_event;
use entity::review::review_task::{Column, Model};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::ask::event;
use super::decide::{Answer, decide_in};
use crate::error::{Error, Refusal, Result};
use crate::golden;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::review::{access, news, store};

/// Most tasks decided at once: each is a transaction of its own, and all must end within one request.
pub const MOST_TASKS: usize = 500;

/// The tasks that a decision would be given to.
pub struct Selection {
    /// The tasks, oldest first.
    pub tasks: Vec<Model>,
    /// How many of each kind.
    pub by_kind: BTreeMap<ReviewKind, i64>,
    /// Stands for exactly these tasks as they are, and the decision.
    pub token: String,
}

/// What is decided about which tasks, and why.
#[derive(Debug, Clone, Serialize)]
pub struct BulkAnswer {
    /// What is decided.
    pub decision: ReviewDecision,
    /// Why.
    pub reason: Reason,
    /// Of the selection that was looked at.
    pub token: String,
}

/// What came of one task.
pub struct Outcome {
    /// The task as it is now.
    pub task: Model,
    /// Why it was not decided: code, and message in the caller's language.
    pub refusal: Option<(&'static str, String)>,
}

/// Why tasks are not decided at once.
#[derive(Debug, Clone, Copy, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum BulkRefusal {
    /// Too many.
    #[error("more than {MOST_TASKS} tasks meet this filter; narrow it and decide them in several steps")]
    TooManyReviewTasks,
    /// Others than those that were looked at.
    #[error("the tasks that meet this filter have changed since the preview; preview them again")]
    ReviewSelectionChanged,
}

impl Refusal for BulkRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// The tasks that meet the condition and that the caller could decide so now: they wait, nobody else holds them, and the
/// decision answers their question.
pub async fn preview(
    ctx: &RequestContext,
    condition: Condition,
    decision: ReviewDecision,
) -> Result<Selection> {
    ctx.caller.require(Permission::DecideReviews)?;
    select(ctx.read(), ctx, condition, decision).await
}

async fn select(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    condition: Condition,
    decision: ReviewDecision,
) -> Result<Selection> {
    let kinds = ReviewKind::ALL.iter().copied().filter(|it| it.decisions().contains(&decision));
    let free = Condition::any()
        .add(Column::State.ne(ReviewState::Claimed))
        .add(Column::ClaimedUntil.lte(ctx.now))
        .add(Column::ClaimedBy.eq(ctx.caller.subject.as_str()));
    let tasks = access::visible_to(&ctx.caller)
        .filter(condition)
        .filter(Column::Kind.is_in(kinds))
        .filter(Column::State.is_in(ReviewState::WAITING))
        .filter(free)
        .order_by_asc(Column::Id)
        .limit(MOST_TASKS as u64 + 1)
        .all(db)
        .await?;
    if tasks.len() > MOST_TASKS {
        return Err(BulkRefusal::TooManyReviewTasks.into());
    }
    let mut by_kind = BTreeMap::new();
    tasks.iter().for_each(|it| *by_kind.entry(it.kind).or_default() += 1);
    Ok(Selection { token: token(decision, &tasks), by_kind, tasks })
}

/// Decides a selection, each task in a transaction of its own: what stands in the way of one does not undo the others.
///
/// Under an idempotency key a retry is about the same tasks: those that were decided are given as they are now, and the
/// others, which an interruption may have left, are decided.
pub async fn decide_all(
    ctx: &RequestContext,
    key: Option<&str>,
    condition: Condition,
    answer: BulkAnswer,
) -> Result<Vec<Outcome>> {
    let batch = begin(ctx, key, condition, &answer).await?;
    let mut outcomes = Vec::with_capacity(batch.tasks.len());
    for task in batch.tasks {
        if batch.decided.contains(&task.id) {
            outcomes.push(Outcome { task, refusal: None });
            continue;
        }
        let one = Answer { task: task.id, decision: answer.decision, reason: answer.reason.clone() };
        outcomes.push(match decide_one(ctx, &one, batch.id).await {
            Ok(task) => Outcome { task, refusal: None },
            Err(error) => refused(ctx, task, &error),
        });
    }
    news::announce_request(ctx).await;
    Ok(outcomes)
}

struct Batch {
    id: ReviewBatchId,
    /// The whole selection.
    tasks: Vec<Model>,
    /// Those that an earlier request with the same key has decided.
    decided: BTreeSet<ReviewTaskId>,
}

async fn begin(
    ctx: &RequestContext,
    key: Option<&str>,
    condition: Condition,
    answer: &BulkAnswer,
) -> Result<Batch> {
    ctx.caller.require(Permission::DecideReviews)?;
    let once = Once::new(key, "decideReviewTasks", answer)?;
    let txn = ctx.begin().await?;
    if let Some(batch) = once.earlier::<ReviewBatchId>(&txn, ctx).await? {
        return resume(&txn, ctx, batch).await;
    }
    let selection = select(&txn, ctx, condition, answer.decision).await?;
    if selection.token != answer.token {
        return Err(BulkRefusal::ReviewSelectionChanged.into());
    }
    let id = ctx.clock.new_id();
    if key.is_some() {
        // Whoever takes over after an interruption finds the selection by these.
        let selected = |it: &Model| review_event::Model {
            subject: Some(ctx.caller.subject.clone()),
            batch_id: Some(id),
            ..event(&ctx.clock, ctx.now, it, ReviewAction::Selected)
        };
        store::note(&txn, selection.tasks.iter().map(selected).collect()).await?;
    }
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(Batch { id, tasks: selection.tasks, decided: BTreeSet::new() })
}

async fn resume(txn: &impl ConnectionTrait, ctx: &RequestContext, id: ReviewBatchId) -> Result<Batch> {
    let selected = store::tasks_of_batch(txn, id, ReviewAction::Selected).await?;
    let decided = store::tasks_of_batch(txn, id, ReviewAction::Decided).await?.into_iter().collect();
    Ok(Batch { id, tasks: store::by_ids(txn, &ctx.caller, &selected).await?, decided })
}

async fn decide_one(ctx: &RequestContext, answer: &Answer, batch: ReviewBatchId) -> Result<Model> {
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    let task = decide_in(&txn, ctx, answer, Some(batch)).await?;
    txn.commit().await?;
    Ok(task)
}

fn refused(ctx: &RequestContext, task: Model, error: &Error) -> Outcome {
    if let Some(cause) = error.cause() {
        tracing::error!(task.id = %task.id, cause = format!("{cause:#}"), "a task of many was not decided");
    }
    Outcome { task, refusal: Some((error.code(), error.message(ctx.caller.language))) }
}

/// Equal for the same decision about the same tasks in the same state.
fn token(decision: ReviewDecision, tasks: &[Model]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(decision.code().as_bytes());
    for task in tasks {
        hasher.update(format!("|{}@{}", task.id, task.updated_at.timestamp_micros()).as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}
