//! Telling listeners what happened to registrations.
//!
//! Here: saying so after a commit, and hearing of it in any replica. What is said is a nudge to look at the history; a nudge
//! that is lost costs time, never news: every listener looks again by itself now and then.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{RegistrationEventId, RegistrationId};
use domain::registrations::RegistrationStep;
use entity::registrations::{deal_registration, registration_event};
use futures::{Stream, StreamExt as _, stream};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::access;
use crate::platform::auth::Caller;
use crate::platform::cache::{Cache, Messages};
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::platform::database::{Database, among};

/// Where it is said that something happened.
const CHANNEL: &str = "deal-registrations";
/// Events that a listener reads at once.
const MOST_AT_ONCE: u64 = 500;
/// How often a listener looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How far back it looks: transactions may take a while from their instant to their commit.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(2);

/// Tells listeners that something happened. Called after the commit; nobody fails because nobody hears.
pub async fn announce(ctx: &RequestContext) {
    if let Err(error) = ctx.shared::<Cache>().publish(CHANNEL, "look").await {
        tracing::warn!(%error, "listeners to registrations are told later");
    }
}

/// Something that happened to a registration that the listener sees.
pub(super) struct News {
    pub(super) event: registration_event::Model,
    pub(super) registration: deal_registration::Model,
}

/// Somebody who wants to know.
pub(super) struct Listener {
    database: Database,
    caller: Caller,
    clock: Clock,
    steps: &'static [RegistrationStep],
    messages: Messages,
    look: Interval,
    /// What was told, as far back as the listener looks.
    told: HashMap<RegistrationEventId, DateTime<Utc>>,
}

impl Listener {
    /// Listens from now on for these steps of registrations that the caller sees.
    pub(super) async fn new(ctx: &RequestContext, steps: &'static [RegistrationStep]) -> Self {
        let messages = ctx.shared::<Cache>().subscribe(CHANNEL).await;
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.reset();
        Self {
            database: ctx.database.clone(),
            caller: ctx.caller.clone(),
            clock: ctx.clock.clone(),
            steps,
            messages,
            look,
            told: HashMap::new(),
        }
    }

    /// What happens.
    pub(super) fn stream(self) -> impl Stream<Item = News> {
        let begun = self.clock.now();
        let news = stream::unfold((self, begun), |(mut listener, begun)| async move {
            let news = listener.next(begun).await;
            Some((stream::iter(news), (listener, begun)))
        });
        news.flatten()
    }

    async fn next(&mut self, begun: DateTime<Utc>) -> Vec<News> {
        tokio::select! {
            message = self.messages.next() => if message.is_none() {
                std::future::pending::<()>().await;
            },
            _ = self.look.tick() => {}
        }
        let since = (self.clock.now() - LOOK_BACK).max(begun);
        match self.read(since).await {
            Ok(news) => self.untold(news),
            Err(error) => {
                tracing::warn!(%error, "a listener to registrations looks again later");
                Vec::new()
            }
        }
    }

    async fn read(&self, since: DateTime<Utc>) -> Result<Vec<News>, DbErr> {
        use registration_event::Column;
        let db = self.database.read();
        let events = registration_event::Entity::find()
            .filter(Column::At.gte(since))
            .filter(Column::Step.is_in(self.steps.iter().copied()))
            .order_by_asc(Column::Id)
            .limit(MOST_AT_ONCE)
            .all(db)
            .await?;
        let of = among(db, deal_registration::Column::Id, events.iter().map(|it| it.registration_id));
        let seen = access::visible_to(&self.caller).filter(of).all(db).await?;
        let seen: HashMap<RegistrationId, deal_registration::Model> =
            seen.into_iter().map(|it| (it.id, it)).collect();
        let news = |event: registration_event::Model| {
            let registration = seen.get(&event.registration_id)?.clone();
            Some(News { event, registration })
        };
        Ok(events.into_iter().filter_map(news).collect())
    }

    /// What was not told before.
    fn untold(&mut self, news: Vec<News>) -> Vec<News> {
        let oldest = self.clock.now() - LOOK_BACK - LOOK_BACK;
        self.told.retain(|_, at| *at >= oldest);
        news.into_iter().filter(|it| self.told.insert(it.event.id, it.event.at).is_none()).collect()
    }
}
