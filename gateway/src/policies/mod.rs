//! The policies: documents that say which value wins and what makes two records one, as versions with a life.
//!
//! Here: which versions are in force (`in_force`), their way from draft to active (`service`), and what a version would
//! change (`dry_run`). Not here: what documents mean (`mastering::policy`), settling records by them (`golden`).

pub mod configured;
pub mod in_force;
mod lifecycle;

pub mod dry_run;
pub mod effect;
pub mod graphql;
pub mod service;

mod activation;
mod beginning;
mod channel;
mod refusals;
mod store;

pub use configured::{Documents, UnusablePolicy};
pub use effect::Findings;
pub use in_force::{InForce, Policies};
pub use lifecycle::{LifecycleInForce, lifecycle};
