//! Which reported events are taken: each is judged alone, and what is wrong with one never harms the others.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::canonical::{EventKey, InvalidEventKey, canonical_form};
use super::registry::{EventKind, KindRefusal, Registry};
use super::schema::PayloadRefusal;
use crate::ids::{AssetVersionId, PartnerId, PartnerUserId};

crate::codes! {
    /// By what way a user met our content.
    #[derive(Default)]
    pub enum Channel {
        #[default]
        Portal("ポータル", "Portal"),
        /// Opening a mail is no access: nobody logged in.
        Mail("メール", "Mail"),
        Lms("学習システム", "Learning system"),
        Chat("チャット", "Chat"),
    }
}

/// An event as a system reports it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportedEvent {
    /// The id that the reporting system gave it.
    pub event_id: String,
    /// The code of its kind.
    pub kind: String,
    /// Whose user did it.
    pub partner_id: PartnerId,
    /// Who did it.
    #[serde(default)]
    pub user_id: Option<PartnerUserId>,
    /// With which version of which asset.
    #[serde(default)]
    pub asset_version_id: Option<AssetVersionId>,
    /// By what way.
    #[serde(default)]
    pub channel: Channel,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// What more there is to say.
    #[serde(default)]
    pub payload: Map<String, Value>,
}

/// What may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventLimits {
    /// How far clocks may go ahead of ours.
    pub ahead: TimeDelta,
    /// How many months late an event may arrive; exactly so late is too late.
    pub late_months: u32,
    /// Longest line, in bytes.
    pub line_bytes: usize,
}

impl Default for EventLimits {
    fn default() -> Self {
        Self { ahead: TimeDelta::minutes(5), late_months: 36, line_bytes: 64 * 1024 }
    }
}

/// What is known when events arrive.
pub struct Arrival<'a> {
    /// The system that reports, as its credentials say; an event cannot choose it.
    pub source: &'a str,
    /// Which kinds are taken.
    pub registry: &'a Registry,
    /// What may be taken.
    pub limits: EventLimits,
    /// When they arrived.
    pub received_at: DateTime<Utc>,
    /// Whether the source may report what a partner does; not of one that does not exist.
    pub reports_of: &'a dyn Fn(PartnerId) -> bool,
    /// The partner of a user; `None` when there is no such user.
    pub partner_of: &'a dyn Fn(PartnerUserId) -> Option<PartnerId>,
    /// Whether there is such a version of an asset.
    pub has_asset: &'a dyn Fn(AssetVersionId) -> bool,
}

/// An event that is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedEvent {
    /// What identifies it.
    pub key: EventKey,
    /// What was reported.
    pub event: ReportedEvent,
    /// Its content as one text.
    pub canonical: String,
    /// Whether it shows a user at work with us.
    pub is_access: bool,
    /// What it counts as.
    pub measure: super::Measure,
}

/// Why an event is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum EventRefusal {
    /// More than one event ever needs.
    #[error("the line has more than {max} bytes; send one event per line and leave large content out")]
    EventTooLarge {
        /// Most bytes.
        max: usize,
    },
    /// No event at all.
    #[error("the line is not an event: {0}")]
    EventMalformed(String),
    /// Nothing that identifies it.
    #[error(transparent)]
    EventKeyInvalid(InvalidEventKey),
    /// A kind that nobody registered.
    #[error("{0}")]
    EventKindUnknown(KindRefusal),
    /// A kind that is switched off.
    #[error("{0}")]
    EventKindOff(KindRefusal),
    /// It has not happened yet.
    #[error("the event happened after it arrived; check the clock and the time zone of the sender")]
    EventFromFuture,
    /// It happened too long ago to change any figure.
    #[error("the event happened {months} months ago or more; figures that old are closed")]
    EventTooLate {
        /// How many months it may be late.
        months: u32,
    },
    /// Another source's partner, or none; which of the two is not said.
    #[error("there is no such partner, or your source does not report for it; check `partnerId`")]
    EventPartnerUnknown,
    /// Somebody must have done it.
    #[error("`{0}` needs a `userId`; say who did it")]
    EventUserMissing(String),
    /// Somebody else's user, or nobody; which of the two is not said.
    #[error("the user is not one of this partner; check `partnerId` and `userId`")]
    EventUserUnknown,
    /// It must be about something.
    #[error("`{0}` needs an `assetVersionId`; say what it is about")]
    EventAssetMissing(String),
    /// About something that is not.
    #[error("there is no such version of an asset; check `assetVersionId`")]
    EventAssetUnknown,
    /// A payload that its kind does not have.
    #[error(transparent)]
    EventPayloadInvalid(PayloadRefusal),
    /// One key, two contents.
    #[error("another event with this `eventId` says something else; give each event an id of its own")]
    EventContradicted,
}

