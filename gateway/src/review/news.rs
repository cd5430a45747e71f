//! Telling listeners that tasks have moved.
//!
//! Here: saying so after a commit, and hearing of it in any replica. What is said is a nudge: which task to read again.
//! A nudge that is lost costs time, never a task: every listener looks again by itself now and then.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::ReviewTaskId;
use entity::review::review_task::{Column, Entity, Model};
use futures::{Stream, StreamExt as _, stream};
use sea_orm::sea_query::{Condition, IntoCondition as _};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::access;
use crate::platform::auth::Caller;
use crate::platform::cache::{Cache, Messages};
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::platform::database::Database;

/// Where changes are said.
const CHANNEL: &str = "review-tasks";
/// Ids in one message, and tasks that a listener reads at once.
const MOST_AT_ONCE: usize = 500;
/// How often a listener looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How far back it looks: transactions may take a while from their instant to their commit.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(2);

/// Tells listeners which tasks moved at that instant. Called after the commit; nobody fails because nobody hears.
pub async fn announce(database: &Database, cache: &Cache, moved_at: DateTime<Utc>) {
    let moved = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UpdatedAt.eq(moved_at))
        .into_tuple::<ReviewTaskId>();
    let ids = match moved.all(database.read()).await {
        Ok(ids) => ids,
        Err(error) => return tracing::warn!(%error, "listeners to the review queue are told later"),
    };
    for chunk in ids.chunks(MOST_AT_ONCE) {
        let text = serde_json::to_string(chunk).expect("ids are texts");
        if let Err(error) = cache.publish(CHANNEL, &text).await {
            return tracing::warn!(%error, "listeners to the review queue are told later");
        }
    }
}

/// The same for what a request has just committed.
pub async fn announce_request(ctx: &RequestContext) {
    announce(&ctx.database, &ctx.shared::<Cache>(), ctx.now).await;
}

/// Somebody who wants to know.
pub(super) struct Listener {
    database: Database,
    caller: Caller,
    clock: Clock,
    condition: Condition,
    messages: Messages,
    look: Interval,
    /// What was told of each task, as far back as the listener looks.
    told: HashMap<ReviewTaskId, DateTime<Utc>>,
}

impl Listener {
    /// Listens from now on for tasks that the caller sees and that meet the condition.
    pub(super) async fn new(ctx: &RequestContext, condition: Condition) -> Self {
        let messages = ctx.shared::<Cache>().subscribe(CHANNEL).await;
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // What has moved before now is no news.
        look.reset();
        Self {
            database: ctx.database.clone(),
            caller: ctx.caller.clone(),
            clock: ctx.clock.clone(),
            condition,
            messages,
            look,
            told: HashMap::new(),
        }
    }

    /// Tasks as they move.
    pub(super) fn stream(self) -> impl Stream<Item = Model> {
        let begun = self.clock.now();
        let moved = stream::unfold((self, begun), |(mut listener, begun)| async move {
            let moved = listener.next(begun).await;
            Some((stream::iter(moved), (listener, begun)))
        });
        moved.flatten()
    }

    async fn next(&mut self, begun: DateTime<Utc>) -> Vec<Model> {
        let wanted = tokio::select! {
            message = self.messages.next() => match message {
                Some(text) => named(&text),
                None => std::future::pending().await,
            },
            _ = self.look.tick() => self.recent(begun),
        };
        match self.read(wanted).await {
            Ok(tasks) => self.untold(tasks),
            Err(error) => {
                tracing::warn!(%error, "a listener to the review queue looks again later");
                Vec::new()
            }
        }
    }

    fn recent(&self, begun: DateTime<Utc>) -> Condition {
        Column::UpdatedAt.gte((self.clock.now() - LOOK_BACK).max(begun)).into_condition()
    }

    async fn read(&self, wanted: Condition) -> Result<Vec<Model>, DbErr> {
        access::visible_to(&self.caller)
            .filter(wanted)
            .filter(self.condition.clone())
            .order_by_asc(Column::UpdatedAt)
            .order_by_asc(Column::Id)
            .limit(MOST_AT_ONCE as u64)
            .all(self.database.read())
            .await
    }

    /// Those that have moved since they were told.
    fn untold(&mut self, tasks: Vec<Model>) -> Vec<Model> {
        let oldest = self.clock.now() - LOOK_BACK - LOOK_BACK;
        self.told.retain(|_, at| *at >= oldest);
        tasks.into_iter().filter(|it| self.told.insert(it.id, it.updated_at) != Some(it.updated_at)).collect()
    }
}

fn named(text: &str) -> Condition {
    let ids: Vec<ReviewTaskId> = serde_json::from_str(text).unwrap_or_default();
    Column::Id.is_in(ids).into_condition()
}
