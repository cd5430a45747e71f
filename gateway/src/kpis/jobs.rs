//! What happens without anyone asking: usage is counted, and figures are recorded.

pub use super::snapshots::{JOB as RECORD, record_due};
pub use super::usage::count::{JOB as COUNT, count_due};
