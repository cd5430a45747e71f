//! Leads in the API.

mod mutations;
mod queries;
mod types;

use domain::ids::{GoldenId, PartnerId};
use entity::leads::golden_lead;

pub use mutations::{LeadMutations, LeadPayload};
pub use queries::{LeadQueries, by_id};
pub use types::Lead;

use super::loader::{LeadById, LeadsOfAccount, LeadsOfOpportunity, LeadsOfPartner};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::children::MAX_CHILDREN;

/// The newest leads of a partner.
pub async fn newest_of_partner(ctx: &RequestContext, id: PartnerId, first: i32) -> Result<Vec<Lead>> {
    Ok(shown(ctx, ctx.batch::<LeadsOfPartner>().get(ctx, id).await?, first))
}

/// The newest leads of an account.
pub async fn newest_of_account(ctx: &RequestContext, id: GoldenId, first: i32) -> Result<Vec<Lead>> {
    Ok(shown(ctx, ctx.batch::<LeadsOfAccount>().get(ctx, id).await?, first))
}

/// The newest leads that became an opportunity.
pub async fn newest_of_opportunity(ctx: &RequestContext, id: GoldenId, first: i32) -> Result<Vec<Lead>> {
    Ok(shown(ctx, ctx.batch::<LeadsOfOpportunity>().get(ctx, id).await?, first))
}

/// The lead that an edge leads to, if the caller sees it.
pub async fn at_edge(ctx: &RequestContext, id: Option<GoldenId>) -> Result<Option<Lead>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.batch::<LeadById>().get(ctx, id).await?.map(|row| Lead::new(ctx, row)))
}

fn shown(ctx: &RequestContext, rows: Option<Vec<golden_lead::Model>>, first: i32) -> Vec<Lead> {
    let limit = usize::try_from(first.clamp(0, MAX_CHILDREN)).expect("clamped to a positive number");
    rows.unwrap_or_default().into_iter().take(limit).map(|row| Lead::new(ctx, row)).collect()
}
