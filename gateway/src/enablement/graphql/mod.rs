//! Support content in the API.

mod inputs;
mod mutations;
mod queries;
mod types;

pub use mutations::EnablementMutations;
pub use queries::{EnablementQueries, asset_by_id, assignment_by_id, package_by_id, version_by_id};
pub use types::{AssetVersion, EnablementAsset, SupportAssignment, SupportPackage};

use domain::ids::AssetVersionId;

use super::loader::VersionById;
use crate::error::Result;
use crate::platform::context::RequestContext;

/// The version at the end of an edge, if the caller sees it.
pub async fn version_at_edge(ctx: &RequestContext, id: AssetVersionId) -> Result<Option<AssetVersion>> {
    Ok(ctx.batch::<VersionById>().get(ctx, id).await?.map(AssetVersion::from))
}
