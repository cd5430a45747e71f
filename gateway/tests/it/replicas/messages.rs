//! Messages that become due one after another, and who hears them.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::alerts::Urgency;
use domain::ids::NotificationId;
use domain::notifications::{NotificationChannel, NotificationState, NotificationTopic};
use entity::notifications::notification::{Entity, Model};
use gateway::platform::clock::Clock;
use sea_orm::{DatabaseConnection, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::fleet::Fleet;
use crate::notifications::standins::ChatService;

/// Rooms: nobody writes into one twice within a second.
const ROOMS: usize = 10;
/// Between two that become due.
const EVERY: TimeDelta = TimeDelta::milliseconds(150);
/// Until all are heard.
const PATIENCE: Duration = Duration::from_secs(60);

/// Messages in the outbox.
pub struct Messages {
    chat: ChatService,
    count: usize,
}

impl Messages {
    /// Somebody who will hear.
    pub async fn expecting(count: usize) -> Self {
        Self { chat: ChatService::start().await, count }
    }

    /// A fleet that knows the rooms.
    pub fn told_by(&self, fleet: Fleet) -> Fleet {
        (0..ROOMS).fold(fleet, |fleet, room| {
            let section = format!("GATEWAY__NOTIFICATIONS__ROOMS__R{room}__");
            let fleet = fleet.with(&format!("{section}SERVICE"), "slack");
            fleet.with(&format!("{section}URL"), &self.chat.url(&format!("/r{room}")))
        })
    }

    /// Puts them into the outbox: due one after another from now on.
    pub async fn queue(&self, database: &DatabaseConnection) {
        let clock = Clock::default();
        let now = clock.now();
        let rows = (0..self.count).map(|place| {
            let id: NotificationId = clock.new_id();
            let details = json!({ "number": format!("#{place}#"), "partner": "極洋", "deadline": "2026-12-31",
                "endDate": "2027-03-31", "autoRenew": true });
            let row = Model {
                id,
                fingerprint: id.to_string(),
                topic: NotificationTopic::ContractReminder,
                channel: NotificationChannel::Slack,
                recipient: format!("r{}", place % ROOMS),
                locale: "ja".to_owned(),
                details: details.to_string(),
                urgency: Urgency::Urgent,
                state: NotificationState::Queued,
                attempts: 0,
                next_attempt_at: now + EVERY * i32::try_from(place).unwrap(),
                leased_until: None,
                error: None,
                created_at: now,
                sent_at: None,
                updated_at: now,
            };
            row.into_active_model()
        });
        Entity::insert_many(rows).exec(database).await.unwrap();
    }

    /// Waits until as many have been heard.
    pub async fn all_heard(&self) {
        let begun = Instant::now();
        while self.chat.heard().len() < self.count {
            assert!(begun.elapsed() < PATIENCE, "{} of {} were heard", self.chat.heard().len(), self.count);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How often each was heard.
    pub fn times(&self) -> Vec<usize> {
        let heard = self.chat.heard();
        let times = |place: usize| {
            let number = format!("#{place}#");
            heard.iter().filter(|(_, message)| message.to_string().contains(&number)).count()
        };
        (0..self.count).map(times).collect()
    }
}
