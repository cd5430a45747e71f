//! From a channel of a Redis server to the listeners of this process: one connection for each channel.
//!
//! It lives as long as somebody listens, and connects again when the server comes back. What is said meanwhile is
//! lost, as channels may.

use std::sync::Arc;
use std::time::Duration;

use ::redis::{Client, RedisError};
use futures::StreamExt as _;
use tokio::sync::watch;
use tokio::time::timeout;

use super::channels::Channels;

/// Between two attempts to reach the server, and between two looks whether anybody still listens.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Relay {
    pub(super) client: Client,
    pub(super) channels: Arc<Channels>,
    /// As listeners call it.
    pub(super) channel: String,
    /// As the server calls it.
    pub(super) remote: String,
    /// For connecting.
    pub(super) patience: Duration,
}

impl Relay {
    /// Begins to relay; what is returned tells whether the server is reached.
    pub(super) fn start(self) -> watch::Receiver<bool> {
        let (reached, told) = watch::channel(false);
        tokio::spawn(self.run(reached));
        told
    }

    async fn run(self, reached: watch::Sender<bool>) {
        while !self.channels.close_if_deserted(&self.channel) {
            match timeout(self.patience, self.connect()).await {
                Ok(Ok(listening)) => {
                    reached.send_replace(true);
                    self.forward(listening).await;
                    reached.send_replace(false);
                }
                Ok(Err(error)) => {
                    tracing::warn!(
                        category = error.category(),
                        "a channel of the cache cannot be listened to"
                    );
                }
                Err(_) => tracing::warn!("the cache does not answer; its channels are silent"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn connect(&self) -> Result<::redis::aio::PubSubStream, RedisError> {
        let mut connection = self.client.get_async_pubsub().await?;
        connection.subscribe(&self.remote).await?;
        Ok(connection.into_on_message())
    }

    /// Until the connection breaks or nobody listens any more.
    async fn forward(&self, mut listening: ::redis::aio::PubSubStream) {
        loop {
            match timeout(PAUSE, listening.next()).await {
                Ok(Some(message)) => {
                    if let Ok(text) = message.get_payload::<String>() {
                        self.channels.say(&self.channel, &text);
                    }
                }
                Ok(None) => return,
                Err(_) if self.channels.is_deserted(&self.channel) => return,
                Err(_) => {}
            }
        }
    }
}
