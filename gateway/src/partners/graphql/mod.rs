//! Partners in the API.

mod inputs;
mod mutations;
mod queries;
mod types;

pub use mutations::PartnerMutations;
pub use queries::{PartnerQueries, by_id, user_by_id};
pub use types::{Partner, PartnerUser};
