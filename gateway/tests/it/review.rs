//! The review queue: what is asked, shown, claimed, decided and told.

mod access;
mod claims;
mod command_line;
mod decide;
mod given;
mod propose;
mod queue;
mod stream;
