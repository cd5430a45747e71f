//! Telling listeners how runs go on.
//!
//! Here: saying so after each commit, and hearing of it in any replica. What is said is a nudge: which run to read again,
//! and where it is. A nudge that is lost costs time: every listener looks again by itself now and then.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::SyncRunId;
use domain::sync::SyncRunState;
use entity::sync::sync_run::{Column, Entity, Model};
use futures::{Stream, StreamExt as _, stream};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::service;
use crate::error::{NotFound, Result};
use crate::platform::cache::{Cache, Messages};
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::platform::database::Database;

/// Where progress is said.
const CHANNEL: &str = "sync-progress";
/// How often a listener looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How far back it looks.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(2);

/// The object that a run is reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Underway {
    /// The source's own name of it.
    pub name: String,
    /// How many records the reading has, where the source says so.
    pub total: Option<u64>,
    /// How many have been stored.
    pub read: u64,
}

/// What is said of a run.
#[derive(Debug, Serialize, Deserialize)]
struct Said {
    run: SyncRunId,
    object: Option<Underway>,
}

/// A run and where it is.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The run.
    pub run: Model,
    /// The object that it is reading.
    pub object: Option<Underway>,
}

/// Tells listeners that a run has gone on. Called after the commit; nobody fails because nobody hears.
pub(super) async fn announce(cache: &Cache, run: SyncRunId, object: Option<Underway>) {
    let text = serde_json::to_string(&Said { run, object }).expect("ids and numbers are JSON");
    if let Err(error) = cache.publish(CHANNEL, &text).await {
        tracing::debug!(%error, "listeners to runs are told later");
    }
}

/// Somebody who wants to know.
pub struct Listener {
    database: Database,
    clock: Clock,
    run: Option<SyncRunId>,
    system: Option<String>,
    messages: Messages,
    look: Interval,
    /// What was told of each run.
    told: HashMap<SyncRunId, (SyncRunState, DateTime<Utc>, i64)>,
    has_ended: bool,
}

impl Listener {
    /// Listens from now on, to one run or to all, of one source or of all.
    pub async fn new(ctx: &RequestContext, run: Option<SyncRunId>, system: Option<String>) -> Result<Self> {
        let messages = ctx.shared::<Cache>().subscribe(CHANNEL).await;
        if let Some(run) = run {
            service::find_run(&ctx.database, run).await?.ok_or(NotFound("run"))?;
        }
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Whoever names a run wants to know at once where it is; everybody else hears what comes.
        if run.is_none() {
            look.reset();
        }
        let (database, clock) = (ctx.database.clone(), ctx.clock.clone());
        Ok(Self { database, clock, run, system, messages, look, told: HashMap::new(), has_ended: false })
    }

    /// Runs as they go on.
    pub fn stream(self) -> impl Stream<Item = Progress> {
        let moved = stream::unfold(self, |mut listener| async move {
            if listener.has_ended {
                return None;
            }
            let moved = listener.next().await;
            Some((stream::iter(moved), listener))
        });
        moved.flatten()
    }

    async fn next(&mut self) -> Vec<Progress> {
        let said = tokio::select! {
            message = self.messages.next() => match message {
                Some(text) => serde_json::from_str::<Said>(&text).ok(),
                None => std::future::pending().await,
            },
            _ = self.look.tick() => None,
        };
        match self.read(said.as_ref().map(|it| it.run)).await {
            Ok(runs) => self.untold(runs, said),
            Err(error) => {
                tracing::warn!(%error, "a listener to runs looks again later");
                Vec::new()
            }
        }
    }

    /// The run that was named, or those that have moved lately.
    async fn read(&self, named: Option<SyncRunId>) -> Result<Vec<Model>> {
        let wanted = match named.or(self.run) {
            Some(run) => Condition::all().add(Column::Id.eq(run)),
            None => Condition::any()
                .add(Column::State.eq(SyncRunState::Running))
                .add(Column::EndedAt.gte(self.clock.now() - LOOK_BACK)),
        };
        let mut query = Entity::find().filter(wanted);
        if let Some(run) = self.run {
            query = query.filter(Column::Id.eq(run));
        }
        if let Some(system) = &self.system {
            query = query.filter(Column::System.eq(system.as_str()));
        }
        Ok(query.order_by_asc(Column::Id).all(self.database.read()).await?)
    }

    /// Those that have moved since they were told.
    fn untold(&mut self, runs: Vec<Model>, said: Option<Said>) -> Vec<Progress> {
        let oldest = self.clock.now() - LOOK_BACK - LOOK_BACK;
        self.told.retain(|_, told| told.0 == SyncRunState::Running || told.1 >= oldest);
        let object = said.and_then(|it| it.object);
        let mut moved = Vec::new();
        for run in runs {
            let now = (run.state, run.heartbeat_at, run.records_read);
            if self.told.insert(run.id, now) != Some(now) {
                self.has_ended |= self.run == Some(run.id) && run.state != SyncRunState::Running;
                moved.push(Progress { object: object.clone(), run });
            }
        }
        moved
    }
}
