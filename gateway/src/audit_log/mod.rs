//! Who changed what, for those who have to answer for it.
//!
//! Here: reading the log. Not here: writing it; each change does, in its own transaction (`platform::audit`).

pub mod graphql;
