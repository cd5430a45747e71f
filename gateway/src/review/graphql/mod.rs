//! The review queue in the API.

mod bulk;
mod comparison;
mod consequence;
mod evidence;
mod figures;
mod filter;
mod history;
mod mutations;
mod queries;
mod subscription;
mod task;

pub(crate) use filter::ReviewTaskFilter;
pub use mutations::ReviewMutations;
pub use queries::ReviewQueries;
pub use subscription::ReviewSubscription;
pub use task::ReviewTask;
