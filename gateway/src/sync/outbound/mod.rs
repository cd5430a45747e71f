//! Writing back: telling systems what is served, where they say something else.
//!
//! What is due enters the outbox (`queue`) in the transaction that settled it, so that nothing is told that was undone and
//! nothing is forgotten. Records that a system lacks are made there where its mapping says so (`creations`, `creating`). A sender (`sender`) takes some of it at a time, and notes what became of it (`outcome`). Whether a
//! change arrived whose answer was lost is read back from the record itself (`echo`): setting a value is repeatable, and a
//! value that arrived is recognised by being there. Who keeps overwriting us is let be (`breaker`).
//! Not here: which values are due (`mastering::write_back`), how a system is spoken to (`connectors`).

pub mod graphql;
pub mod sender;
pub mod service;

mod answers;
mod arrival;
mod breaker;
mod creating;
mod creations;
mod echo;
mod making;
mod outcome;
mod queue;
mod store;
mod wanted;

pub(crate) use creating::{merged, restored};
pub use creations::Creations;
pub(super) use echo::recognise;
pub(crate) use queue::{Served, follow};
