//! Golden opportunities: qualified possible sales.
//!
//! Here: reading opportunities with their edges, and the served row. Not here: which value wins (`golden`).

pub mod access;
pub mod graphql;
pub mod loader;
pub mod served;
pub mod service;
pub mod won;
