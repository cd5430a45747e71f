//! Opportunities in the API.

mod queries;
mod types;

use domain::ids::{GoldenId, PartnerId};
use entity::opportunities::golden_opportunity::{Entity, Model};
use mastering::history::AsOf;

pub use queries::{OpportunityQueries, by_id};
pub use types::{Money, Opportunity};

use super::loader::{OpportunitiesOfAccount, OpportunitiesOfPartner, OpportunityById};
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
    Ok(shown(ctx, ctx.batch::<OpportunitiesOfAccount>().get(ctx, id).await?, first))
}

/// The newest opportunities that a partner brought.
pub async fn newest_of_partner(ctx: &RequestContext, id: PartnerId, first: i32) -> Result<Vec<Opportunity>> {
    Ok(shown(ctx, ctx.batch::<OpportunitiesOfPartner>().get(ctx, id).await?, first))
}

fn shown(ctx: &RequestContext, rows: Option<Vec<Model>>, first: i32) -> Vec<Opportunity> {
    let limit = usize::try_from(first.clamp(0, MAX_CHILDREN)).expect("clamped to a positive number");
    rows.unwrap_or_default().into_iter().take(limit).map(|row| Opportunity::new(ctx, row)).collect()
}
