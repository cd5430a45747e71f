//! Listeners of this process, by channel.
//!
//! Here: handing a text to whoever listens now. Nothing is kept for those who come later, and a listener that falls
//! behind misses the oldest texts.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Texts that wait for a slow listener.
const CAPACITY: usize = 1_024;

/// What is said on a channel from when it was opened.
#[derive(Debug)]
pub struct Messages(broadcast::Receiver<String>);

impl Messages {
    /// The next text; waits for it. `None` when nothing will come any more.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            match self.0.recv().await {
                Ok(text) => return Some(text),
                // What was missed is gone: channels only nudge.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Channels(Mutex<HashMap<String, broadcast::Sender<String>>>);

impl Channels {
    /// Listens from now on; the flag says whether nobody else did.
    pub(super) fn listen(&self, channel: &str) -> (Messages, bool) {
        let mut channels = self.channels();
        if let Some(sender) = channels.get(channel) {
            return (Messages(sender.subscribe()), false);
        }
        let (sender, receiver) = broadcast::channel(CAPACITY);
        channels.insert(channel.to_owned(), sender);
        (Messages(receiver), true)
    }

    /// Hands a text to everybody who listens.
    pub(super) fn say(&self, channel: &str, text: &str) {
        if let Some(sender) = self.channels().get(channel) {
            // An error says that nobody listens any more.
            let _ = sender.send(text.to_owned());
        }
    }

    /// Forgets the channel when nobody listens any more; whether it did.
    pub(super) fn close_if_deserted(&self, channel: &str) -> bool {
        let mut channels = self.channels();
        let is_deserted = channels.get(channel).is_none_or(|it| it.receiver_count() == 0);
        if is_deserted {
            channels.remove(channel);
        }
        is_deserted
    }

    /// Whether nobody listens any more.
    pub(super) fn is_deserted(&self, channel: &str) -> bool {
        self.channels().get(channel).is_none_or(|it| it.receiver_count() == 0)
    }

    /// A panic while the map was locked leaves it whole: every change is one call.
    fn channels(&self) -> MutexGuard<'_, HashMap<String, broadcast::Sender<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
