//! Append-only: what happened to a review task.

use domain::ids::{ReviewBatchId, ReviewEventId, ReviewTaskId};
use domain::review::{ReviewAction, ReviewDecision};
use sea_orm::entity::prelude::*;

/// Append-only: what happened to a review task.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReviewEventId,
    pub task_id: ReviewTaskId,
    pub at: DateTimeUtc,
    pub action: ReviewAction,
    /// Who did it; null when facts did.
    pub subject: Option<String>,
    /// Of decisions.
    pub decision: Option<ReviewDecision>,
    /// Why; of a failure, what stood in the way.
    pub reason: Option<String>,
    /// The decision over many tasks that this was part of.
    pub batch_id: Option<ReviewBatchId>,
    /// Of decisions: seconds since the question was asked.
    pub waited_seconds: Option<i64>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
