//! Decisions asked of people.
//!
//! Here: asking, once per question; the queue with all that is needed to decide; claims, decisions and their effect.
//! Not here: what is asked (`golden`, …), the life of a task (`domain::review`), what an answer changes (the features
//! that asked).

pub mod foresight;
pub mod graphql;
pub mod measured;
pub mod service;

mod access;
mod loader;
mod store;

mod comparison;
mod consequence;
mod rehearsal;
mod standing;
mod subject;

mod news;
