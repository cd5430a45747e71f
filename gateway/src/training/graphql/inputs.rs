//! What clients send about courses and who takes them.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use domain::training::CourseMode;
use rust_decimal::Decimal;

use crate::error::{OfField as _, Result};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::training::service::{CourseDetails, Ending, Wanted};

/// A new course.
#[derive(Debug, InputObject)]
pub struct CreateCourseInput {
    /// By which learning systems know it; unique.
    pub code: String,
    /// What it is called in Japanese.
    pub title_ja: String,
    /// What it is called in English.
    pub title_en: Option<String>,
    /// How it is taken.
    pub mode: CourseMode,
    /// Courses to be passed before.
    #[graphql(default)]
    pub prerequisite_ids: Vec<ID>,
    /// The score to reach, from 0 to 100; without one there is no test.
    pub pass_mark: Option<Decimal>,
    /// How often its test may be tried; as often as one likes when left out.
    pub max_attempts: Option<u32>,
    /// For how many months passing it certifies; it certifies nothing when left out.
    pub validity_months: Option<u32>,
    /// How many certified users certify their partner; partners are not certified when left out.
    pub holders_needed: Option<u32>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

impl CreateCourseInput {
    /// The course, checked as far as its parts go.
    pub(super) fn details(self) -> Result<CourseDetails> {
        let prerequisite = |it: &ID| NodeId::decode(it, NodeType::Course).of_field("prerequisiteIds");
        Ok(CourseDetails {
            code: self.code.parse().of_field("code")?,
            title_ja: self.title_ja.parse().of_field("titleJa")?,
            title_en: self.title_en.map(|it| it.parse()).transpose().of_field("titleEn")?,
            mode: self.mode,
            prerequisites: self.prerequisite_ids.iter().map(prerequisite).collect::<Result<_>>()?,
            pass_mark: self.pass_mark,
            max_attempts: self.max_attempts,
            validity_months: self.validity_months,
            holders_needed: self.holders_needed,
        })
    }
}

/// A course for a user.
#[derive(Debug, InputObject)]
pub struct EnrolUserInput {
    /// Who is to take it.
    pub partner_user_id: ID,
    /// What.
    pub course_id: ID,
    /// Whether it has to be taken.
    #[graphql(default)]
    pub is_mandatory: bool,
    /// By when.
    pub due_at: Option<DateTime<Utc>>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

impl EnrolUserInput {
    /// What is wanted.
    pub(super) fn wanted(&self) -> Result<Wanted> {
        Ok(Wanted {
            user: NodeId::decode(&self.partner_user_id, NodeType::PartnerUser).of_field("partnerUserId")?,
            course: NodeId::decode(&self.course_id, NodeType::Course).of_field("courseId")?,
            is_mandatory: self.is_mandatory,
            due_at: self.due_at,
        })
    }
}

/// A course that a user begins, for the first time or again.
#[derive(Debug, InputObject)]
pub struct StartEnrolmentInput {
    /// The enrolment.
    pub enrolment_id: ID,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A course that a user has worked through.
#[derive(Debug, InputObject)]
pub struct FinishEnrolmentInput {
    /// The enrolment.
    pub enrolment_id: ID,
    /// What was reached in the test, from 0 to 100; needed where there is one.
    pub score: Option<Decimal>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// An enrolment that ends without a pass.
#[derive(Debug, InputObject)]
pub struct EndEnrolmentInput {
    /// The enrolment.
    pub enrolment_id: ID,
    /// How it ends.
    pub ending: Ending,
    /// Why; the partner reads it.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A certification that is taken away.
#[derive(Debug, InputObject)]
pub struct RevokeCertificationInput {
    /// The certification.
    pub certification_id: ID,
    /// Why; the partner reads it.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A product release after which a course has to be passed again. Doing it again changes nothing.
#[derive(Debug, InputObject)]
pub struct RequestRecertificationInput {
    /// The course.
    pub course_id: ID,
    /// When the product was released: who was certified later knows it already.
    pub released_at: DateTime<Utc>,
    /// By when the course has to be passed again.
    pub by: DateTime<Utc>,
}
