//! Reading courses, enrolments and certifications.

use async_graphql::{Context, ID, InputObject, Object};
use domain::access::Permission;
use domain::ids::{CertificationId, CourseId, EnrolmentId, PartnerId};
use domain::training::EnrolmentStatus;
use entity::training::{certification, course, enrolment};
use sea_orm::sea_query::{Condition, IntoCondition};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::types::{Certification, Course, Enrolment, PartnerCertification};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::all_of;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::training::{access, service};

/// Which enrolments; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct EnrolmentFilter {
    /// At this partner.
    partner_id: Option<ID>,
    /// In this course.
    course_id: Option<ID>,
    /// One of these.
    status: Option<Vec<EnrolmentStatus>>,
    /// Whether it has to be taken.
    is_mandatory: Option<bool>,
}

impl EnrolmentFilter {
    fn condition(&self) -> Result<Condition> {
        use enrolment::Column;
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode::<PartnerId>(it, NodeType::Partner));
        let course = self.course_id.as_ref().map(|it| NodeId::decode::<CourseId>(it, NodeType::Course));
        let conditions = [
            partner.transpose()?.map(|it| Column::PartnerId.eq(it)),
            course.transpose()?.map(|it| Column::CourseId.eq(it)),
            self.status.as_ref().map(|it| Column::Status.is_in(it.iter().copied())),
            self.is_mandatory.map(|it| Column::IsMandatory.eq(it)),
        ];
        Ok(all_of(conditions.map(|it| it.map(IntoCondition::into_condition))))
    }
}

/// Which certifications; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct CertificationFilter {
    /// At this partner.
    partner_id: Option<ID>,
    /// Of this course.
    course_id: Option<ID>,
}

impl CertificationFilter {
    fn condition(&self) -> Result<Condition> {
        use certification::Column;
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode::<PartnerId>(it, NodeType::Partner));
        let course = self.course_id.as_ref().map(|it| NodeId::decode::<CourseId>(it, NodeType::Course));
        Ok(all_of([
            partner.transpose()?.map(|it| Column::PartnerId.eq(it).into_condition()),
            course.transpose()?.map(|it| Column::CourseId.eq(it).into_condition()),
        ]))
    }
}

/// Reading courses, enrolments and certifications.
#[derive(Default)]
pub struct TrainingQueries;

#[Object]
impl TrainingQueries {
    /// Courses, page by page.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    async fn courses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<Course>> {
        use course::{Column, Entity, Model};
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadTraining)?;
        let order = order_by.of("courses", Column::Id, |row: &Model| row.id.into());
        let node = |row: Model| (row.id.into(), Course::from(row));
        page(ctx, Entity::find(), Column::Id, order, &PageInput { first, after, last, before }, node).await
    }

    /// Who takes which course, page by page: partners see their people's, representatives their own.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn enrolments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which enrolments; all when left out.")] filter: Option<EnrolmentFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<Enrolment>> {
        use enrolment::{Column, Model};
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadTraining)?;
        let query = access::enrolments_visible_to(&ctx.caller);
        let query = query.filter(filter.unwrap_or_default().condition()?);
        let order = order_by.of("enrolments", Column::Id, |row: &Model| row.id.into());
        let node = |row: Model| (row.id.into(), Enrolment::from(row));
        page(ctx, query, Column::Id, order, &PageInput { first, after, last, before }, node).await
    }

    /// What users have earned, page by page: partners see their people's, representatives their own.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn certifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which certifications; all when left out.")] filter: Option<CertificationFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<Certification>> {
        use certification::{Column, Model};
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadTraining)?;
        let query = access::certifications_visible_to(&ctx.caller);
        let query = query.filter(filter.unwrap_or_default().condition()?);
        let order = order_by.of("certifications", Column::Id, |row: &Model| row.id.into());
        let node = |row: Model| (row.id.into(), Certification::from(row));
        page(ctx, query, Column::Id, order, &PageInput { first, after, last, before }, node).await
    }

    /// What a partner as a whole holds of each course that certifies partners.
    #[graphql(complexity = "20 * child_complexity")]
    async fn partner_certifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The partner's global id.")] id: ID,
    ) -> Result<Vec<PartnerCertification>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let held = service::held_by(ctx, NodeId::decode(&id, NodeType::Partner)?).await?;
        Ok(held.into_iter().map(PartnerCertification::from).collect())
    }
}

/// The course.
pub async fn course_by_id(ctx: &RequestContext, id: CourseId) -> Result<Option<Course>> {
    ctx.caller.require(Permission::ReadTraining)?;
    Ok(course::Entity::find_by_id(id).one(ctx.read()).await?.map(Course::from))
}

/// The enrolment, if the caller sees it.
pub async fn enrolment_by_id(ctx: &RequestContext, id: EnrolmentId) -> Result<Option<Enrolment>> {
    ctx.caller.require(Permission::ReadTraining)?;
    let query = access::enrolments_visible_to(&ctx.caller).filter(enrolment::Column::Id.eq(id));
    Ok(query.one(ctx.read()).await?.map(Enrolment::from))
}

/// The certification, if the caller sees it.
pub async fn certification_by_id(ctx: &RequestContext, id: CertificationId) -> Result<Option<Certification>> {
    ctx.caller.require(Permission::ReadTraining)?;
    let query = access::certifications_visible_to(&ctx.caller).filter(certification::Column::Id.eq(id));
    Ok(query.one(ctx.read()).await?.map(Certification::from))
}
