//! A pair of records that look alike: joined automatically, or asked about.

use domain::fields::RecordKind;
use domain::ids::SourceRecordId;
use sea_orm::entity::prelude::*;

/// A pair of records that look alike: joined automatically, or asked about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "match_candidates")]
pub struct Model {
    /// The smaller id of the two.
    #[sea_orm(primary_key, auto_increment = false)]
    pub left_record_id: SourceRecordId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub right_record_id: SourceRecordId,
    pub kind: RecordKind,
    /// 0 to 100.
    pub score: i32,
    /// Points, by which joins are ordered.
    pub weight: i32,
    /// AUTO or REVIEW.
    pub band: String,
    /// As JSON.
    pub verdict: String,
    pub policy_version: String,
    pub found_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
