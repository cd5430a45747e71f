//! Something that changed in what a source says of its objects.

use domain::ids::{SchemaChangeId, SyncRunId};
use domain::sources::SourceSystem;
use domain::sync::{DriftEffect, DriftKind};
use sea_orm::entity::prelude::*;

/// Something that changed in what a source says of its objects.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_schema_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SchemaChangeId,
    /// The run that noticed it.
    pub run_id: SyncRunId,
    pub system: SourceSystem,
    pub object: String,
    pub field: String,
    /// Keys of the mapping that name the field, separated by commas.
    pub mapped_as: String,
    pub drift: DriftKind,
    /// Types or values, where they tell more.
    pub detail: Option<String>,
    pub effect: DriftEffect,
    pub seen_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
