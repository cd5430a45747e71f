//! What the API shows of courses, enrolments and certifications.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::ids::CourseId;
use domain::training::{CertificationStatus, CourseMode, EnrolmentStatus};
use entity::training::{assessment_attempt, certification, course, enrolment};

use crate::error::Result;
use crate::partners;
use crate::partners::graphql::{Partner, PartnerUser};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::training::badge::BadgeKey;
use crate::training::loader::{AttemptsOfEnrolment, CourseById};
use crate::training::service::PartnerHolding;
use crate::training::{certifications, courses};

/// A course.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Course {
    /// Global id.
    pub id: ID,
    /// By which learning systems know it.
    code: String,
    /// What it is called in Japanese.
    title_ja: String,
    /// What it is called in English.
    title_en: Option<String>,
    /// How it is taken.
    mode: CourseMode,
    /// The score to reach, from 0 to 100, as an exact decimal; null when there is no test.
    pass_mark: Option<String>,
    /// How often its test may be tried; null for as often as one likes.
    max_attempts: Option<i32>,
    /// For how many months passing it certifies; null when it certifies nothing.
    validity_months: Option<i32>,
    /// How many certified users certify their partner; null when partners are not certified.
    holders_needed: Option<i32>,
    #[graphql(skip)]
    row: course::Model,
}

impl From<course::Model> for Course {
    fn from(row: course::Model) -> Self {
        let shown = row.clone();
        Self {
            id: NodeId::encode(NodeType::Course, row.id),
            code: shown.code,
            title_ja: shown.title_ja,
            title_en: shown.title_en,
            mode: row.mode,
            pass_mark: shown.pass_mark,
            max_attempts: row.max_attempts,
            validity_months: row.validity_months,
            holders_needed: row.holders_needed,
            row,
        }
    }
}

#[ComplexObject]
impl Course {
    /// The courses to be passed before it.
    #[graphql(complexity = "5 * child_complexity")]
    async fn prerequisites(&self, ctx: &Context<'_>) -> Result<Vec<Course>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let ids = courses::prerequisites(&self.row)?;
        let batch = ctx.batch::<CourseById>();
        let found = futures::future::try_join_all(ids.into_iter().map(|it| batch.get(ctx, it))).await?;
        Ok(found.into_iter().flatten().map(Self::from).collect())
    }
}

/// One user's registration for one course.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Enrolment {
    /// Global id.
    pub id: ID,
    /// Whether it has to be taken.
    is_mandatory: bool,
    /// By when.
    due_at: Option<DateTime<Utc>>,
    /// Where it stands.
    status: EnrolmentStatus,
    /// When the user was enrolled.
    enrolled_at: DateTime<Utc>,
    /// When it was first passed.
    completed_at: Option<DateTime<Utc>>,
    /// When it was waived or cancelled.
    ended_at: Option<DateTime<Utc>>,
    /// Why it was waived or cancelled.
    end_reason: Option<String>,
    #[graphql(skip)]
    row: enrolment::Model,
}

impl From<enrolment::Model> for Enrolment {
    fn from(row: enrolment::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::Enrolment, row.id),
            is_mandatory: row.is_mandatory,
            due_at: row.due_at,
            status: row.status,
            enrolled_at: row.enrolled_at,
            completed_at: row.completed_at,
            ended_at: row.ended_at,
            end_reason: row.end_reason.clone(),
            row,
        }
    }
}

/// One try at the test of a course, or the end of a course without one.
#[derive(SimpleObject)]
pub struct AssessmentAttempt {
    /// When.
    at: DateTime<Utc>,
    /// What was reached, as an exact decimal; null without a test.
    score: Option<String>,
    /// Whether it was enough.
    is_passed: bool,
}

impl From<assessment_attempt::Model> for AssessmentAttempt {
    fn from(row: assessment_attempt::Model) -> Self {
        Self { at: row.at, score: row.score, is_passed: row.is_passed }
    }
}

#[ComplexObject]
impl Enrolment {
    /// What is taken.
    async fn course(&self, ctx: &Context<'_>) -> Option<Result<Course>> {
        course_at_edge(ctx.data_unchecked(), self.row.course_id).await
    }

