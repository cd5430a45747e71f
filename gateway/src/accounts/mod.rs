//! Golden accounts: customer organisations.
//!
//! Here: reading accounts with their edges, and the served row. Not here: which records are one account and which
//! value wins (`golden`).

pub mod access;
pub mod graphql;
pub mod loader;
pub mod served;
pub mod service;
