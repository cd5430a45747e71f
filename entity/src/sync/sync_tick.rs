//! The last time that a line of a schedule was heeded.

use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use sea_orm::entity::prelude::*;

/// The last time that a line of a schedule was heeded.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_ticks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: SourceSystem,
    /// The line, by what it says.
    #[sea_orm(primary_key, auto_increment = false)]
    pub schedule: String,
    pub due_at: DateTimeUtc,
    /// The run that heeded it last.
    pub run_id: Option<SyncRunId>,
    /// How many runs have.
    pub attempts: Option<i32>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
