//! Use cases of the outbox.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::fields::{Field, RecordKind};
use domain::ids::{GoldenId, OutboundChangeId};
use domain::sources::{SourceKey, SourceSystem};
use domain::sync::OutboundState;
use entity::sync::outbound_change::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::json;
use uuid::Uuid;

use super::wanted::{Said, Wanted, Wish};
use super::{outcome, queue};
use crate::error::{NotFound, Refusal, Result};
use crate::golden;
use crate::golden::loader::RecordRef;
use crate::golden::service::Engine;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::sync::service::own_systems;

pub use super::store::id_there;

/// Which changes to show.
#[derive(Debug, Clone, Default)]
pub struct OutboundFilter {
    /// Where they stand; anywhere when empty.
    pub states: Vec<OutboundState>,
    /// For which system; any when `None`.
    pub system: Option<SourceSystem>,
    /// Of which golden record; any when `None`.
    pub golden: Option<GoldenId>,
}

/// Changes that the systems of the caller are, or were, to be told of, newest first.
pub async fn list(
    ctx: &RequestContext,
    filter: &OutboundFilter,
    before: Option<OutboundChangeId>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = matching(filter).filter(own_systems(ctx, Column::System)).limit(limit);
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    Ok(query.all(ctx.read()).await?)
}

/// The newest changes, of any system.
pub async fn newest(db: &impl ConnectionTrait, filter: &OutboundFilter, limit: u64) -> Result<Vec<Model>> {
    Ok(matching(filter).limit(limit).all(db).await?)
}

fn matching(filter: &OutboundFilter) -> Select<Entity> {
    let mut query = Entity::find().order_by_desc(Column::Id);
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().copied()));
    }
    if let Some(system) = &filter.system {
        query = query.filter(Column::System.eq(system.clone()));
    }
    if let Some(golden) = filter.golden {
        query = query.filter(Column::GoldenId.eq(golden));
    }
    query
}

/// How many changes stand where, of each of the caller's systems.
pub async fn counts(ctx: &RequestContext) -> Result<Vec<(SourceSystem, OutboundState, i64)>> {
    let counts = Entity::find()
        .filter(own_systems(ctx, Column::System))
        .select_only()
        .columns([Column::System, Column::State])
        .column_as(Column::Id.count(), "count")
        .group_by(Column::System)
        .group_by(Column::State)
        .order_by_asc(Column::System)
        .order_by_asc(Column::State);
    Ok(counts.into_tuple().all(ctx.read()).await?)
}

/// Sends changes again that were refused or held back, as soon as a sender has its turn. Gives those that have not stopped
/// any more, which is the same answer when asked again.
pub async fn send_again(
    ctx: &RequestContext,
    once: Once<'_>,
    ids: &[OutboundChangeId],
) -> Result<Vec<Model>> {
    ctx.caller.require(Permission::ManageSync)?;
    if ids.len() > MOST_AT_ONCE {
        return Err(TooManyChanges.into());
    }
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    if once.earlier::<Uuid>(&txn, ctx).await?.is_none() {
        send_again_in(&txn, ctx, ids).await?;
        once.remember(&txn, ctx, ctx.clock.new_id::<Uuid>()).await?;
    }
    let named = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::State.is_not_in(STOPPED))
        .filter(own_systems(ctx, Column::System))
        .order_by_asc(Column::Id)
        .all(&txn)
        .await?;
    txn.commit().await?;
    Ok(named)
}

/// Most changes that are sent again at once.
const MOST_AT_ONCE: usize = 1_000;
/// Changes that go on only when a person says so.
const STOPPED: [OutboundState; 2] = [OutboundState::Refused, OutboundState::Held];

/// More changes than are sent again at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at most {MOST_AT_ONCE} changes are sent again at once; name fewer")]
pub struct TooManyChanges;

impl Refusal for TooManyChanges {
    fn code(&self) -> &'static str {
        "TOO_MANY_CHANGES"
    }
}

/// Sends changes again, in the caller's transaction, which has its turn.
pub async fn send_again_in(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    ids: &[OutboundChangeId],
) -> Result<u64> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::State.is_in(STOPPED))
        .filter(own_systems(ctx, Column::System))
        .all(txn)
        .await?;
    for row in &rows {
        let event = AuditEvent {
            action: "sync.send_again",
            target_kind: "OutboundChange",
            target_id: row.id.into(),
            detail: json!({ "system": row.system, "object": row.object, "externalId": row.external_id }),
        };
        audit::record(txn, ctx, event).await?;
    }
    let count = rows.len() as u64;
    outcome::again(txn, rows, ctx.now).await?;
    Ok(count)
}

/// Values that the system which is master of them is asked to have.
pub struct Request<'a> {
    /// The record there.
    pub target: &'a SourceKey,
    /// The version of it that we know.
    pub base: DateTime<Utc>,
    /// The golden record here.
    pub record: RecordRef,
    /// The values, and what the system says instead.
    pub values: Vec<(Field, Option<String>, Option<String>)>,
}

/// Asks a system to have values that are served only once it says them itself, in the caller's transaction.
pub async fn request(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    engine: &Engine,
    request: Request<'_>,
) -> Result<()> {
    let by = &ctx.caller.subject;
    let wish = |(field, value, said)| {
        let (asked_by, over) = (Some(by.clone()), Some(Said(said)));
        (field, Wish { asked_by, over, ..Wish::served(value, ctx.now) })
    };
    let asked = Wanted(request.values.into_iter().map(wish).collect());
    let occasion: (RecordKind, DateTime<Utc>) = (request.record.kind, ctx.now);
    queue::ask(txn, engine, occasion, (request.target, request.base), (request.record.id, &asked)).await
}

/// The fields that people asked systems to have of a golden record, and that they do not say yet.
pub async fn requested(db: &impl ConnectionTrait, record: RecordRef) -> Result<Vec<Field>> {
    let waiting =
        OutboundFilter { states: super::store::OPEN.to_vec(), golden: Some(record.id), system: None };
    let mut fields = Vec::new();
    for row in newest(db, &waiting, 100).await? {
        fields.extend(Wanted::from_json(row.kind, &row.values)?.asked_for().map(|(field, _)| field));
    }
    fields.sort_unstable();
    fields.dedup();
    Ok(fields)
}

/// A change by its id.
pub async fn find(db: &impl ConnectionTrait, id: OutboundChangeId) -> Result<Model> {
    Ok(Entity::find_by_id(id).one(db).await?.ok_or(NotFound("outbound change"))?)
}
