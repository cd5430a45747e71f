//! The outbox in the API; staff only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::sync::{OutboundOperation, OutboundState, SyncErrorCategory};
use entity::sync::outbound_change::Model;
use serde::Serialize;

use super::service::{self, OutboundFilter};
use super::store;
use super::wanted::Wanted;
use crate::error::{NotFound, Result};
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};
use crate::platform::idempotency::Once;

/// Most rows that the list shows.
const MAX_ROWS: i32 = 200;

/// What a system is, or was, to be told of one of its records.
#[derive(SimpleObject)]
pub struct OutboundChange {
    /// Id of the change.
    id: uuid::Uuid,
    /// The system.
    system: String,
    /// The system's name for the kind of record.
    object: String,
    /// Whether it is told to change the record or to make it.
    operation: OutboundOperation,
    /// The system's id for the record; null until it has made it.
    external_id: Option<String>,
    /// The golden record whose values these are.
    record_id: ID,
    /// The values.
    values: Vec<OutboundValue>,
    /// Where it stands.
    state: OutboundState,
    /// How often it was sent.
    attempts: i32,
    /// How often somebody had changed the record meanwhile.
    conflicts: i32,
    /// When it is sent next, if it waits.
    next_attempt_at: DateTime<Utc>,
    /// When it was sent last.
    sent_at: Option<DateTime<Utc>>,
    /// When it came to its end.
    ended_at: Option<DateTime<Utc>>,
    /// What kind of failure it met last.
    category: Option<SyncErrorCategory>,
    /// The system's own code.
    code: Option<String>,
    /// What is wrong and what to do.
    message: Option<String>,
    /// When it came up.
    created_at: DateTime<Utc>,
}

/// One value of a change.
#[derive(SimpleObject)]
pub struct OutboundValue {
    /// The field, by its name in the catalogue.
    field: String,
    /// The value, in canonical text; null is empty.
    value: Option<String>,
    /// Since when it is served, or when somebody asked for it.
    since: DateTime<Utc>,
    /// Who asked for it, where it is served only once the system says it.
    requested_by: Option<String>,
}

impl OutboundChange {
    fn of(row: Model) -> Result<Self> {
        let values = Wanted::from_json(row.kind, &row.values)?.0.into_iter().map(|(field, wish)| {
            let field = field.name().to_owned();
            OutboundValue { field, value: wish.value, since: wish.since, requested_by: wish.asked_by }
        });
        Ok(Self {
            id: row.id.into(),
            values: values.collect(),
            record_id: RecordRef { kind: row.kind, id: row.golden_id }.global_id(),
            operation: row.operation,
            external_id: store::id_there(&row).map(str::to_owned),
            system: row.system.into(),
            object: row.object,
            state: row.state,
            attempts: row.attempts,
            conflicts: row.conflicts,
            next_attempt_at: row.next_attempt_at,
            sent_at: row.sent_at,
            ended_at: row.ended_at,
            category: row.category,
            code: row.code,
            message: row.message,
            created_at: row.created_at,
        })
    }
}

/// Which changes to show; all that is named must hold.
#[derive(Debug, Default, InputObject)]
pub struct OutboundChangeFilter {
    /// Where they stand, any of these.
    states: Option<Vec<OutboundState>>,
    /// For this system.
    system: Option<String>,
    /// Of this lead, account, contact or opportunity.
    record_id: Option<ID>,
}

impl OutboundChangeFilter {
    fn read(self) -> Result<OutboundFilter> {
        let system = self.system.map(|it| it.parse().map_err(|_| NotFound("source system"))).transpose()?;
        let golden = self.record_id.map(|it| RecordRef::parse(&it)).transpose()?.map(|it| it.id);
        Ok(OutboundFilter { states: self.states.unwrap_or_default(), system, golden })
    }
}

/// How many changes stand somewhere.
#[derive(SimpleObject)]
pub struct OutboundCount {
    /// The system.
    system: String,
    /// Where they stand.
    state: OutboundState,
    /// How many.
    count: i64,
}

/// What systems are to be told.
#[derive(Default)]
pub struct OutboundQueries;

#[Object]
impl OutboundQueries {
    /// Changes that systems are, or were, to be told of, newest first.
    #[graphql(complexity = "first.clamp(1, 200) as usize * child_complexity")]
    async fn outbound_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Which ones.")] filter: OutboundChangeFilter,
        #[graphql(default = 50, desc = "How many, at most 200.")] first: i32,
        #[graphql(desc = "Those older than this one.")] before: Option<uuid::Uuid>,
    ) -> Result<Vec<OutboundChange>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        let limit = first.clamp(0, MAX_ROWS).unsigned_abs().into();
        let rows = service::list(ctx, &filter.read()?, before.map(Into::into), limit).await?;
        rows.into_iter().map(OutboundChange::of).collect()
    }

    /// How many changes stand where, of each system.
    #[graphql(complexity = "20 * child_complexity")]
    async fn outbound_counts(&self, ctx: &Context<'_>) -> Result<Vec<OutboundCount>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        let counts = service::counts(ctx).await?.into_iter();
        let count = |(system, state, count): (domain::sources::SourceSystem, _, _)| OutboundCount {
            system: system.into(),
            state,
            count,
        };
        Ok(counts.map(count).collect())
    }
}

/// Changes to be sent again.
#[derive(Debug, InputObject, Serialize)]
pub struct SendChangesAgainInput {
    /// Changes that were refused or held back.
    ids: Vec<uuid::Uuid>,
    /// The same key gives the same answer: make one for each new request.
    idempotency_key: Option<String>,
}

/// What sending again gives back.
#[derive(SimpleObject)]
pub struct SendChangesAgainPayload {
    /// How many of them are on their way again, or have arrived since.
    count: i32,
    /// Those.
    changes: Vec<OutboundChange>,
}

/// Working on the outbox.
#[derive(Default)]
pub struct OutboundMutations;

#[Object]
impl OutboundMutations {
    /// Sends changes again that were refused or held back, as soon as possible.
    async fn send_changes_again(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: SendChangesAgainInput,
    ) -> Result<Payload<SendChangesAgainPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let once = Once::new(input.idempotency_key.as_deref(), "sendChangesAgain", &input.ids)?;
            let ids: Vec<_> = input.ids.iter().copied().map(Into::into).collect();
            let changes = service::send_again(ctx, once, &ids).await?;
            let changes: Vec<_> = changes.into_iter().map(OutboundChange::of).collect::<Result<_>>()?;
            Ok(SendChangesAgainPayload { count: i32::try_from(changes.len()).unwrap_or(i32::MAX), changes })
        })
        .await
    }
}
