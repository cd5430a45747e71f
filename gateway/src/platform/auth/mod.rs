//! From a bearer token to a [`Caller`].

mod caller;

pub use caller::{AccessRefused, Caller};
