//! A pair of records that look alike but were not joined automatically.

use domain::fields::RecordKind;
use domain::ids::{MatchCandidateId, SourceRecordId};
use sea_orm::entity::prelude::*;

/// A pair of records that look alike but were not joined automatically.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "match_candidates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MatchCandidateId,
    pub kind: RecordKind,
    /// The smaller id of the two.
    pub left_record_id: SourceRecordId,
    pub right_record_id: SourceRecordId,
    /// 0 to 100.
    pub score: i32,
    /// AUTO, REVIEW or POSSIBLE.
    pub band: String,
    /// As JSON.
    pub evidence: String,
    pub policy_version: String,
    pub found_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
