//! Channel conflicts: who goes first when several claim one deal, by which rule, and what everybody is told.
//!
//! Here: gathering the facts (`facts`), verdicts as they are kept (`verdicts`), raising conflicts and looking again
//! (`raising`, `checks`), who is told (`messages`), what people decide (`decisions`), asking before one registers (`precheck`). Not here: the rules
//! (`domain::conflicts`), the life of a registration (`registrations`).

pub mod checks;
pub mod dry_run;
pub mod graphql;
pub mod loader;
pub mod measured;
pub mod service;

mod access;
mod account_facts;
mod accounts;
mod bids;
mod decisions;
mod erased;
mod facts;
mod freshness;
mod holdings;
mod messages;
mod precheck;
mod raising;
mod store;
mod terms;
mod verdicts;
