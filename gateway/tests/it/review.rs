//! The review queue: what is asked, shown, claimed, decided and told.

mod access;
mod claims;
mod decide;
mod given;
mod propose;
mod queue;
mod stream;
