//! How the reading of one object went in one run.

use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use domain::sync::ReadMethod;
use sea_orm::entity::prelude::*;

/// How the reading of one object went in one run.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_object_reports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: SyncRunId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub object: String,
    pub system: SourceSystem,
    /// Null when it ended before anything was asked for.
    pub method: Option<ReadMethod>,
    pub started_at: DateTimeUtc,
    pub ended_at: DateTimeUtc,
    /// Whether everything came that the source said it would send.
    pub is_complete: bool,
    pub records_expected: Option<i64>,
    /// Each record once.
    pub records_received: i64,
    pub records_read: i64,
    pub records_changed: i64,
    pub records_unchanged: i64,
    pub records_failed: i64,
    /// Ids that the source named, where all were compared.
    pub at_source: Option<i64>,
    pub missing: i64,
    pub stale: i64,
    pub surplus: i64,
    pub repaired: i64,
    pub oldest_unseen_stamp: Option<DateTimeUtc>,
    pub message: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
