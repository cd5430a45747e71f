//! Territories: which partner may work where, since when and until when.
//!
//! Here: assigning and ending territories, who sees them, who covers what, and what rules ask of them. Not here: what
//! a territory says about a deal (`domain::territories`), whose claim prevails (`domain::conflicts`).

pub mod graphql;
pub mod jobs;
pub mod loader;
pub mod place;
pub mod service;

mod store;
