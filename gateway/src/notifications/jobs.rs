//! Sending what is due: taken under a lease, sent outside every transaction, and noted.
//!
//! A sender that dies between sending and noting leaves a message that is sent again when its lease has ended: told twice
//! rather than never. Mails carry the same id then.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alerts::Urgency;
use domain::notifications::{NotificationState, wait_after};
use entity::notifications::notification::Model;
use tokio::time::{Instant, sleep_until};

use super::{service, store, words};
use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::platform::notify::{Channels, Message, PATIENCE, Undelivered};

/// Name of the job.
pub const SEND: &str = "notifications.send";

/// Messages taken at once.
const AT_ONCE: u64 = 20;
/// Between two messages to one recipient: what chat services take.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a sender has for them.
const LEASE: TimeDelta = TimeDelta::minutes(10);
const _: () = assert!(AT_ONCE * (PATIENCE.as_secs() + PAUSE.as_secs()) < LEASE.num_seconds().unsigned_abs());

/// Sends all that is due. A message that fails us does not keep the others waiting: it is due again when its lease has ended.
pub async fn send(ctx: &RequestContext) -> Result<()> {
    let channels = ctx.shared::<Channels>();
    let mut told: HashMap<String, Instant> = HashMap::new();
    let mut outcome = Ok(());
    loop {
        let now = ctx.clock.now();
        // What was due before the night waits for the morning, if nobody sent it in time.
        let is_quiet = service::due(ctx, now, Urgency::Normal)? > now;
        let lease = store::Lease { now, until: now + LEASE, only_urgent: is_quiet, most: AT_ONCE };
        let due = store::lease(&ctx.database, lease).await?;
        if due.is_empty() {
            return outcome;
        }
        for row in due {
            if let Some(last) = told.get(&row.recipient) {
                sleep_until(*last + PAUSE).await;
            }
            told.insert(row.recipient.clone(), Instant::now());
            let id = row.id;
            let done = attempt(ctx, &channels, row).await;
            if let Err(error) = &done {
                tracing::warn!(notification.id = %id, code = error.code(), "a message is left for another turn");
            }
            outcome = outcome.and(done);
        }
    }
}

/// Tries to send a message, and notes how that went.
async fn attempt(ctx: &RequestContext, channels: &Channels, row: Model) -> Result<()> {
    let sent = match message(&row) {
        Ok(message) => channels.send(row.channel, &row.recipient, &message).await,
        Err(error) => {
            tracing::error!(notification.id = %row.id, cause = ?error.cause(), "a message has no words");
            let message = "its words need a detail that it does not have".to_owned();
            Err(Undelivered { is_permanent: true, retry_after: None, message })
        }
    };
    Ok(store::save(ctx.read(), noted(ctx, row, sent, ctx.clock.now())?).await?)
}

fn message(row: &Model) -> Result<Message> {
    let details = serde_json::from_str(&row.details).map_err(Error::internal)?;
    let words = words::of(row.topic, &row.locale, &details)?;
    Ok(Message { id: row.id.into(), subject: words.subject, body: words.body })
}

/// The message as it stands after an attempt.
fn noted(
    ctx: &RequestContext,
    row: Model,
    sent: std::result::Result<(), Undelivered>,
    now: DateTime<Utc>,
) -> Result<Model> {
    let row = Model { leased_until: None, updated_at: now, ..row };
    let Err(undelivered) = sent else {
        return Ok(Model { state: NotificationState::Sent, sent_at: Some(now), error: None, ..row });
    };
    tracing::info!(channel = row.channel.code(), attempts = row.attempts, "a message was not taken");
    let wanted = undelivered.retry_after.and_then(|it| TimeDelta::from_std(it).ok());
    let wait = wait_after(row.attempts).filter(|_| !undelivered.is_permanent);
    let error = Some(undelivered.message);
    let Some(wait) = wait else { return Ok(Model { state: NotificationState::Dead, error, ..row }) };
    let next_attempt_at = service::due(ctx, now + wait.max(wanted.unwrap_or_default()), row.urgency)?;
    Ok(Model { state: NotificationState::Failed, next_attempt_at, error, ..row })
}