    /// Who takes it.
    async fn partner_user(&self, ctx: &Context<'_>) -> Option<Result<PartnerUser>> {
        partners::graphql::user_at_edge(ctx.data_unchecked(), self.row.partner_user_id).await.transpose()
    }

    /// The user's partner.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        partners::graphql::at_edge(ctx.data_unchecked(), self.row.partner_id).await.transpose()
    }

    /// Every try, in order.
    #[graphql(complexity = "5 * child_complexity")]
    async fn attempts(&self, ctx: &Context<'_>) -> Result<Vec<AssessmentAttempt>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let attempts = ctx.batch::<AttemptsOfEnrolment>().get(ctx, self.row.id).await?;
        Ok(attempts.unwrap_or_default().into_iter().map(AssessmentAttempt::from).collect())
    }

    /// Whether it waits and its date has passed.
    async fn is_overdue(&self, ctx: &Context<'_>) -> bool {
        use EnrolmentStatus::{Assigned, Failed, Started};
        let waits = matches!(self.row.status, Assigned | Started | Failed) && self.row.completed_at.is_none();
        waits && self.row.due_at.is_some_and(|it| it < ctx.data_unchecked::<RequestContext>().now)
    }
}

/// What passing a course is worth to a user.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Certification {
    /// Global id.
    pub id: ID,
    /// When it was first earned.
    earned_at: DateTime<Utc>,
    /// When it was last earned.
    renewed_at: DateTime<Utc>,
    /// The first instant at which it is no longer valid.
    expires_at: DateTime<Utc>,
    /// By when a product release asks to earn it again; after that it is not valid either.
    recertify_by: Option<DateTime<Utc>>,
    /// When it was taken away.
    revoked_at: Option<DateTime<Utc>>,
    /// Why it was taken away.
    revoke_reason: Option<String>,
    #[graphql(skip)]
    row: certification::Model,
}

impl From<certification::Model> for Certification {
    fn from(row: certification::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::Certification, row.id),
            earned_at: row.earned_at,
            renewed_at: row.renewed_at,
            expires_at: row.expires_at,
            recertify_by: row.recertify_by,
            revoked_at: row.revoked_at,
            revoke_reason: row.revoke_reason.clone(),
            row,
        }
    }
}

#[ComplexObject]
impl Certification {
    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> CertificationStatus {
        certifications::fact(&self.row).status(ctx.data_unchecked::<RequestContext>().now)
    }

    /// Its badge: a path below the gateway's address that shows anybody what it is worth; null without a key for badges.
    async fn badge(&self, ctx: &Context<'_>) -> Option<String> {
        let key = ctx.data_unchecked::<RequestContext>().shared::<BadgeKey>();
        key.sign(self.row.id).map(|token| format!("/verify/{token}"))
    }

    /// What was passed.
    async fn course(&self, ctx: &Context<'_>) -> Option<Result<Course>> {
        course_at_edge(ctx.data_unchecked(), self.row.course_id).await
    }

    /// Who holds it.
    async fn partner_user(&self, ctx: &Context<'_>) -> Option<Result<PartnerUser>> {
        partners::graphql::user_at_edge(ctx.data_unchecked(), self.row.partner_user_id).await.transpose()
    }

    /// The holder's partner.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        partners::graphql::at_edge(ctx.data_unchecked(), self.row.partner_id).await.transpose()
    }
}

/// What a partner as a whole holds of a course.
#[derive(SimpleObject)]
pub struct PartnerCertification {
    /// The course.
    course: Course,
    /// How many of its enabled users hold it.
    holders: usize,
    /// How many it takes.
    needed: usize,
    /// How many more it takes.
    missing: usize,
    /// Whether the partner holds it.
    is_held: bool,
}

impl From<PartnerHolding> for PartnerCertification {
    fn from(it: PartnerHolding) -> Self {
        let holding = it.holding;
        Self {
            course: it.course.into(),
            holders: holding.holders.len(),
            needed: holding.needed,
            missing: holding.missing(),
            is_held: holding.is_held(),
        }
    }
}

async fn course_at_edge(ctx: &RequestContext, id: CourseId) -> Option<Result<Course>> {
    ctx.batch::<CourseById>().get(ctx, id).await.map(|it| it.map(Course::from)).transpose()
}
