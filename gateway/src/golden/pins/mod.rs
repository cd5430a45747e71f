//! Pins and locks: what a person has fixed of a golden record, against whatever sources say.
//!
//! Here: fixing and letting go (`service`), which there are (`listing`), what makes a pin doubtful (`stale`), ends (`expiry`), and what becomes of holds
//! when records join and part (`merges`). Not here: what holds mean for values (`mastering::survivorship::holds`), the
//! API (`golden::graphql`).

pub mod listing;
pub mod loader;
pub mod service;

pub mod expiry;

mod book;
mod erased;
mod in_force;
mod merges;
mod refusal;
mod stale;
mod store;
pub(super) mod subject;

pub(in crate::golden) use book::Book;
pub(in crate::golden) use erased::{erase, personal_values};
pub(in crate::golden) use in_force::InForce;
pub use in_force::{holds_at, holds_of, holds_over_time};
pub(in crate::golden) use merges::{Moves, follow_links, foresee_links};
pub use refusal::HoldRefusal;
pub(in crate::golden) use stale::{follow, foresee};
