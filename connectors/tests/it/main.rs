//! The connectors over real HTTP.
//!
//! Here: `scripted`, a server that answers as a test says, for what a CRM does only on its bad days.
//! Not here: rules that need no network; they are tested beside their code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod scripted;

mod reading;
mod sessions;
mod trouble;
mod writing;