/// What becomes of a batch: positions count from 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Screening {
    /// Events that are taken, with their positions.
    pub accepted: Vec<(usize, AcceptedEvent)>,
    /// Positions of events that the batch holds twice.
    pub repeated: Vec<usize>,
    /// Events that are not taken, with their positions.
    pub refused: Vec<(usize, EventRefusal)>,
}

/// Reads one line of NDJSON, in the form that the sender writes events in.
pub fn read_line<E: DeserializeOwned>(line: &[u8], limits: &EventLimits) -> Result<E, EventRefusal> {
    if line.len() > limits.line_bytes {
        return Err(EventRefusal::EventTooLarge { max: limits.line_bytes });
    }
    serde_json::from_slice(line).map_err(|it| EventRefusal::EventMalformed(it.to_string()))
}

impl Arrival<'_> {
    /// Judges a batch event by event; within it one key is taken once.
    pub fn screen(&self, batch: impl IntoIterator<Item = Result<ReportedEvent, EventRefusal>>) -> Screening {
        let mut screening = Screening::default();
        let mut seen: BTreeMap<EventKey, String> = BTreeMap::new();
        for (position, event) in batch.into_iter().enumerate() {
            match event.and_then(|it| self.judge(it)) {
                Err(refusal) => screening.refused.push((position, refusal)),
                Ok(event) => match seen.get(&event.key) {
                    Some(form) if *form == event.canonical => screening.repeated.push(position),
                    Some(_) => screening.refused.push((position, EventRefusal::EventContradicted)),
                    None => {
                        seen.insert(event.key.clone(), event.canonical.clone());
                        screening.accepted.push((position, event));
                    }
                },
            }
        }
        screening
    }

    /// Judges one event.
    pub fn judge(&self, event: ReportedEvent) -> Result<AcceptedEvent, EventRefusal> {
        let key = EventKey::new(self.source, &event.event_id).map_err(EventRefusal::EventKeyInvalid)?;
        let kind = self.registry.open(&event.kind).map_err(|it| match it {
            KindRefusal::Unknown { .. } => EventRefusal::EventKindUnknown(it),
            KindRefusal::Off(_) => EventRefusal::EventKindOff(it),
        })?;
        self.check_time(event.occurred_at)?;
        self.check_actor(kind, &event)?;
        kind.payload.check(&event.payload).map_err(EventRefusal::EventPayloadInvalid)?;
        Ok(AcceptedEvent {
            key,
            canonical: canonical_form(&event),
            is_access: kind.access && event.user_id.is_some() && event.channel != Channel::Mail,
            measure: kind.measure,
            event,
        })
    }

    fn check_time(&self, occurred_at: DateTime<Utc>) -> Result<(), EventRefusal> {
        if occurred_at > self.received_at + self.limits.ahead {
            return Err(EventRefusal::EventFromFuture);
        }
        let months = self.limits.late_months;
        let earliest = self.received_at.checked_sub_months(Months::new(months));
        let is_late = earliest.is_some_and(|it| occurred_at <= it);
        if is_late { Err(EventRefusal::EventTooLate { months }) } else { Ok(()) }
    }

    fn check_actor(&self, kind: &EventKind, event: &ReportedEvent) -> Result<(), EventRefusal> {
        if !(self.reports_of)(event.partner_id) {
            return Err(EventRefusal::EventPartnerUnknown);
        }
        match event.user_id {
            None if kind.by_user => return Err(EventRefusal::EventUserMissing(kind.code.clone())),
            Some(user) if (self.partner_of)(user) != Some(event.partner_id) => {
                return Err(EventRefusal::EventUserUnknown);
            }
            _ => {}
        }
        match event.asset_version_id {
            None if kind.on_asset => Err(EventRefusal::EventAssetMissing(kind.code.clone())),
            Some(version) if !(self.has_asset)(version) => Err(EventRefusal::EventAssetUnknown),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
