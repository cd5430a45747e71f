//! Opportunities in the API.

mod queries;
mod types;

use domain::ids::GoldenId;
use entity::opportunities::golden_opportunity::Entity;
use mastering::history::AsOf;

pub use queries::{OpportunityQueries, by_id};
pub use types::{Money, Opportunity};

use super::loader::{OpportunitiesOfAccount, OpportunityById};
use crate::error::Result;
use crate::golden::history::loader::PastOf;
use crate::platform::context::RequestContext;
use crate::platform::graphql::children::MAX_CHILDREN;

/// The opportunity at the end of an edge, as of the same time as the record that the edge begins at.
pub async fn at_edge(
    ctx: &RequestContext,
    id: Option<GoldenId>,
    as_of: Option<AsOf>,
) -> Result<Option<Opportunity>> {
    Ok(match (id, as_of) {
        (None, _) => None,
        (Some(id), None) => {
            ctx.batch::<OpportunityById>().get(ctx, id).await?.map(|row| Opportunity::new(ctx, row))
        }
        (Some(id), Some(as_of)) => {
            let past = ctx.batch::<PastOf<Entity>>().get(ctx, (as_of, id)).await?;
            past.map(|it| Opportunity::past(ctx, it))
        }
    })
}

/// The newest opportunities of an account.
pub async fn newest_of_account(ctx: &RequestContext, id: GoldenId, first: i32) -> Result<Vec<Opportunity>> {
    let limit = usize::try_from(first.clamp(0, MAX_CHILDREN)).expect("clamped to a positive number");
    let rows = ctx.batch::<OpportunitiesOfAccount>().get(ctx, id).await?.unwrap_or_default();
    Ok(rows.into_iter().take(limit).map(|row| Opportunity::new(ctx, row)).collect())
}
