//! The engagement log in the API.

mod mutations;
mod queries;
mod types;

pub use mutations::EngagementMutations;
pub use queries::EngagementQueries;
