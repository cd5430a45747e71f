//! Partner programs: tiers by fiscal year, which tier a partner holds since when, and why.
//!
//! Here: versions of the program, evaluations at the end of a quarter with their evidence, tiers given by hand, and the tier
//! at an instant. Not here: what it takes to hold a tier (`domain::programs`), what a tier is good for elsewhere.

pub mod evaluation;
pub mod graphql;
pub mod loader;
pub mod service;
pub mod tiers;

mod measures;
mod store;
