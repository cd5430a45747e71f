//! Batched reads for the nested fields of tasks.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ids::ReviewTaskId;
use entity::review::review_event;

use super::store;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::{BatchLoad, Loaded, groups_by};
use crate::policies::{InForce, Policies};

/// What happened to tasks that the caller was shown, oldest first.
#[derive(Default)]
pub(super) struct EventsOf;

impl BatchLoad for EventsOf {
    type Key = ReviewTaskId;
    type Value = Arc<Vec<review_event::Model>>;

    async fn load(ctx: &RequestContext, ids: &[ReviewTaskId]) -> Loaded<Self> {
        let events = groups_by(store::events_of(ctx.read(), ids).await?, |it| it.task_id);
        Ok(events.into_iter().map(|(id, it)| (id, Arc::new(it))).collect())
    }
}

/// The rules in force, read once for all tasks of a request.
#[derive(Default)]
pub(super) struct RulesInForce;

impl BatchLoad for RulesInForce {
    type Key = ();
    type Value = Arc<InForce>;

    async fn load(ctx: &RequestContext, _: &[()]) -> Loaded<Self> {
        let rules = ctx.shared::<Policies>().in_force(ctx.read()).await?;
        Ok(HashMap::from([((), rules)]))
    }
}

/// The rules in force.
pub(super) async fn rules(ctx: &RequestContext) -> Result<Arc<InForce>> {
    Ok(ctx.batch::<RulesInForce>().get(ctx, ()).await?.expect("there are always rules"))
}
