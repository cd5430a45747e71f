//! What happened to a task.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use domain::review::{ReviewAction, ReviewDecision};
use domain::text::Language;
use entity::review::review_event::Model;

/// Something that happened to a task.
#[derive(SimpleObject)]
pub struct ReviewEvent {
    /// When.
    at: DateTime<Utc>,
    /// What.
    action: ReviewAction,
    /// Its label in the caller's language.
    action_label: &'static str,
    /// Who did it; null when facts did.
    by: Option<String>,
    /// What was decided.
    decision: Option<ReviewDecision>,
    /// The label of that in the caller's language.
    decision_label: Option<&'static str>,
    /// Why it was decided so; of a failure, what stood in the way.
    reason: Option<String>,
}

impl ReviewEvent {
    pub(super) fn of(row: &Model, language: Language) -> Self {
        Self {
            at: row.at,
            action: row.action,
            action_label: row.action.label(language),
            by: row.subject.clone(),
            decision: row.decision,
            decision_label: row.decision.map(|it| it.label(language)),
            reason: row.reason.clone(),
        }
    }
}
