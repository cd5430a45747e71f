//! One run of a synchronisation.

use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use domain::sync::{SyncMode, SyncRunState};
use sea_orm::entity::prelude::*;

/// One run of a synchronisation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SyncRunId,
    pub system: SourceSystem,
    pub mode: SyncMode,
    pub state: SyncRunState,
    pub started_at: DateTimeUtc,
    /// Moves with every page: a run whose heart stopped was killed.
    pub heartbeat_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub records_read: i64,
    pub records_changed: i64,
    pub records_unchanged: i64,
    pub records_failed: i64,
    /// Why it failed, and what to do.
    pub message: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
