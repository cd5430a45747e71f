//! Golden contacts: people at customers. Staff see them, partners do not.
//!
//! Here: reading contacts, and the served row. Not here: which records are one contact and which value wins
//! (`golden`).

pub mod access;
pub mod graphql;
pub mod loader;
pub mod served;

mod store;
