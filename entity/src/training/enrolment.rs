//! One user's registration for one course.

use domain::ids::{CourseId, EnrolmentId, PartnerId, PartnerUserId};
use domain::training::EnrolmentStatus;
use sea_orm::entity::prelude::*;

/// One user's registration for one course.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EnrolmentId,
    pub partner_id: PartnerId,
    pub partner_user_id: PartnerUserId,
    pub course_id: CourseId,
    pub is_mandatory: bool,
    pub due_at: Option<DateTimeUtc>,
    pub status: EnrolmentStatus,
    pub enrolled_at: DateTimeUtc,
    pub enrolled_by: String,
    /// When it was first passed.
    pub completed_at: Option<DateTimeUtc>,
    /// When it was waived or cancelled.
    pub ended_at: Option<DateTimeUtc>,
    pub end_reason: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
