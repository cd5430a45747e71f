//! What the API shows of the engagement log.

use async_graphql::{ComplexObject, Context, Enum, Json, SimpleObject};
use chrono::{DateTime, Utc};
use domain::engagement::{Channel, Measure, PayloadSchema};
use entity::engagement::engagement_event;
use serde_json::Value;

use crate::engagement::intake::Outcome;
use crate::engagement::service::KindState;
use crate::error::{Error, Result};
use crate::partners;
use crate::partners::graphql::{Partner, PartnerUser};
use crate::platform::context::RequestContext;

/// Something that somebody at a partner did with our support.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct EngagementEvent {
    /// The system that reported it.
    source: String,
    /// The id that it gave.
    event_id: String,
    /// The code of its kind.
    kind: String,
    /// What it counts as.
    measure: Measure,
    /// By what way.
    channel: Channel,
    /// When it happened.
    occurred_at: DateTime<Utc>,
    /// When we heard of it.
    received_at: DateTime<Utc>,
    /// Whether it shows the user at work with us.
    is_access: bool,
    #[graphql(skip)]
    row: engagement_event::Model,
}

impl From<engagement_event::Model> for EngagementEvent {
    fn from(row: engagement_event::Model) -> Self {
        let shown = row.clone();
        Self {
            source: shown.source,
            event_id: shown.event_id,
            kind: shown.kind,
            measure: row.measure,
            channel: row.channel,
            occurred_at: row.occurred_at,
            received_at: row.received_at,
            is_access: row.is_access,
            row,
        }
    }
}

#[ComplexObject]
impl EngagementEvent {
    /// What more there is to say, by the schema of the kind.
    async fn payload(&self) -> Result<Json<Value>> {
        Ok(Json(serde_json::from_str(&self.row.payload).map_err(Error::internal)?))
    }

    /// Whose user did it.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        partners::graphql::at_edge(ctx.data_unchecked(), self.row.partner_id).await.transpose()
    }

    /// Who did it.
    async fn partner_user(&self, ctx: &Context<'_>) -> Option<Result<PartnerUser>> {
        partners::graphql::user_at_edge(ctx.data_unchecked(), self.row.user_id?).await.transpose()
    }
}

/// A kind of event that can be reported.
#[derive(SimpleObject)]
pub struct EngagementKind {
    /// The stable code.
    code: String,
    /// The label, in the caller's language.
    label: String,
    /// What such an event counts as.
    measure: Measure,
    /// Whether such events are taken.
    is_on: bool,
    /// Whether such an event needs a user.
    needs_user: bool,
    /// Whether such an event needs the version of an asset.
    needs_asset: bool,
    /// What its payload may hold: fields with their types and bounds.
    payload: Json<PayloadSchema>,
}

impl EngagementKind {
    /// The kind for this caller.
    pub(super) fn new(ctx: &RequestContext, state: KindState) -> Self {
        let KindState { kind, is_on } = state;
        Self {
            label: kind.label(ctx.caller.language).to_owned(),
            measure: kind.measure,
            is_on,
            needs_user: kind.by_user,
            needs_asset: kind.on_asset,
            payload: Json(kind.payload),
            code: kind.code,
        }
    }
}

/// What became of a reported event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum EngagementEventOutcome {
    /// It is in the log now.
    Accepted,
    /// It was there already.
    Duplicate,
    /// It is not taken.
    Refused,
}

/// What became of one reported event.
#[derive(SimpleObject)]
pub struct EngagementEventReport {
    /// Its place among the reported events; the first is 0.
    index: usize,
    /// What became of it.
    outcome: EngagementEventOutcome,
    /// Why it is not taken, for programs; null when it is.
    code: Option<&'static str>,
    /// What to do, in the caller's language; null when it is taken.
    message: Option<String>,
}

impl EngagementEventReport {
    /// The report on the event at this place.
    pub(super) fn new(ctx: &RequestContext, index: usize, outcome: Outcome) -> Self {
        let plain = |outcome| Self { index, outcome, code: None, message: None };
        match outcome {
            Outcome::Accepted => plain(EngagementEventOutcome::Accepted),
            Outcome::Duplicate => plain(EngagementEventOutcome::Duplicate),
            Outcome::Refused(refusal) => {
                let error = Error::from(refusal);
                let message = Some(error.message(ctx.caller.language));
                Self { code: Some(error.code()), message, ..plain(EngagementEventOutcome::Refused) }
            }
        }
    }
}
