//! What a person said about two records: one, or never.

use domain::fields::RecordKind;
use domain::ids::{MatchDecisionId, SourceRecordId};
use domain::review::MatchAnswer;
use sea_orm::entity::prelude::*;

/// What a person said about two records: one, or never.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "match_decisions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MatchDecisionId,
    pub kind: RecordKind,
    /// The smaller id of the two.
    pub left_record_id: SourceRecordId,
    pub right_record_id: SourceRecordId,
    pub answer: MatchAnswer,
    pub reason: String,
    /// Subject of who said it.
    pub decided_by: String,
    pub decided_at: DateTimeUtc,
    /// Null while it holds.
    pub ended_at: Option<DateTimeUtc>,
    pub ended_by: Option<String>,
    /// Why a person withdrew it; null when another answer took its place.
    pub end_reason: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
