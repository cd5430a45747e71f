//! Deal registrations: a partner claims a deal, is protected while it works on it, and loses the protection by rules that it
//! was told of.
//!
//! Here: the form, handing it in one after another where several want one customer (`turn`), which account is meant
//! (`company`), what judging asks (`claims`), the decisions of people (`decisions`), what time does (`jobs`),
//! and who is told (`messages`). Not here: the life itself
//! (`domain::registrations`), who goes first (`conflicts`).

pub mod graphql;
pub mod jobs;
pub mod loader;
pub mod measured;
pub mod service;

mod access;
mod claims;
mod company;
mod decisions;
mod details;
mod erased;
mod links;
mod messages;
mod news;
mod state;
mod store;
mod submission;
mod turn;
