//! Index for finding records that may be the same: stable hashes of normalised values.

use domain::fields::RecordKind;
use domain::ids::SourceRecordId;
use sea_orm::entity::prelude::*;

/// Index for finding records that may be the same: stable hashes of normalised values.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "match_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_record_id: SourceRecordId,
    pub kind: RecordKind,
    /// Hash of the name it is under, by which a value that many different people share is told; 0 without a name.
    pub name_key: i64,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
