//! Runs, failures and how far each object has been read.

pub mod counter;
pub mod outbound_change;
pub mod source_token;
pub mod sync_error;
pub mod sync_lease;
pub mod sync_object_report;
pub mod sync_run;
pub mod sync_schema;
pub mod sync_schema_change;
pub mod sync_tick;
pub mod watermark;
pub mod webhook_delivery;
pub mod webhook_position;
