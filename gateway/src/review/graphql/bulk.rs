//! Deciding many tasks at once, in the API.

use async_graphql::{InputObject, SimpleObject};
use domain::review::{ReviewDecision, ReviewKind};

use super::filter::ReviewTaskFilter;
use super::task::ReviewTask;
use crate::platform::context::RequestContext;
use crate::review::service::bulk::{Outcome, Selection};

/// The tasks that a decision would be given to, before it is given.
#[derive(SimpleObject)]
pub struct ReviewDecisionPreview {
    /// How many tasks.
    count: usize,
    /// How many of each kind.
    by_kind: Vec<ReviewKindCount>,
    /// The first of them, oldest first: their `consequences` tell what would change.
    tasks: Vec<ReviewTask>,
    /// Stands for exactly these tasks as they are now, and for the decision: pass it to `decideReviewTasks`.
    preview_token: String,
}

/// How many tasks of a kind.
#[derive(SimpleObject)]
pub struct ReviewKindCount {
    /// What is asked.
    kind: ReviewKind,
    /// The label of that in the caller's language.
    label: &'static str,
    /// How many.
    count: i64,
}

/// One decision for all tasks of a preview.
#[derive(Debug, InputObject)]
pub struct DecideReviewTasksInput {
    /// The filter of the preview.
    pub filter: ReviewTaskFilter,
    /// The decision of the preview.
    pub decision: ReviewDecision,
    /// Why; 1 to 2,000 characters.
    pub reason: String,
    /// The token of the preview; refused when other tasks meet the filter now, or one of them has moved.
    pub preview_token: String,
    /// The same key gives the tasks that were decided, as they are then: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What came of each task.
#[derive(SimpleObject)]
pub struct DecideReviewTasksPayload {
    /// How many were decided.
    decided: usize,
    /// How many were not.
    refused: usize,
    /// One entry for each task, oldest first.
    results: Vec<ReviewDecisionResult>,
}

/// What came of one task.
#[derive(SimpleObject)]
pub struct ReviewDecisionResult {
    /// The task as it is now: applied, failed with the reason in its history, or waiting for another decider.
    task: ReviewTask,
    /// Why it was not decided: the code; null when it was.
    refusal_code: Option<&'static str>,
    /// Why it was not decided, in the caller's language.
    refusal: Option<String>,
}

impl ReviewDecisionPreview {
    pub(super) fn of(ctx: &RequestContext, selection: Selection, first: usize) -> Self {
        let language = ctx.caller.language;
        let count =
            |(kind, count): (ReviewKind, i64)| ReviewKindCount { kind, label: kind.label(language), count };
        Self {
            count: selection.tasks.len(),
            by_kind: selection.by_kind.into_iter().map(count).collect(),
            preview_token: selection.token,
            tasks: selection.tasks.into_iter().take(first).map(|it| ReviewTask::new(ctx, it)).collect(),
        }
    }
}

impl DecideReviewTasksPayload {
    pub(super) fn of(ctx: &RequestContext, outcomes: Vec<Outcome>) -> Self {
        let refused = outcomes.iter().filter(|it| it.refusal.is_some()).count();
        let result = |it: Outcome| {
            let (refusal_code, refusal) = it.refusal.unzip();
            ReviewDecisionResult { task: ReviewTask::new(ctx, it.task), refusal_code, refusal }
        };
        Self {
            decided: outcomes.len() - refused,
            refused,
            results: outcomes.into_iter().map(result).collect(),
        }
    }
}
