//! Golden leads: who sees which, and giving them to partners.
//!
//! Here: reading leads with their edges, assigning, and the served row. Not here: which records are one lead and
//! which value wins (`golden`), the life of a lead (`domain::leads`).

pub mod access;
pub mod graphql;
pub mod loader;
pub mod served;
pub mod service;
