//! Batched reads for the nested fields of tasks.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::ReviewTaskId;
use entity::review::review_event;

use super::store;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::BatchLoad;
use crate::policies::{InForce, Policies};

/// What happened to tasks that the caller was shown, oldest first.
#[derive(Default)]
pub(super) struct EventsOf;

#[async_trait]
impl BatchLoad for EventsOf {
    type Key = ReviewTaskId;
    type Value = Arc<Vec<review_event::Model>>;

    async fn load(
        ctx: &RequestContext,
        ids: &[ReviewTaskId],
    ) -> Result<HashMap<ReviewTaskId, Arc<Vec<review_event::Model>>>> {
        let mut events: HashMap<ReviewTaskId, Vec<review_event::Model>> = HashMap::new();
        for event in store::events_of(ctx.read(), ids).await? {
            events.entry(event.task_id).or_default().push(event);
        }
        Ok(events.into_iter().map(|(id, it)| (id, Arc::new(it))).collect())
    }
}

/// The rules in force, read once for all tasks of a request.
#[derive(Default)]
pub(super) struct RulesInForce;

#[async_trait]
impl BatchLoad for RulesInForce {
    type Key = ();
    type Value = Arc<InForce>;

    async fn load(ctx: &RequestContext, _: &[()]) -> Result<HashMap<(), Arc<InForce>>> {
        let rules = ctx.shared::<Policies>().in_force(ctx.read()).await?;
        Ok(HashMap::from([((), rules)]))
    }
}

/// The rules in force.
pub(super) async fn rules(ctx: &RequestContext) -> Result<Arc<InForce>> {
    Ok(ctx.batch::<RulesInForce>().get(ctx, ()).await?.expect("there are always rules"))
}
