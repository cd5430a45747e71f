//! Decisions asked of people.

pub mod review_task;

pub mod review_event;
