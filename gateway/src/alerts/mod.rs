//! Alerts: what is wrong at a partner, said once and taken back by itself when it is no longer so.
//!
//! Here: the rules as data (`rules`), watching and what follows (`jobs`), who sees alerts and takes them on. Not here: what makes an
//! alert new, changed or over (`domain::alerts`), the figures that rules look at (`kpis::signals`).

pub mod graphql;
pub mod jobs;
pub mod service;

mod news;
mod rules;
mod store;
