//! Delivering, at least once and in order.
//!
//! Here: batches, signatures, trying again until a delivery is taken. Not here: what it says (`form`).

use std::sync::Weak;
use std::time::Duration;

use aws_lc_rs::hmac;

use super::feed::ChangeEvent;
use super::form;
use super::{PushForm, Webhook};
use crate::error::Error;
use crate::org::journal::Operation;
use crate::state::State;

/// The most events in one delivery.
const MOST_AT_ONCE: usize = 100;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// One subscriber's courier.
struct Courier {
    state: Weak<State>,
    http: reqwest::Client,
    webhook: Webhook,
    subscription: usize,
    deliveries: u32,
}

pub(super) fn start(state: Weak<State>, webhook: Webhook, subscription: usize) -> Result<(), Error> {
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
    let http = http.map_err(|source| Error::Webhook { url: webhook.url.clone(), source })?;
    tokio::spawn(Courier { state, http, webhook, subscription, deliveries: 0 }.run());
    Ok(())
}

impl Courier {
    async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        while let Some(events) = self.next_batch().await {
            match self.deliver(&events).await {
                true => {
                    pause = FIRST_PAUSE;
                    let Some(state) = self.state.upgrade() else { return };
                    state.org_mut().feed.taken(self.subscription, events[events.len() - 1].replay_id);
                }
                false => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Waits for events; `None` when the sandbox has ended.
    async fn next_batch(&self) -> Option<Vec<ChangeEvent>> {
        loop {
            let news = self.state.upgrade()?.org().feed.news.clone();
            let notified = news.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            let waiting = self.state.upgrade()?.org().feed.waiting(self.subscription, MOST_AT_ONCE);
            if !waiting.is_empty() {
                return Some(self.one_delivery(waiting));
            }
            // Whether there was news or only time has passed, the next round looks.
            let _ = tokio::time::timeout(Duration::from_secs(1), notified).await;
        }
    }

    /// An outbound message is about one object.
    fn one_delivery(&self, mut events: Vec<ChangeEvent>) -> Vec<ChangeEvent> {
        if self.webhook.form == PushForm::OutboundMessages {
            let object = events[0].id.object;
            let alike = events.iter().take_while(|it| it.id.object == object).count();
            events.truncate(alike);
        }
        events
    }

    /// Whether the events were taken.
    async fn deliver(&mut self, events: &[ChangeEvent]) -> bool {
        self.deliveries += 1;
        let is_nth = |n: u32| n > 0 && self.deliveries.is_multiple_of(n);
        if is_nth(self.webhook.lose_every) {
            return true;
        }
        let times = if is_nth(self.webhook.repeat_every) { 2 } else { 1 };
        let mut is_taken = true;
        for _ in 0..times {
            is_taken &= match self.webhook.form {
                PushForm::ChangeEvents => self.send_events(events).await,
                PushForm::OutboundMessages => self.send_message(events).await,
            };
        }
        is_taken
    }

    async fn send_events(&self, events: &[ChangeEvent]) -> bool {
        let Some(state) = self.state.upgrade() else { return false };
        let body = form::change_events(events);
        let timestamp = state.clock.seconds().to_string();
        let mut request = self.http.post(&self.webhook.url).header("Content-Type", "application/json");
        let (first, last) = (events[0].replay_id, events[events.len() - 1].replay_id);
        let name = format!("{}-{first}-{last}", self.subscription);
        request = request.header("X-Webhook-Id", &name).header("X-Webhook-Timestamp", &timestamp);
        if let Some(secret) = &self.webhook.secret {
            request = request.header("X-Webhook-Signature", signature(secret, [&name, &timestamp, &body]));
        }
        drop(state);
        request.body(body).send().await.is_ok_and(|it| it.status().is_success())
    }

    /// Deletions are not told; a delivery of nothing else is taken at once.
    async fn send_message(&self, events: &[ChangeEvent]) -> bool {
        let Some(state) = self.state.upgrade() else { return false };
        let told: Vec<ChangeEvent> =
            events.iter().filter(|it| it.operation != Operation::Delete).cloned().collect();
        if told.is_empty() {
            return true;
        }
        let body = form::outbound_message(&state, self.subscription, &told);
        drop(state);
        let request = self.http.post(&self.webhook.url).header("Content-Type", "text/xml; charset=utf-8");
        let request = request.header("SOAPAction", "\"\"").body(body);
        let Ok(answer) = request.send().await else { return false };
        let is_success = answer.status().is_success();
        let text = answer.text().await.unwrap_or_default();
        is_success && text.replace(char::is_whitespace, "").contains("Ack>true</")
    }
}

/// `sha256=` and the HMAC of `name.timestamp.body` in hexadecimal digits.
fn signature(secret: &str, signed: [&str; 3]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, signed.join(".").as_bytes());
    let digits: String = tag.as_ref().iter().map(|it| format!("{it:02x}")).collect();
    format!("sha256={digits}")
}
