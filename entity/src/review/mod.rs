//! Decisions asked of people.

pub mod review_task;
