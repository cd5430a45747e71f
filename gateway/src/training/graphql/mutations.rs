//! Entering courses, enrolling users, and what becomes of it.

use async_graphql::{Context, Object, SimpleObject};
use entity::training::{certification, enrolment};

use super::inputs::{
    CreateCourseInput, EndEnrolmentInput, EnrolUserInput, FinishEnrolmentInput, RequestRecertificationInput,
    RevokeCertificationInput, StartEnrolmentInput,
};
use super::types::{Certification, Course, Enrolment};
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};
use crate::training::service;

/// A course that was entered.
#[derive(SimpleObject)]
pub struct CoursePayload {
    /// The course.
    course: Course,
}

/// What a change of an enrolment gives back.
#[derive(SimpleObject)]
pub struct EnrolmentPayload {
    /// The enrolment as it is now.
    enrolment: Enrolment,
}

/// What a change of a certification gives back.
#[derive(SimpleObject)]
pub struct CertificationPayload {
    /// The certification as it is now.
    certification: Certification,
}

/// Who was asked to pass a course again.
#[derive(SimpleObject)]
pub struct RequestRecertificationPayload {
    /// How many certifications end by the date unless the course is passed again.
    asked: usize,
}

impl From<enrolment::Model> for EnrolmentPayload {
    fn from(row: enrolment::Model) -> Self {
        Self { enrolment: row.into() }
    }
}

impl From<certification::Model> for CertificationPayload {
    fn from(row: certification::Model) -> Self {
        Self { certification: row.into() }
    }
}

/// Entering courses, enrolling users, and what becomes of it.
#[derive(Default)]
pub struct TrainingMutations;

#[Object]
impl TrainingMutations {
    /// Enters a course.
    async fn create_course(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The course.")] input: CreateCourseInput,
    ) -> Result<Payload<CoursePayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let key = input.idempotency_key.clone();
            let course = service::create(ctx, key.as_deref(), input.details()?).await?;
            Ok(CoursePayload { course: course.into() })
        })
        .await
    }

    /// Enrols a user in a course. Administrators of a partner enrol their own people.
    async fn enrol_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and in what.")] input: EnrolUserInput,
    ) -> Result<Payload<EnrolmentPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, wanted) = (input.idempotency_key.as_deref(), input.wanted()?);
            Ok(service::enrol(ctx, key, wanted).await?.into())
        })
        .await
    }

    /// Begins a course, for the first time or again. What comes before it must be passed.
    async fn start_enrolment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which enrolment.")] input: StartEnrolmentInput,
    ) -> Result<Payload<EnrolmentPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.enrolment_id, NodeType::Enrolment).of_field("enrolmentId")?;
            Ok(service::start(ctx, input.idempotency_key.as_deref(), id).await?.into())
        })
        .await
    }

    /// Notes that a user has worked a course through, with the score where there is a test; for learning systems and staff. A pass
    /// certifies, if the course does.
    async fn finish_enrolment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which enrolment, and the score.")] input: FinishEnrolmentInput,
    ) -> Result<Payload<EnrolmentPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.enrolment_id, NodeType::Enrolment).of_field("enrolmentId")?;
            Ok(service::finish(ctx, input.idempotency_key.as_deref(), (id, input.score)).await?.into())
        })
        .await
    }

    /// Lets a user off a course, or takes the enrolment back.
    async fn end_enrolment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which enrolment, how and why.")] input: EndEnrolmentInput,
    ) -> Result<Payload<EnrolmentPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.enrolment_id, NodeType::Enrolment).of_field("enrolmentId")?;
            let ended = (id, input.ending, input.reason.parse().of_field("reason")?);
            Ok(service::end(ctx, input.idempotency_key.as_deref(), ended).await?.into())
        })
        .await
    }

    /// Takes a certification away. It has to be earned anew.
    async fn revoke_certification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which certification, and why.")] input: RevokeCertificationInput,
    ) -> Result<Payload<CertificationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.certification_id, NodeType::Certification);
            let id = id.of_field("certificationId")?;
            let reason = input.reason.parse().of_field("reason")?;
            Ok(service::revoke(ctx, input.idempotency_key.as_deref(), id, reason).await?.into())
        })
        .await
    }

    /// Asks everybody who was certified before a product release to pass the course again by a date.
    async fn request_recertification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which course, and by when.")] input: RequestRecertificationInput,
    ) -> Result<Payload<RequestRecertificationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.course_id, NodeType::Course).of_field("courseId")?;
            let asked = service::recertify(ctx, id, (input.released_at, input.by)).await?;
            Ok(RequestRecertificationPayload { asked })
        })
        .await
    }
}
