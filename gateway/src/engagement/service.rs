//! Use cases of the engagement log: what is reported, and which kinds are taken.

use chrono::{DateTime, Utc};
use domain::enablement::Deed;
use domain::engagement::{EventKind, KindRefusal};
use domain::ids::{AssetVersionId, PartnerId};
use sea_orm::ConnectionTrait;

pub use super::kinds::{kinds, switch};

use super::intake::{Incoming, Intake, Outcome};
use super::store;
use crate::error::{Error, OfField as _, Refusal, Result};
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

/// What a partner's people did with a version of an asset since an instant, in order of time.
pub async fn deeds(
    db: &impl ConnectionTrait,
    (partner, version): (PartnerId, AssetVersionId),
    since: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, Deed)>> {
    let mut deeds = Vec::new();
    for event in store::of_asset(db, (partner, version), since).await? {
        let payload = serde_json::from_str(&event.payload).map_err(Error::internal)?;
        deeds.extend(Deed::of(event.measure, &payload).map(|it| (event.occurred_at, it)));
    }
    Ok(deeds)
}
