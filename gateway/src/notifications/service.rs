//! Use cases: telling people, and trying again what could not be sent.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::alerts::{QuietHours, Urgency};
use domain::calendar::Calendar;
use domain::ids::NotificationId;
use domain::notifications::{NotificationChannel, NotificationState, NotificationTopic};
use domain::text::Language;
use entity::notifications::notification::{Column, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, Select};
use serde_json::{Value, json};

use super::{store, words};
use crate::error::{NotFound, Refusal, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::platform::notify::Channels;

/// Something that people are told.
#[derive(Debug, Clone)]
pub struct News {
    /// What it is about.
    pub topic: NotificationTopic,
    /// Stands for this occasion: each recipient is told once of it.
    pub occasion: String,
    /// Whether it can wait for the morning.
    pub urgency: Urgency,
    /// What the words tell.
    pub details: Value,
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// The vendor's people, wherever the configuration says.
    Staff,
    /// Somebody by mail, in their language.
    Person {
        /// Their address.
        address: String,
        /// Their language.
        locale: String,
    },
}

/// Why something cannot be done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum NotificationRefusal {
    /// It has arrived, or will be tried without being asked.
    #[error("only messages that were given up are sent again; this one was sent or still waits")]
    NotificationNotDead,
}

impl Refusal for NotificationRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Queues a message to each recipient, in the caller's transaction: it is sent if that is committed. What has no channel in
/// the configuration goes nowhere.
pub async fn tell(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    recipients: &[Recipient],
    news: &News,
) -> Result<()> {
    let channels = ctx.shared::<Channels>();
    let mut rows = Vec::new();
    for recipient in recipients {
        match recipient {
            Recipient::Staff => {
                let locale = channels.staff_locale();
                for to in channels.staff() {
                    rows.push(row(ctx, news, to, locale)?);
                }
            }
            Recipient::Person { address, locale } if channels.has_mail() => {
                rows.push(row(ctx, news, (NotificationChannel::Email, address), locale)?);
            }
            Recipient::Person { .. } => {}
        }
    }
    Ok(store::insert(txn, rows).await?)
}

/// A detail that each language says in its own words: `{{ decision.ja }}`.
pub fn in_both<T: Into<Value>>(label: impl Fn(Language) -> T) -> Value {
    json!({ "ja": label(Language::Ja).into(), "en": label(Language::En).into() })
}

fn row(
    ctx: &RequestContext,
    news: &News,
    (channel, recipient): (NotificationChannel, &str),
    locale: &str,
) -> Result<Model> {
    // A text that lacks a detail is found where it is written, not by whoever sends it.
    words::of(news.topic, locale, &news.details)?;
    let told = [news.topic.code(), &news.occasion, channel.code(), recipient].join("\u{1f}");
    Ok(Model {
        id: ctx.clock.new_id(),
        fingerprint: blake3::hash(told.as_bytes()).to_hex().to_string(),
        topic: news.topic,
        channel,
        recipient: recipient.to_owned(),
        locale: locale.to_owned(),
        details: news.details.to_string(),
        urgency: news.urgency,
        state: NotificationState::Queued,
        attempts: 0,
        next_attempt_at: due(ctx, ctx.now, news.urgency)?,
        leased_until: None,
        error: None,
        created_at: ctx.now,
        sent_at: None,
        updated_at: ctx.now,
    })
}

/// The first instant from one on that is not in quiet hours.
pub(super) fn due(ctx: &RequestContext, at: DateTime<Utc>, urgency: Urgency) -> Result<DateTime<Utc>> {
    let calendar = ctx.shared::<Calendar>();
    Ok(QuietHours::default().send_at(at, urgency, &calendar)?)
}

/// Messages in some of these states, all when there are none.
pub fn in_states(ctx: &RequestContext, states: &[NotificationState]) -> Result<Select<store::Entity>> {
    ctx.caller.require(Permission::ManageNotifications)?;
    let all = store::all();
    Ok(if states.is_empty() { all } else { all.filter(Column::State.is_in(states.iter().copied())) })
}

/// Lets a message that was given up be tried again.
pub async fn send_again(ctx: &RequestContext, key: Option<&str>, id: NotificationId) -> Result<Model> {
    ctx.caller.require(Permission::ManageNotifications)?;
    let once = Once::new(key, "sendNotificationAgain", &id)?;
    let txn = ctx.begin().await?;
    let row = store::lock(&txn, id).await?.ok_or(NotFound("notification"))?;
    if once.earlier::<NotificationId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    if row.state != NotificationState::Dead {
        return Err(NotificationRefusal::NotificationNotDead.into());
    }
    let next_attempt_at = due(ctx, ctx.now, row.urgency)?;
    let row =
        Model { state: NotificationState::Queued, attempts: 0, next_attempt_at, updated_at: ctx.now, ..row };
    store::save(&txn, row.clone()).await?;
    let detail = json!({ "topic": row.topic, "channel": row.channel });
    let (action, target_kind) = ("notifications.send_again", "Notification");
    audit::record(&txn, ctx, AuditEvent { action, target_kind, target_id: id.into(), detail }).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(row)
}
