//! Courses, enrolments and certifications in SQL. What a person asks for starts from what the caller sees.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::ids::{CertificationId, CourseId, EnrolmentId, PartnerId, PartnerUserId};
use domain::training::EnrolmentStatus;
use entity::training::{assessment_attempt, certification, course, enrolment};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::platform::database::among;

pub(super) async fn course(db: &impl ConnectionTrait, id: CourseId) -> Result<Option<course::Model>, DbErr> {
    course::Entity::find_by_id(id).one(db).await
}

pub(super) async fn course_with_code(
    db: &impl ConnectionTrait,
    code: &str,
) -> Result<Option<course::Model>, DbErr> {
    course::Entity::find().filter(course::Column::Code.eq(code)).one(db).await
}

pub(super) async fn insert_course(
    db: &impl ConnectionTrait,
    row: course::Model,
) -> Result<course::Model, DbErr> {
    row.into_active_model().insert(db).await
}

/// The courses that certify partners.
pub(super) async fn courses_for_partners(db: &impl ConnectionTrait) -> Result<Vec<course::Model>, DbErr> {
    use course::{Column, Entity};
    Entity::find().filter(Column::HoldersNeeded.is_not_null()).order_by_asc(Column::Id).all(db).await
}

/// The enrolment of a user in a course that was neither waived nor cancelled.
pub(super) async fn running(
    db: &impl ConnectionTrait,
    user: PartnerUserId,
    course: CourseId,
) -> Result<Option<enrolment::Model>, DbErr> {
    use enrolment::{Column, Entity};
    let of = Entity::find().filter(Column::PartnerUserId.eq(user)).filter(Column::CourseId.eq(course));
    of.filter(Column::EndedAt.is_null()).one(db).await
}

/// The enrolment, whoever asks; keeps others from changing it until the transaction ends.
pub(super) async fn lock_enrolment(
    txn: &DatabaseTransaction,
    id: EnrolmentId,
) -> Result<Option<enrolment::Model>, DbErr> {
    enrolment::Entity::find_by_id(id).lock_exclusive().one(txn).await
}

pub(super) async fn insert_enrolment(
    db: &impl ConnectionTrait,
    row: enrolment::Model,
) -> Result<enrolment::Model, DbErr> {
    row.into_active_model().insert(db).await
}

pub(super) async fn replace_enrolment(
    db: &impl ConnectionTrait,
    row: enrolment::Model,
) -> Result<enrolment::Model, DbErr> {
    row.into_active_model().reset_all().update(db).await
}

/// The courses that a user has passed.
pub(super) async fn passed(
    db: &impl ConnectionTrait,
    user: PartnerUserId,
) -> Result<BTreeSet<CourseId>, DbErr> {
    use enrolment::{Column, Entity};
    let passed = Entity::find().select_only().column(Column::CourseId);
    let passed = passed.filter(Column::PartnerUserId.eq(user)).filter(Column::CompletedAt.is_not_null());
    let passed = passed.filter(Column::Status.ne(EnrolmentStatus::Cancelled));
    Ok(passed.into_tuple::<CourseId>().all(db).await?.into_iter().collect())
}

/// Every try of these enrolments, in order.
pub(super) async fn attempts(
    db: &impl ConnectionTrait,
    enrolments: &[EnrolmentId],
) -> Result<Vec<assessment_attempt::Model>, DbErr> {
    use assessment_attempt::{Column, Entity};
    let of = Entity::find().filter(among(db, Column::EnrolmentId, enrolments.iter().copied()));
    of.order_by_asc(Column::Id).all(db).await
}

pub(super) async fn insert_attempt(
    db: &impl ConnectionTrait,
    row: assessment_attempt::Model,
) -> Result<(), DbErr> {
    row.into_active_model().insert(db).await.map(drop)
}

/// A user's certification that was not revoked.
pub(super) async fn certification_of(
    txn: &DatabaseTransaction,
    user: PartnerUserId,
    course: CourseId,
) -> Result<Option<certification::Model>, DbErr> {
    use certification::{Column, Entity};
    let of = Entity::find().filter(Column::PartnerUserId.eq(user)).filter(Column::CourseId.eq(course));
    of.filter(Column::RevokedAt.is_null()).lock_exclusive().one(txn).await
}

/// The certification, whoever asks.
pub(super) async fn certification(
    db: &impl ConnectionTrait,
    id: CertificationId,
) -> Result<Option<certification::Model>, DbErr> {
    certification::Entity::find_by_id(id).one(db).await
}

/// The certification, whoever asks; keeps others from changing it until the transaction ends.
pub(super) async fn lock_certification(
    txn: &DatabaseTransaction,
    id: CertificationId,
) -> Result<Option<certification::Model>, DbErr> {
    certification::Entity::find_by_id(id).lock_exclusive().one(txn).await
}

pub(super) async fn insert_certification(
    db: &impl ConnectionTrait,
    row: certification::Model,
) -> Result<certification::Model, DbErr> {
    row.into_active_model().insert(db).await
}

pub(super) async fn replace_certification(
    db: &impl ConnectionTrait,
    row: certification::Model,
) -> Result<certification::Model, DbErr> {
    row.into_active_model().reset_all().update(db).await
}

/// The certifications of a course that were not revoked; keeps others from changing them until the transaction ends.
pub(super) async fn lock_certifications_of(
    txn: &DatabaseTransaction,
    course: CourseId,
) -> Result<Vec<certification::Model>, DbErr> {
    use certification::{Column, Entity};
    let of = Entity::find().filter(Column::CourseId.eq(course)).filter(Column::RevokedAt.is_null());
    of.order_by_asc(Column::Id).lock_exclusive().all(txn).await
}

/// The certifications of a partner's people that were not revoked.
pub(super) async fn certifications_at(
    db: &impl ConnectionTrait,
    partner: PartnerId,
) -> Result<Vec<certification::Model>, DbErr> {
    use certification::{Column, Entity};
    let at = Entity::find().filter(Column::PartnerId.eq(partner)).filter(Column::RevokedAt.is_null());
    at.order_by_asc(Column::Id).all(db).await
}

/// Certifications that are over and of which nobody was told, at most so many.
pub(super) async fn over(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<CertificationId>, DbErr> {
    use certification::{Column, Entity};
    let ended = Condition::any().add(Column::ExpiresAt.lte(now)).add(Column::RecertifyBy.lte(now));
    let over = Entity::find().select_only().column(Column::Id).filter(ended);
    let over = over.filter(Column::ToldAt.is_null()).filter(Column::RevokedAt.is_null());
    over.order_by_asc(Column::ExpiresAt).limit(limit).into_tuple().all(db).await
}
