//! A decision asked of a person.

use domain::fields::RecordKind;
use domain::ids::{GoldenId, ReviewTaskId};
use domain::review::{ReviewKind, ReviewState};
use sea_orm::entity::prelude::*;

/// A decision asked of a person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReviewTaskId,
    pub kind: ReviewKind,
    pub state: ReviewState,
    /// The same question has the same fingerprint, so it is asked once.
    pub fingerprint: String,
    pub record_kind: RecordKind,
    /// The golden records concerned, when the question was last asked.
    pub golden_id: Option<GoldenId>,
    pub other_golden_id: Option<GoldenId>,
    /// What is to be decided, as JSON.
    pub subject: String,
    /// 0 to 100: how alike the records are.
    pub score: Option<i32>,
    /// Greater comes first.
    pub weight: Option<i32>,
    /// Who asked, when it was a person: somebody else decides.
    pub requested_by: Option<String>,
    /// How many people have to decide alike; one when null.
    pub deciders: Option<i32>,
    pub claimed_by: Option<String>,
    pub claimed_until: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
