//! Courses, who takes them, every try, and what passing them is worth.

pub mod assessment_attempt;
pub mod certification;
pub mod course;
pub mod enrolment;
