//! Lead distribution: a lead is offered to one partner at a time, the best one by a policy, until somebody takes it.
//!
//! Here: gathering what the policy asks of every partner (`candidates`), making offers and going on to the next partner
//! (`offering`), what partners and the vendor say to an offer (`answers`), taking leads back (`recalls`), whom an accepted lead
//! meets (`rivals`), what time does (`jobs`). Not here: who may be offered a lead and in which order (`domain::distribution`), where a lead stands (`leads`).

pub mod dry_run;
pub mod graphql;
pub mod jobs;
pub mod measured;
pub mod service;

mod access;
mod answers;
mod candidates;
mod erased;
mod loader;
mod news;
mod offering;
mod recalls;
mod rivals;
mod store;
