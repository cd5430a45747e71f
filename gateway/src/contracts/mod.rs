//! Contracts with partners: what is agreed, from when, and what becomes of it.
//!
//! Here: entering contracts, their life, amendments, documents and negotiations, reminders of their ends, and what rules
//! ask of them. Not here: what a contract's dates mean (`domain::contracts`), what a partner may do without one
//! (`partners`).

pub mod graphql;
pub mod in_force;
pub mod jobs;
pub mod loader;
pub mod papers;
pub mod refusal;
pub mod service;

mod agreement;
mod dates;
mod store;

pub use agreement::{Agreement, Clauses, ContractDetails};
