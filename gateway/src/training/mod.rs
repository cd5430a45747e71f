//! トレーニングと認定: courses, who takes them, and what passing them is worth.
//!
//! Here: courses (`courses`), the life of an enrolment (`enrolments`), certifications of users and partners
//! (`certifications`), badges (`badge`), what time does to them (`jobs`), enrolments as KPIs
//! count them (`measured`). Not here: what may follow what, and when something is passed or valid
//! (`domain::training`), events of learning systems (`engagement`).

pub mod badge;
pub mod graphql;
pub mod jobs;
pub mod measured;
pub mod service;

mod access;
mod certifications;
mod courses;
mod enrolments;
mod loader;
mod store;
