//! Contacts in the API.

mod queries;
mod types;

use domain::ids::GoldenId;

pub use queries::{ContactQueries, by_id};
pub use types::Contact;

use super::loader::ContactsOfAccount;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::children::MAX_CHILDREN;

/// The newest contacts of an account.
pub async fn newest_of_account(ctx: &RequestContext, id: GoldenId, first: i32) -> Result<Vec<Contact>> {
    let limit = usize::try_from(first.clamp(0, MAX_CHILDREN)).expect("clamped to a positive number");
    let rows = ctx.batch::<ContactsOfAccount>().get(ctx, id).await?.unwrap_or_default();
    Ok(rows.into_iter().take(limit).map(Contact::from).collect())
}
