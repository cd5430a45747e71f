//! Runs, how far they got, and the error log in the API; staff only.

mod errors;
mod runs;
mod subscription;
mod work;

pub use errors::SyncErrorQueries;
pub use runs::SyncQueries;
pub use subscription::SyncSubscription;
pub use work::SyncMutations;
