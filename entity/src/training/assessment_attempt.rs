//! One try at the test of a course, or the end of a course without one.

use domain::ids::{AttemptId, EnrolmentId};
use sea_orm::entity::prelude::*;

/// One try at the test of a course, or the end of a course without one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment_attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttemptId,
    pub enrolment_id: EnrolmentId,
    pub at: DateTimeUtc,
    /// What was reached, as an exact decimal; null without a test.
    pub score: Option<String>,
    pub is_passed: bool,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
