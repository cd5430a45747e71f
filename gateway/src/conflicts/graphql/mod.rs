//! Channel conflicts in the API: in full for staff, and for a partner what was decided about its own claim.

mod inputs;
mod installed;
mod mutations;
mod queries;
mod standing;
mod types;
mod verdict;

pub use installed::{InstalledProduct, installed_on};
pub use mutations::ConflictMutations;
pub use queries::{ConflictQueries, by_id};
pub use standing::{ClaimStandingView, standing};
pub use types::ChannelConflict;
pub use verdict::ConflictVerdict;
