//! Batched reads of courses and attempts for nested fields.

use domain::ids::{CourseId, EnrolmentId};
use entity::training::{assessment_attempt, course};
use sea_orm::{EntityTrait, QueryFilter};

use super::store;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by, groups_by};

/// Courses by id; they are no secret of anybody's.
#[derive(Default)]
pub struct CourseById;

/// The tries of an enrolment that the caller was shown already, in order.
#[derive(Default)]
pub struct AttemptsOfEnrolment;

impl BatchLoad for CourseById {
    type Key = CourseId;
    type Value = course::Model;

    async fn load(ctx: &RequestContext, ids: &[CourseId]) -> Loaded<Self> {
        let these = among(ctx.read(), course::Column::Id, ids.iter().copied());
        Ok(each_by(course::Entity::find().filter(these).all(ctx.read()).await?, |it| it.id))
    }
}

impl BatchLoad for AttemptsOfEnrolment {
    type Key = EnrolmentId;
    type Value = Vec<assessment_attempt::Model>;

    async fn load(ctx: &RequestContext, enrolments: &[EnrolmentId]) -> Loaded<Self> {
        Ok(groups_by(store::attempts(ctx.read(), enrolments).await?, |it| it.enrolment_id))
    }
}
