//! The life of an enrolment: begun, tried, passed or not, waived or cancelled.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::{CourseId, EnrolmentId, PartnerUserId};
use domain::review::Reason;
use domain::training::{Attempt, Course, Enrolment, EnrolmentStatus, Score};
use entity::training::assessment_attempt;
use entity::training::enrolment::{Column, Model};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait as _, DatabaseTransaction, QueryFilter as _};
use serde::Serialize;
use serde_json::json;

use super::service::TrainingRefusal;
use super::{access, certifications, courses, store};
use crate::error::{NotFound, OfField as _, Result};
use crate::partners;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// A course for a user.
#[derive(Debug, Clone, Serialize)]
pub struct Wanted {
    /// Who is to take it.
    pub user: PartnerUserId,
    /// What.
    pub course: CourseId,
    /// Whether it has to be taken.
    pub is_mandatory: bool,
    /// By when.
    pub due_at: Option<DateTime<Utc>>,
}

/// How an enrolment ends without a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, async_graphql::Enum)]
pub enum Ending {
    /// The user is let off.
    Waived,
    /// It is taken back.
    Cancelled,
}

/// Enrols a user in a course.
pub async fn enrol(ctx: &RequestContext, key: Option<&str>, wanted: Wanted) -> Result<Model> {
    ctx.caller.require(Permission::EnrolUsers)?;
    let once = Once::new(key, "enrolUser", &wanted)?;
    let txn = ctx.begin().await?;
    let user = partners::users::find_in(&txn, ctx, wanted.user).await?.ok_or(NotFound("partner user"))?;
    partners::guards::require_own_set(&txn, ctx, user.partner_id).await?;
    store::course(&txn, wanted.course).await?.ok_or(NotFound("course"))?;
    if let Some(id) = once.earlier(&txn, ctx).await? {
        return Ok(store::lock_enrolment(&txn, id).await?.ok_or(NotFound("enrolment"))?);
    }
    if store::running(&txn, wanted.user, wanted.course).await?.is_some() {
        return Err(TrainingRefusal::EnrolmentExists.into());
    }
    let row = Model {
        id: ctx.clock.new_id(),
        partner_id: user.partner_id,
        partner_user_id: wanted.user,
        course_id: wanted.course,
        is_mandatory: wanted.is_mandatory,
        due_at: wanted.due_at,
        status: EnrolmentStatus::Assigned,
        enrolled_at: ctx.now,
        enrolled_by: ctx.caller.subject.clone(),
        completed_at: None,
        ended_at: None,
        end_reason: None,
    };
    let row = store::insert_enrolment(&txn, row).await?;
    commit(txn, ctx, &once, (&row, "training.enrol")).await?;
    Ok(row)
}

/// The user begins, for the first time or again.
pub async fn start(ctx: &RequestContext, key: Option<&str>, id: EnrolmentId) -> Result<Model> {
    ctx.caller.require(Permission::TakeTraining)?;
    let once = Once::new(key, "startEnrolment", &id)?;
    let txn = ctx.begin().await?;
    let (row, mut enrolment, course) = load(&txn, ctx, id).await?;
    if once.earlier::<EnrolmentId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    enrolment.start(&course, &store::passed(&txn, row.partner_user_id).await?)?;
    let row = store::replace_enrolment(&txn, Model { status: enrolment.status, ..row }).await?;
    commit(txn, ctx, &once, (&row, "training.start")).await?;
    Ok(row)
}

/// The user finishes, with a score where there is a test. A pass certifies, if the course does.
pub async fn finish(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, score): (EnrolmentId, Option<Decimal>),
) -> Result<Model> {
    ctx.caller.require(Permission::RecordTraining)?;
    let once = Once::new(key, "finishEnrolment", &(id, score))?;
    let checked = score.map(Score::try_from).transpose().of_field("score")?;
    let txn = ctx.begin().await?;
    let (row, mut enrolment, course) = load(&txn, ctx, id).await?;
    if once.earlier::<EnrolmentId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    let is_passed = enrolment.finish(&course, checked, ctx.now)?;
    let attempt = assessment_attempt::Model {
        id: ctx.clock.new_id(),
        enrolment_id: id,
        at: ctx.now,
        score: score.map(|it| it.to_string()),
        is_passed,
    };
    store::insert_attempt(&txn, attempt).await?;
    let row = Model { status: enrolment.status, completed_at: enrolment.completed_at(), ..row };
    let row = store::replace_enrolment(&txn, row).await?;
    if is_passed {
        certifications::passed(&txn, ctx, &row, course.validity_months).await?;
    }
    commit(txn, ctx, &once, (&row, "training.finish")).await?;
    Ok(row)
}

/// Lets a user off a course, or takes the enrolment back.
pub async fn end(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, ending, reason): (EnrolmentId, Ending, Reason),
) -> Result<Model> {
    ctx.caller.require(Permission::ManageTraining)?;
    let once = Once::new(key, "endEnrolment", &(id, ending, &reason))?;
    let txn = ctx.begin().await?;
    let (row, mut enrolment, _) = load(&txn, ctx, id).await?;
    partners::guards::require_own_set(&txn, ctx, row.partner_id).await?;
    if once.earlier::<EnrolmentId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    match ending {
        Ending::Waived => enrolment.waive()?,
        Ending::Cancelled => enrolment.cancel()?,
    }
    let (ended_at, end_reason) = (Some(ctx.now), Some(reason.as_str().to_owned()));
    let row = Model { status: enrolment.status, ended_at, end_reason, ..row };
    let row = store::replace_enrolment(&txn, row).await?;
    commit(txn, ctx, &once, (&row, "training.end")).await?;
    Ok(row)
}

/// An enrolment that the caller sees, locked, with what rules need of it.
async fn load(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    id: EnrolmentId,
) -> Result<(Model, Enrolment, Course)> {
    let seen = access::enrolments_visible_to(&ctx.caller).filter(Column::Id.eq(id)).one(txn).await?;
    seen.ok_or(NotFound("enrolment"))?;
    let row = store::lock_enrolment(txn, id).await?.ok_or(NotFound("enrolment"))?;
    let course = store::course(txn, row.course_id).await?.ok_or(NotFound("course"))?;
    let attempts = store::attempts(txn, &[id]).await?;
    let enrolment = fact(&row, &attempts)?;
    Ok((row, enrolment, courses::fact(&course)?))
}

async fn commit(
    txn: DatabaseTransaction,
    ctx: &RequestContext,
    once: &Once<'_>,
    (row, action): (&Model, &'static str),
) -> Result<()> {
    let detail = json!({ "course": row.course_id, "status": row.status });
    let event = AuditEvent { action, target_kind: "Enrolment", target_id: row.id.into(), detail };
    audit::record(&txn, ctx, event).await?;
    once.remember(&txn, ctx, row.id).await?;
    Ok(txn.commit().await?)
}

/// An enrolment as rules see it.
pub(super) fn fact(row: &Model, attempts: &[assessment_attempt::Model]) -> Result<Enrolment> {
    let attempt = |it: &assessment_attempt::Model| {
        let score = it.score.as_deref().map(courses::score).transpose()?;
        Ok(Attempt { at: it.at, score, is_passed: it.is_passed })
    };
    Ok(Enrolment {
        id: row.id,
        user: row.partner_user_id,
        partner: row.partner_id,
        course: row.course_id,
        is_mandatory: row.is_mandatory,
        due_at: row.due_at,
        status: row.status,
        attempts: attempts.iter().map(attempt).collect::<Result<_>>()?,
    })
}
