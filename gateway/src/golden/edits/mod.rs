//! Editing fields of golden records: where our word counts it is noted, where another system is master it is asked.
//!
//! Here: what may be edited by whom, and which way an edit goes. Not here: what the edit makes of the record (`resolve`),
//! how a system is asked (`sync::outbound`).

pub mod graphql;
pub mod service;

mod refusal;
