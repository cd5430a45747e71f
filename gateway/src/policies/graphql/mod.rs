//! Policies in the API; staff only.

mod dry_runs;
mod mutations;
mod queries;
mod types;

pub use mutations::PolicyMutations;
pub use queries::PolicyQueries;

use async_graphql::ID;
use uuid::Uuid;

use crate::error::{NotFound, Result};

/// The id behind a text of this API. What is no id is no version either.
fn id<Id: From<Uuid>>(text: &ID, what: &'static str) -> Result<Id> {
    Ok(Uuid::try_parse(text).map(Id::from).map_err(|_| NotFound(what))?)
}
