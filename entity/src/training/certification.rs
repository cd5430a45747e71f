//! What passing a course is worth to a user.

use domain::ids::{CertificationId, CourseId, PartnerId, PartnerUserId};
use sea_orm::entity::prelude::*;

/// What passing a course is worth to a user.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "certifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CertificationId,
    pub partner_id: PartnerId,
    pub partner_user_id: PartnerUserId,
    pub course_id: CourseId,
    pub earned_at: DateTimeUtc,
    pub renewed_at: DateTimeUtc,
    /// The first instant at which it is no longer valid.
    pub expires_at: DateTimeUtc,
    /// By when a product release asks to earn it again.
    pub recertify_by: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    pub revoke_reason: Option<String>,
    /// When the holder was told that it is over.
    pub told_at: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
