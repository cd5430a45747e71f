//! Dated membership of a source record in a golden record.

use domain::fields::RecordKind;
use domain::ids::{GoldenId, RecordLinkId, SourceRecordId};
use domain::sync::LinkState;
use sea_orm::entity::prelude::*;

/// Dated membership of a source record in a golden record.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecordLinkId,
    pub source_record_id: SourceRecordId,
    pub golden_id: GoldenId,
    pub kind: RecordKind,
    pub state: LinkState,
    pub linked_at: DateTimeUtc,
    /// Null while it holds.
    pub ended_at: Option<DateTimeUtc>,
    /// Why it was linked, as JSON.
    pub evidence: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
