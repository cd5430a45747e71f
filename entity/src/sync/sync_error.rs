//! A logged failure of one record.

use domain::ids::{GoldenId, SyncErrorId, SyncRunId};
use domain::sources::SourceSystem;
use domain::sync::{SyncDirection, SyncErrorCategory, SyncErrorState};
use sea_orm::entity::prelude::*;

/// A logged failure of one record.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_errors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SyncErrorId,
    /// The run that saw it last.
    pub run_id: SyncRunId,
    pub direction: SyncDirection,
    pub system: SourceSystem,
    pub object: String,
    pub external_id: String,
    pub golden_id: Option<GoldenId>,
    pub category: SyncErrorCategory,
    /// Stable code: the source's own, or ours for what we found.
    pub code: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
    /// What the source itself said, if it said anything.
    pub source_message: Option<String>,
    /// The record as JSON, with persons masked.
    pub payload: Option<String>,
    /// Whether it is tried again by itself.
    pub is_retryable: bool,
    pub attempts: i32,
    pub first_seen_at: DateTimeUtc,
    pub last_seen_at: DateTimeUtc,
    pub state: SyncErrorState,
    /// When it is tried again; null while nobody asks for it.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// Why it is ignored.
    pub reason: Option<String>,
    /// Who last asked for another attempt, or ignored it.
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
