//! One merge of two golden records; the loser redirects for ever.

use domain::fields::RecordKind;
use domain::ids::{GoldenId, MergeOperationId};
use sea_orm::entity::prelude::*;

/// One merge of two golden records; the loser redirects for ever.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merge_operations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MergeOperationId,
    pub kind: RecordKind,
    pub survivor_id: GoldenId,
    pub loser_id: GoldenId,
    /// Ids of the source records that moved, as JSON.
    pub moved_records: String,
    /// As JSON.
    pub evidence: String,
    pub merged_at: DateTimeUtc,
    /// `AUTO`, or the subject of a person.
    pub merged_by: String,
    /// Set when the loser is a record of its own again.
    pub undone_at: Option<DateTimeUtc>,
    pub undone_by: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
