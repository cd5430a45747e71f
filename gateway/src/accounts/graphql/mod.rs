//! Accounts in the API.

mod queries;
mod types;

pub use queries::{AccountQueries, by_id};
pub use types::Account;
