//! What happened, in order, for each subscription.
//!
//! Here: events as they are noted by writes, numbered for each subscriber. Not here: delivering them (`courier`).

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::org::journal::Operation;
use crate::org::record_id::RecordId;
use crate::org::schema::{ObjectSchema, Slot};
use crate::org::table::Record;

/// The most events that are kept for a subscriber who does not take them.
const MOST_KEPT: usize = 100_000;

/// All subscriptions of an org.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    subscriptions: Vec<Subscription>,
    pub(super) news: Arc<Notify>,
}

#[derive(Debug)]
struct Subscription {
    objects: Vec<String>,
    /// The replay id of the next event.
    next: u64,
    waiting: VecDeque<ChangeEvent>,
}

/// One change of one record.
#[derive(Debug, Clone)]
pub(super) struct ChangeEvent {
    /// Counts from 1 for each subscription.
    pub(super) replay_id: u64,
    pub(super) id: RecordId,
    pub(super) operation: Operation,
    /// Names of the fields that changed.
    pub(super) changed: Vec<&'static str>,
    /// Seconds since 1970.
    pub(super) at: i64,
    pub(super) by: RecordId,
}

impl Feed {
    /// Opens a subscription; answers its place.
    pub(super) fn subscribe(&mut self, objects: &[String]) -> usize {
        let objects = objects.to_vec();
        self.subscriptions.push(Subscription { objects, next: 1, waiting: VecDeque::new() });
        self.subscriptions.len() - 1
    }

    /// Notes a write for everybody who wants to know. `before` is the record as it was.
    pub(crate) fn note(&mut self, before: Option<&Record>, after: &Record, operation: Operation) {
        if self.subscriptions.is_empty() {
            return;
        }
        let changed = changed_fields(before, after);
        let object = after.id.object.name();
        let wants = |it: &&mut Subscription| {
            it.objects.is_empty() || it.objects.iter().any(|name| name.eq_ignore_ascii_case(object))
        };
        for subscription in self.subscriptions.iter_mut().filter(wants) {
            let event = ChangeEvent {
                replay_id: subscription.next,
                id: after.id,
                operation,
                changed: changed.clone(),
                at: after.system_modstamp,
                by: after.modified_by,
            };
            subscription.next += 1;
            subscription.waiting.push_back(event);
            if subscription.waiting.len() > MOST_KEPT {
                subscription.waiting.pop_front();
            }
        }
        self.news.notify_waiters();
    }

    /// The oldest events that were not taken yet.
    pub(super) fn waiting(&self, subscription: usize, most: usize) -> Vec<ChangeEvent> {
        self.subscriptions[subscription].waiting.iter().take(most).cloned().collect()
    }

    /// How many events wait for a subscriber.
    pub(crate) fn undelivered(&self) -> usize {
        self.subscriptions.iter().map(|it| it.waiting.len()).sum()
    }

    /// Forgets events up to this one: they were taken.
    pub(super) fn taken(&mut self, subscription: usize, up_to: u64) {
        let waiting = &mut self.subscriptions[subscription].waiting;
        while waiting.front().is_some_and(|it| it.replay_id <= up_to) {
            waiting.pop_front();
        }
    }
}

fn changed_fields(before: Option<&Record>, after: &Record) -> Vec<&'static str> {
    let fields = ObjectSchema::of(after.id.object).fields.iter();
    let is_changed = |slot: Slot| match before {
        Some(before) => before.get(slot) != after.get(slot),
        None => !after.get(slot).is_null(),
    };
    fields
        .filter(|it| !matches!(it.slot, Slot::Id | Slot::Address(_)) && is_changed(it.slot))
        .map(|it| it.name)
        .collect()
}
