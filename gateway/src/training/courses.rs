//! Entering courses, and a course as rules see it.

use std::collections::BTreeSet;

use domain::access::Permission;
use domain::ids::CourseId;
use domain::text::Name;
use domain::training::{Course, CourseMode, PassMark, Score};
use entity::training::course::Model;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::service::TrainingRefusal;
use super::store;
use crate::error::{Error, NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::database::split_codes;
use crate::platform::idempotency::Once;

/// A course as it is to be.
#[derive(Debug, Clone, Serialize)]
pub struct CourseDetails {
    /// By which learning systems know it.
    pub code: Name,
    /// What it is called in Japanese.
    pub title_ja: Name,
    /// What it is called in English.
    pub title_en: Option<Name>,
    /// How it is taken.
    pub mode: CourseMode,
    /// Courses to be passed before.
    pub prerequisites: BTreeSet<CourseId>,
    /// The score to reach.
    pub pass_mark: Option<Decimal>,
    /// How often its test may be tried.
    pub max_attempts: Option<u32>,
    /// For how long passing it certifies.
    pub validity_months: Option<u32>,
    /// How many certified users certify their partner.
    pub holders_needed: Option<u32>,
}

impl CourseDetails {
    fn check(&self) -> Result<()> {
        let numbers = [self.max_attempts, self.validity_months, self.holders_needed];
        if numbers.into_iter().flatten().any(|it| !(1..=1_000).contains(&it)) {
            return Err(TrainingRefusal::CourseNumberInvalid.into());
        }
        if self.holders_needed.is_some() && self.validity_months.is_none() {
            return Err(TrainingRefusal::CourseCertifiesNobody.into());
        }
        self.pass_mark.map(Score::try_from).transpose()?;
        Ok(())
    }
}

/// Enters a course.
pub async fn create(ctx: &RequestContext, key: Option<&str>, details: CourseDetails) -> Result<Model> {
    ctx.caller.require(Permission::ManageTraining)?;
    details.check()?;
    let once = Once::new(key, "createCourse", &details)?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier(&txn, ctx).await? {
        return Ok(store::course(&txn, id).await?.ok_or(NotFound("course"))?);
    }
    for course in &details.prerequisites {
        store::course(&txn, *course).await?.ok_or(NotFound("prerequisite"))?;
    }
    let row = row(ctx, details);
    if store::course_with_code(&txn, &row.code).await?.is_some() {
        return Err(TrainingRefusal::CourseCodeTaken.into());
    }
    let row = store::insert_course(&txn, row).await?;
    let event = AuditEvent {
        action: "training.createCourse",
        target_kind: "Course",
        target_id: row.id.into(),
        detail: json!({ "code": row.code }),
    };
    audit::record(&txn, ctx, event).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

fn row(ctx: &RequestContext, details: CourseDetails) -> Model {
    let number = |it: Option<u32>| it.and_then(|it| i32::try_from(it).ok());
    let prerequisites = details.prerequisites.iter().map(ToString::to_string).collect::<Vec<_>>();
    Model {
        id: ctx.clock.new_id(),
        code: details.code.into(),
        title_ja: details.title_ja.into(),
        title_en: details.title_en.map(String::from),
        mode: details.mode,
        prerequisites: prerequisites.join(","),
        pass_mark: details.pass_mark.map(|it| it.to_string()),
        max_attempts: number(details.max_attempts),
        validity_months: number(details.validity_months),
        holders_needed: number(details.holders_needed),
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
    }
}

/// The courses to be passed before one.
pub(super) fn prerequisites(row: &Model) -> Result<BTreeSet<CourseId>> {
    Ok(split_codes::<Uuid>(&row.prerequisites)?.into_iter().map(CourseId).collect())
}

/// A course as rules see it.
pub(super) fn fact(row: &Model) -> Result<Course> {
    let number = |it: Option<i32>| it.and_then(|it| u32::try_from(it).ok());
    let pass_mark = row.pass_mark.as_deref().map(score).transpose()?;
    Ok(Course {
        id: row.id,
        mode: row.mode,
        prerequisites: prerequisites(row)?,
        pass_mark: pass_mark.map(PassMark::from),
        max_attempts: number(row.max_attempts),
        validity_months: number(row.validity_months),
    })
}

/// A score as it is stored.
pub(super) fn score(text: &str) -> Result<Score> {
    let decimal: Decimal = text.parse().map_err(Error::internal)?;
    Score::try_from(decimal).map_err(Error::internal)
}
