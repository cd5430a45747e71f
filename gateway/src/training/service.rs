//! Use cases of training.

pub use super::certifications::{PartnerHolding, held_by, recertify, revoke};
pub use super::courses::{CourseDetails, create};
pub use super::enrolments::{Ending, Wanted, end, enrol, finish, start};

use crate::error::Refusal;

/// Why a course or an enrolment is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum TrainingRefusal {
    /// Another course is known by it.
    #[error("there is a course with this code already; choose another code")]
    CourseCodeTaken,
    /// A number that no course has.
    #[error("attempts, months and holders are numbers from 1 to 1,000; send such a number, or none")]
    CourseNumberInvalid,
    /// Partners cannot be certified by what certifies nobody.
    #[error("a course that certifies partners certifies users first; send `validityMonths` as well")]
    CourseCertifiesNobody,
    /// Already there.
    #[error("the user is enrolled in this course already; look at that enrolment")]
    EnrolmentExists,
}

impl Refusal for TrainingRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}
