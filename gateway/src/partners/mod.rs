//! Partners and the people who log in for them: owned here, not mirrored.
//!
//! Here: who may see and change them, and that a partner exists once. Not here: the life of a partner and what its
//! numbers look like (`domain::partners`), customers that a partner works (`leads`, `opportunities`).

pub mod graphql;
pub mod guards;
pub mod loader;
pub mod measured;
pub mod prospects;
pub mod service;
pub mod users;

mod store;
