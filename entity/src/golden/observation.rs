//! Append-only: what changed in a source record, in one version of it.

use domain::ids::{PartnerId, SourceRecordId};
use sea_orm::entity::prelude::*;

/// Append-only: what changed in a source record, in one version of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "observations")]
pub struct Model {
    /// One order over all observations; may have gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    pub source_record_id: SourceRecordId,
    pub observed_at: DateTimeUtc,
    /// By the source's clock.
    pub modified_at: DateTimeUtc,
    /// Codes of what was wrong with the clock or precision, separated by commas.
    pub flags: String,
    /// The fields that changed, as JSON; an explicit empty is null.
    pub changed: String,
    /// The partner whose people entered it here; null for what came from elsewhere.
    pub supplied_by: Option<PartnerId>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
