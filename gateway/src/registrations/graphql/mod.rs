//! Deal registrations in the API.

mod history;
mod inputs;
mod mutations;
mod queries;
mod subscription;
mod types;

pub use mutations::RegistrationMutations;
pub use queries::{RegistrationQueries, by_id};
pub use subscription::RegistrationSubscription;
pub use types::DealRegistration;

use domain::ids::RegistrationId;

use super::loader::RegistrationById;
use crate::error::Result;
use crate::platform::context::RequestContext;

/// The registration that an edge leads to, if the caller sees it.
pub async fn at_edge(ctx: &RequestContext, id: RegistrationId) -> Result<Option<DealRegistration>> {
    Ok(ctx.batch::<RegistrationById>().get(ctx, id).await?.map(DealRegistration::from))
}
