//! Golden leads: who sees which, and giving them to partners.
//!
//! Here: reading leads with their edges, assigning, the steps people take with them (`steps`), moving them on (`life`), and the served row. Not here: which records are
//! one lead and which value wins (`golden`), what may happen to a lead (`domain::leads`), offering it (`distribution`).

pub mod access;
pub mod graphql;
pub mod life;
pub mod loader;
pub mod measured;
pub mod served;
pub mod service;
pub mod steps;
