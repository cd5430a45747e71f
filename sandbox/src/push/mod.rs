//! Telling others of changes as they happen: change events and outbound messages, delivered to an address.
//!
//! Here: subscriptions, what they are told, delivering at least once. Not here: reading and writing (`rest`), how
//! the address answers (that is the client under test).

mod courier;
mod feed;
mod form;

use std::sync::Arc;

use serde::Deserialize;

use crate::state::State;

pub(crate) use feed::Feed;

/// An address that is told of changes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where deliveries go, by POST.
    pub url: String,
    /// Signs change events. Outbound messages are never signed: put a secret into the address.
    #[serde(default)]
    pub secret: Option<String>,
    /// What a delivery looks like.
    #[serde(default)]
    pub form: PushForm,
    /// Only these objects; all when empty.
    #[serde(default)]
    pub objects: Vec<String>,
    /// Every n-th delivery is made twice, although it was taken; 0 is never.
    #[serde(default)]
    pub repeat_every: u32,
    /// Every n-th delivery is lost; 0 is never.
    #[serde(default)]
    pub lose_every: u32,
}

/// What a delivery looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushForm {
    /// JSON: an array of change events, each with its header and replay id.
    #[default]
    ChangeEvents,
    /// SOAP: up to 100 notifications of one object; deletions are not told.
    OutboundMessages,
}

impl Webhook {
    /// Change events of every object, signed.
    pub fn signed(url: impl Into<String>, secret: impl Into<String>) -> Webhook {
        Webhook {
            url: url.into(),
            secret: Some(secret.into()),
            form: PushForm::ChangeEvents,
            objects: Vec::new(),
            repeat_every: 0,
            lose_every: 0,
        }
    }
}

/// From now on, the address is told. Ends with the sandbox.
pub(crate) fn subscribe(state: &Arc<State>, webhook: Webhook) -> Result<(), crate::error::Error> {
    let subscription = state.org_mut().feed.subscribe(&webhook.objects);
    courier::start(Arc::downgrade(state), webhook, subscription)
}
