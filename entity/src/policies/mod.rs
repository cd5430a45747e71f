//! Policies: their versions, and what dry runs of them found.

pub mod dry_run;
pub mod dry_run_example;
pub mod policy_version;
