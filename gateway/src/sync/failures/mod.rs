//! The error log: records that could not be taken in or written back, each once per kind of failure, until they can.
//!
//! Here: noting failures and their end (`log`), which of them somebody means (`which`), and what people do about them
//! (`work`). Not here: reading records again (`run`, `retries`), writing them again (`outbound`).

pub mod which;
pub mod work;

mod log;

pub(super) use log::{Place, is_any_open, log, resolve, to_retry};
