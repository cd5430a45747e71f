//! Training in the API.

mod inputs;
mod mutations;
mod queries;
mod types;

pub use mutations::TrainingMutations;
pub use queries::{TrainingQueries, certification_by_id, course_by_id, enrolment_by_id};
pub use types::{Certification, Course, Enrolment};
