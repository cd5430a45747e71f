//! KPIs: what the channel reaches, each figure with its numerator, denominator, exclusions and the records behind it.
//!
//! Here: who may ask for which figure (`scope`), reading what it rests on (`evidence`), putting partners into groups (`groups`),
//! handing it to the formula (`figures`). Not here: what a KPI counts (`domain::kpis`), and how a feature's records are read as
//! facts (`measured` of each feature).

pub mod graphql;
pub mod jobs;
pub mod service;
pub mod signals;

mod evidence;
mod figures;
mod groups;
mod scope;
mod snapshots;
mod usage;
