//! The connectors over real HTTP.
//!
//! Here: `contract`, the suite every connector shares; one file for each CRM that takes it; and `scripted`, a
//! server that answers as a test says, for what a stand-in for a CRM does not do.
//! Not here: rules that need no network; they are tested beside their code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod allowance;
mod batches;
mod bulk;
mod contract;
mod salesforce;

mod scripted;

mod narrow;
mod reading;
mod sessions;
mod trouble;
mod writing;
