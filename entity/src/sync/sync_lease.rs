//! Whose turn it is to read a source.

use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use sea_orm::entity::prelude::*;

/// Whose turn it is to read a source.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_leases")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: SourceSystem,
    /// The run that has it, or had it last.
    pub run_id: SyncRunId,
    /// By which people find the process.
    pub holder: String,
    /// Greater with every holder.
    pub token: i64,
    pub acquired_at: DateTimeUtc,
    /// Free from then on, unless it is renewed.
    pub expires_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
