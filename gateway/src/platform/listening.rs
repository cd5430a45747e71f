//! Listening to what happens, in any replica: a nudge says that it is worth looking, and looking reads the store.
//!
//! Here: nudging after a commit, looking again now and then, telling nothing twice. Not here: what there is to read; each
//! feed of a feature knows. A nudge that is lost costs time, never news.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{Stream, StreamExt as _, stream};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::auth::Caller;
use super::cache::{Cache, Messages};
use super::clock::Clock;
use super::context::RequestContext;
use super::database::Database;

/// How often a listener looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How far back it looks: transactions may take a while from their instant to their commit.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(2);
/// News that a listener reads at once.
pub const MOST_AT_ONCE: u64 = 500;

/// Something that can be listened to.
pub trait Feed: Send + Sync + 'static {
    /// One thing that happened.
    type News: Send;
    /// By which it is told once.
    type Id: Copy + Eq + Hash + Send;
    /// Where it is said that something happened.
    const CHANNEL: &'static str;

    /// What happened at an instant or later, as far as the caller sees it, in its order.
    fn read(
        &self,
        db: &DatabaseConnection,
        caller: &Caller,
        since: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<Self::News>, DbErr>> + Send;

    /// What it was, and when.
    fn stamp(news: &Self::News) -> (Self::Id, DateTime<Utc>);
}

/// Tells listeners that something happened. Called after the commit; nobody fails because nobody hears.
pub async fn nudge<F: Feed>(ctx: &RequestContext) {
    if let Err(error) = ctx.shared::<Cache>().publish(F::CHANNEL, "look").await {
        tracing::warn!(%error, channel = F::CHANNEL, "listeners are told later");
    }
}

/// Hears what happens from now on, as far as the caller sees it.
pub async fn listen<F: Feed>(ctx: &RequestContext, feed: F) -> impl Stream<Item = F::News> + use<F> {
    let messages = ctx.shared::<Cache>().subscribe(F::CHANNEL).await;
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // What happened before now is no news.
    look.reset();
    let (database, clock) = (ctx.database.clone(), ctx.clock.clone());
    let (caller, begun) = (ctx.caller.clone(), ctx.clock.now());
    let listener = Listener { database, caller, clock, feed, messages, look, begun, told: HashMap::new() };
    let news = stream::unfold(listener, |mut listener| async move {
        let news = listener.next().await;
        Some((stream::iter(news), listener))
    });
    news.flatten()
}

/// Somebody who wants to know.
struct Listener<F: Feed> {
    database: Database,
    caller: Caller,
    clock: Clock,
    feed: F,
    messages: Messages,
    look: Interval,
    begun: DateTime<Utc>,
    /// What was told, as far back as the listener looks.
    told: HashMap<F::Id, DateTime<Utc>>,
}

impl<F: Feed> Listener<F> {
    async fn next(&mut self) -> Vec<F::News> {
        tokio::select! {
            message = self.messages.next() => if message.is_none() {
                std::future::pending::<()>().await;
            },
            _ = self.look.tick() => {}
        }
        let since = (self.clock.now() - LOOK_BACK).max(self.begun);
        match self.feed.read(self.database.read(), &self.caller, since).await {
            Ok(news) => self.untold(news),
            Err(error) => {
                tracing::warn!(%error, channel = F::CHANNEL, "a listener looks again later");
                Vec::new()
            }
        }
    }

    /// What was not told before.
    fn untold(&mut self, news: Vec<F::News>) -> Vec<F::News> {
        let oldest = self.clock.now() - LOOK_BACK - LOOK_BACK;
        self.told.retain(|_, at| *at >= oldest);
        let is_new = |it: &F::News| {
            let (id, at) = F::stamp(it);
            self.told.insert(id, at).is_none()
        };
        news.into_iter().filter(is_new).collect()
    }
}
