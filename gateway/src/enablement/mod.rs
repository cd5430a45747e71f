//! 支援コンテンツ: what partners are given to sell with, and how far they have come with it.
//!
//! Here: assets in versions and languages (`content`), finding them by what they say (`search`), packages and who is given
//! which (`assigning`), what events of the engagement log make of an assignment (`progress`), telling partners (`jobs`),
//! assignments as KPIs count them (`measured`). Not here: who may see and when something counts as consumed (`domain::enablement`), the log itself (`engagement`).

pub mod graphql;
pub mod jobs;
pub mod measured;
pub mod service;

mod access;
mod assigning;
mod content;
mod loader;
mod packages;
mod progress;
mod search;
mod store;
