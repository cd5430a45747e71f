//! Use cases of the engagement log: what is reported, and which kinds are taken.

use domain::engagement::{EventKind, KindRefusal};

pub use super::kinds::{kinds, switch};

use super::intake::{Incoming, Intake, Outcome};
use crate::error::{OfField as _, Refusal, Result};
use crate::platform::context::RequestContext;

/// Events of one request of the API.
const MOST_EVENTS: usize = 500;

/// Why nothing at all is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum EngagementRefusal {
    /// Whose ids the ids of the events are.
    #[error(
        "your token names no source, or several; ask for one with one scope `engagement:<source>`, such as `engagement:lms`"
    )]
    EngagementSourceMissing,
    /// More than one request may bring.
    #[error("at most {MOST_EVENTS} events are taken at once; send fewer, or upload them as NDJSON")]
    TooManyEvents,
    /// The sender was lost on the way.
    #[error("the upload broke off behind line {0}; send it again: what was taken already is not taken twice")]
    UploadIncomplete(u64),
    /// No kind to switch.
    #[error("{0}")]
    EngagementKindUnknown(KindRefusal),
}

impl Refusal for EngagementRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// A kind of event, and whether such events are taken.
#[derive(Debug, Clone)]
pub struct KindState {
    /// The kind.
    pub kind: EventKind,
    /// Whether such events are taken.
    pub is_on: bool,
}

/// Takes in the events of one request; answers for each, in order, what became of it.
pub async fn record(ctx: &RequestContext, events: Vec<Incoming>) -> Result<Vec<Outcome>> {
    if events.len() > MOST_EVENTS {
        return Err(EngagementRefusal::TooManyEvents).of_field("events");
    }
    Intake::begin(ctx).await?.take(events).await
}
