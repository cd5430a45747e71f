//! KPIs: what each counts, and the figure with its numerator, denominator, exclusions and the records behind it.
//!
//! Here: the catalogue, exact arithmetic, one function per KPI over a compact set of facts, roll-ups that add up,
//! restatement, and the statistics used. Pure: facts and instants are arguments, and their order never matters.
//! Not here: reading the facts, storing snapshots, who may see which partner (`gateway`).

pub mod catalogue;
pub mod fraction;
pub mod frame;
pub mod receipt;
pub mod sessions;
pub mod settings;
pub mod value;
pub mod window;

pub mod engagement;
pub mod pipeline;
pub mod relationship;
pub mod revenue;

pub mod data_quality;

pub mod grouping;
pub mod restatement;
pub mod rollup;

pub mod statistics;

#[cfg(test)]
mod invariants;
#[cfg(test)]
pub(crate) mod worked;
