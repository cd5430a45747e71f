//! Decisions asked of people.
//!
//! Here: asking, once per question, and showing the queue. Not here: what is asked (`golden`, …), the life of a task
//! (`domain::review`).

pub mod graphql;
pub mod service;
