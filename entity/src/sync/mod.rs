//! Runs, failures and how far each object has been read.

pub mod counter;
pub mod outbound_change;
pub mod sync_error;
pub mod sync_run;
pub mod watermark;
