//! Keys of integration jobs, and tokens that do not count any more.

pub mod api_key;
pub mod token_revocation;
