//! Reporting events, and switching their kinds.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::types::{EngagementEventReport, EngagementKind};
use crate::engagement::intake::{Incoming, Outcome};
use crate::engagement::reported::EngagementEventInput;
use crate::engagement::service;
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};

/// Events of the source that the caller's token names.
#[derive(Debug, InputObject)]
pub struct RecordEngagementEventsInput {
    /// The events, at most 500. Each is judged alone, and taken once however often it is sent.
    pub events: Vec<EngagementEventInput>,
}

/// A kind to be switched.
#[derive(Debug, InputObject)]
pub struct SwitchEngagementKindInput {
    /// Its code.
    pub code: String,
    /// Whether such events are to be taken.
    pub is_on: bool,
}

/// What became of reported events.
#[derive(SimpleObject)]
pub struct RecordEngagementEventsPayload {
    /// How many are in the log now.
    accepted: usize,
    /// How many were there already.
    duplicates: usize,
    /// How many are not taken.
    refused: usize,
    /// What became of each, in the order in which they were sent.
    reports: Vec<EngagementEventReport>,
}

impl RecordEngagementEventsPayload {
    fn new(ctx: &RequestContext, outcomes: Vec<Outcome>) -> Self {
        let count = |counts: fn(&Outcome) -> bool| outcomes.iter().filter(|it| counts(it)).count();
        Self {
            accepted: count(|it| matches!(it, Outcome::Accepted)),
            duplicates: count(|it| matches!(it, Outcome::Duplicate)),
            refused: count(|it| matches!(it, Outcome::Refused(_))),
            reports: outcomes
                .into_iter()
                .enumerate()
                .map(|(index, it)| EngagementEventReport::new(ctx, index, it))
                .collect(),
        }
    }
}

/// A kind that was switched.
#[derive(SimpleObject)]
pub struct SwitchEngagementKindPayload {
    /// The kind as it is now.
    kind: EngagementKind,
}

/// Reporting events, and switching their kinds.
#[derive(Default)]
pub struct EngagementMutations;

#[Object]
impl EngagementMutations {
    /// Takes events into the engagement log. One that is wrong is reported and keeps nothing else out. A partner's token reports
    /// of its own people.
    async fn record_engagement_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events.")] input: RecordEngagementEventsInput,
    ) -> Result<Payload<RecordEngagementEventsPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let events = input.events.into_iter().map(Incoming::from).collect();
            let outcomes = service::record(ctx, events).await?;
            Ok(RecordEngagementEventsPayload::new(ctx, outcomes))
        })
        .await
    }

    /// Switches a kind of event on or off; for administrators. What was taken before stays.
    async fn switch_engagement_kind(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which kind, and how.")] input: SwitchEngagementKindInput,
    ) -> Result<Payload<SwitchEngagementKindPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let state = service::switch(ctx, &input.code, input.is_on).await.of_field("code")?;
            Ok(SwitchEngagementKindPayload { kind: EngagementKind::new(ctx, state) })
        })
        .await
    }
}
