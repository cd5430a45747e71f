//! Alerts in the API.

mod mutations;
mod queries;
mod subscription;
mod types;

pub use mutations::AlertMutations;
pub use queries::{AlertQueries, by_id};
pub use subscription::AlertSubscription;
pub use types::PartnerAlert;
