//! One message to somebody by one channel.

use domain::alerts::Urgency;
use domain::ids::NotificationId;
use domain::notifications::{NotificationChannel, NotificationState, NotificationTopic};
use sea_orm::entity::prelude::*;

/// One message to somebody by one channel.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationId,
    /// The same occasion, channel and recipient have the same fingerprint, so each is told once.
    pub fingerprint: String,
    pub topic: NotificationTopic,
    pub channel: NotificationChannel,
    /// A mail address, or the name of a room in the configuration.
    pub recipient: String,
    pub locale: String,
    /// What the text tells, as JSON.
    pub details: String,
    pub urgency: Urgency,
    pub state: NotificationState,
    /// Attempts that have failed, the one under way included.
    pub attempts: i32,
    /// When it is due; nothing is sent in quiet hours.
    pub next_attempt_at: DateTimeUtc,
    /// Until when somebody is sending it.
    pub leased_until: Option<DateTimeUtc>,
    /// What the channel said last when it did not take the message.
    pub error: Option<String>,
    pub created_at: DateTimeUtc,
    pub sent_at: Option<DateTimeUtc>,
    pub updated_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
