//! Accounts in the API.

mod queries;
mod types;

use domain::ids::GoldenId;
use entity::accounts::golden_account::Entity;
use mastering::history::AsOf;

pub use queries::{AccountQueries, by_id};
pub use types::Account;

use super::loader::AccountById;
use crate::error::Result;
use crate::golden::history::loader::PastOf;
use crate::platform::context::RequestContext;

/// The account at the end of an edge, as of the same time as the record that the edge begins at.
pub async fn at_edge(
    ctx: &RequestContext,
    id: Option<GoldenId>,
    as_of: Option<AsOf>,
) -> Result<Option<Account>> {
    Ok(match (id, as_of) {
        (None, _) => None,
        (Some(id), None) => ctx.batch::<AccountById>().get(ctx, id).await?.map(Account::from),
        (Some(id), Some(as_of)) => {
            ctx.batch::<PastOf<Entity>>().get(ctx, (as_of, id)).await?.map(Account::past)
        }
    })
}
