//! Rooms of chat services, by their incoming webhooks.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::{ChannelError, Message, Undelivered};
use crate::platform::config::notifications::{self, RoomService};
use crate::platform::secret::Secret;

/// A room that can be written into.
#[derive(Debug)]
pub(super) struct Room {
    service: RoomService,
    url: Secret,
    client: Client,
}

impl Room {
    pub(super) fn open(config: &notifications::Room, patience: Duration) -> Result<Self, ChannelError> {
        let client =
            Client::builder().timeout(patience).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { service: config.service, url: config.url.clone(), client })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), Undelivered> {
        let body = match self.service {
            RoomService::Slack => slack(message),
            RoomService::Teams => teams(message),
        };
        let answer = self.client.post(self.url.reveal()).json(&body).send().await;
        // The error of a client names the address, which is a secret.
        let answer = answer.map_err(|error| said(false, None, error.without_url().to_string()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let after = answer.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok()?.parse().ok());
        let is_permanent = status.is_client_error()
            && status != StatusCode::TOO_MANY_REQUESTS
            && status != StatusCode::REQUEST_TIMEOUT;
        Err(said(is_permanent, after.map(Duration::from_secs), format!("the room answered {status}")))
    }
}

fn said(is_permanent: bool, retry_after: Option<Duration>, message: String) -> Undelivered {
    Undelivered { is_permanent, retry_after, message }
}

/// A message with a heading. Slack reads `&`, `<` and `>` as signs of its own.
fn slack(message: &Message) -> Value {
    let plain = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({ "text": format!("*{}*\n{}", plain(&message.subject), plain(&message.body)) })
}

/// An adaptive card, which is what workflows of Teams take.
fn teams(message: &Message) -> Value {
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [
                    { "type": "TextBlock", "text": message.subject, "weight": "Bolder", "wrap": true },
                    { "type": "TextBlock", "text": message.body, "wrap": true },
                ],
            },
        }],
    })
}
