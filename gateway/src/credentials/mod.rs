//! What proves who is there, beside the tokens of issuers: keys of integration jobs, and tokens that do not count any more.
//!
//! Here: making and ending keys, revoking tokens, what every replica knows of both (`standing`).
//! Not here: how a token is checked (`platform::auth`), what a caller may do (`domain::access`).

pub mod graphql;
pub mod service;
pub mod standing;
mod store;
