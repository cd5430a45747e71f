//! Runs, how far they got, and the error log in the API; staff only.

mod errors;
mod reports;
mod runs;
mod schema;
mod subscription;
mod work;

pub use errors::SyncErrorQueries;
pub use reports::SyncReportQueries;
pub use runs::SyncQueries;
pub use schema::SchemaChangeQueries;
pub use subscription::SyncSubscription;
pub use work::SyncMutations;
