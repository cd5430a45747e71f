//! What a source said of its objects when it was last read.

use domain::sources::SourceSystem;
use sea_orm::entity::prelude::*;

/// What a source said of its objects when it was last read.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_schemas")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: SourceSystem,
    /// As JSON.
    pub description: String,
    pub updated_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
