//! 認定: what a pass is worth to a user, and what that is worth to the partner.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::{CertificationId, CourseId, PartnerId, PartnerUserId};
use domain::review::Reason;
use domain::training::{Certification, PartnerCertification, partner_certification};
use entity::training::certification::{Column, Model};
use entity::training::{course, enrolment};
use sea_orm::{ColumnTrait as _, DatabaseTransaction, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{access, store};
use crate::error::{NotFound, Result};
use crate::partners;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// What a partner holds of one course that certifies partners.
#[derive(Debug, Clone)]
pub struct PartnerHolding {
    /// The course.
    pub course: course::Model,
    /// Who of its people hold it, and how many it takes.
    pub holding: PartnerCertification,
}

/// Somebody has passed a course: what it certifies is earned, or earned again.
pub(super) async fn passed(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    enrolment: &enrolment::Model,
    validity_months: Option<u32>,
) -> Result<()> {
    let Some(months) = validity_months else { return Ok(()) };
    let (user, partner) = (enrolment.partner_user_id, enrolment.partner_id);
    match store::certification_of(txn, user, enrolment.course_id).await? {
        Some(row) => {
            let mut certification = fact(&row);
            certification.renew(months, ctx.now)?;
            let renewed = Model { told_at: None, ..with(row, &certification) };
            store::replace_certification(txn, renewed).await?;
        }
        None => {
            let earned = Certification::earn(user, partner, months, ctx.now);
            let row = Model {
                id: ctx.clock.new_id(),
                partner_id: partner,
                partner_user_id: user,
                course_id: enrolment.course_id,
                earned_at: earned.earned_at,
                renewed_at: earned.renewed_at,
                expires_at: earned.expires_at,
                recertify_by: None,
                revoked_at: None,
                revoke_reason: None,
                told_at: None,
            };
            store::insert_certification(txn, row).await?;
        }
    }
    Ok(())
}

/// Takes a certification away.
pub async fn revoke(
    ctx: &RequestContext,
    key: Option<&str>,
    id: CertificationId,
    reason: Reason,
) -> Result<Model> {
    ctx.caller.require(Permission::ManageTraining)?;
    let once = Once::new(key, "revokeCertification", &(id, &reason))?;
    let txn = ctx.begin().await?;
    let seen = access::certifications_visible_to(&ctx.caller).filter(Column::Id.eq(id)).one(&txn).await?;
    let partner = seen.ok_or(NotFound("certification"))?.partner_id;
    partners::guards::require_own_set(&txn, ctx, partner).await?;
    let row = store::lock_certification(&txn, id).await?.ok_or(NotFound("certification"))?;
    if once.earlier::<CertificationId>(&txn, ctx).await?.is_some() || row.revoked_at.is_some() {
        return Ok(row);
    }
    let mut certification = fact(&row);
    certification.revoke(ctx.now);
    let row = Model { revoke_reason: Some(reason.as_str().to_owned()), ..with(row, &certification) };
    let row = store::replace_certification(&txn, row).await?;
    audited(&txn, ctx, "training.revoke", (id.into(), json!({}))).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(row)
}

/// A product release asks everybody who was certified before it to pass the course again by a date. Answers how many were
/// asked. Doing it again changes nothing.
pub async fn recertify(
    ctx: &RequestContext,
    id: CourseId,
    (released_at, by): (DateTime<Utc>, DateTime<Utc>),
) -> Result<usize> {
    ctx.caller.require(Permission::ManageTraining)?;
    let txn = ctx.begin().await?;
    store::course(&txn, id).await?.ok_or(NotFound("course"))?;
    let mut asked = 0;
    for row in store::lock_certifications_of(&txn, id).await? {
        let mut certification = fact(&row);
        certification.ask_again(released_at, by);
        if certification.recertify_by != row.recertify_by {
            store::replace_certification(&txn, with(row, &certification)).await?;
            asked += 1;
        }
    }
    let detail = json!({ "releasedAt": released_at, "by": by, "asked": asked });
    audited(&txn, ctx, "training.recertify", (id.into(), detail)).await?;
    txn.commit().await?;
    Ok(asked)
}

/// What a partner holds of each course that certifies partners.
pub async fn held_by(ctx: &RequestContext, partner: PartnerId) -> Result<Vec<PartnerHolding>> {
    ctx.caller.require(Permission::ReadTraining)?;
    let db = ctx.read();
    partners::service::find(ctx, partner).await?.ok_or(NotFound("partner"))?;
    let enabled = partners::users::enabled(db, partner).await?;
    let enabled: BTreeSet<PartnerUserId> = enabled.into_iter().map(|it| it.id).collect();
    let certifications = store::certifications_at(db, partner).await?;
    let courses = store::courses_for_partners(db).await?.into_iter();
    let holding = |course: course::Model| {
        let of = certifications.iter().filter(|it| it.course_id == course.id).map(fact).collect::<Vec<_>>();
        let needed = course.holders_needed.and_then(|it| usize::try_from(it).ok()).unwrap_or(1);
        let holding = partner_certification(partner, &of, &enabled, needed, ctx.now);
        PartnerHolding { course, holding }
    };
    Ok(courses.map(holding).collect())
}

/// A certification as rules see it.
pub(super) fn fact(row: &Model) -> Certification {
    Certification {
        user: row.partner_user_id,
        partner: row.partner_id,
        earned_at: row.earned_at,
        renewed_at: row.renewed_at,
        expires_at: row.expires_at,
        recertify_by: row.recertify_by,
        revoked_at: row.revoked_at,
    }
}

fn with(row: Model, certification: &Certification) -> Model {
    Model {
        renewed_at: certification.renewed_at,
        expires_at: certification.expires_at,
        recertify_by: certification.recertify_by,
        revoked_at: certification.revoked_at,
        ..row
    }
}

async fn audited(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    action: &'static str,
    (target_id, detail): (Uuid, Value),
) -> Result<()> {
    audit::record(txn, ctx, AuditEvent { action, target_kind: "Training", target_id, detail }).await
}
