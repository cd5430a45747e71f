//! Golden opportunities.

pub mod golden_opportunity;
