//! Use cases of golden records.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::sources::{SourceKey, SourceRecord, SourceSystem, Values};
use sea_orm::ConnectionTrait;

use super::absorb;
pub use super::absorb::Absorbed;
use super::loader::RecordRef;
use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::policies::ActivePolicies;

/// What settling needs besides the facts: the rules in force, and where ids come from.
#[derive(Debug, Clone)]
pub struct Engine {
    /// The rules in force.
    pub policies: Arc<ActivePolicies>,
    /// Makes ids.
    pub clock: Clock,
}

/// Takes in what a source says of some records of one kind, in the caller's transaction.
///
/// The result does not depend on how records are spread over calls, as long as their order is the same.
pub async fn absorb(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    records: Vec<SourceRecord>,
    now: DateTime<Utc>,
) -> Result<Absorbed> {
    absorb::absorb(db, engine, kind, records, now).await
}

/// Notes what our own system says of a golden record, and settles it anew.
pub async fn note_own(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    record: RecordRef,
    values: Values,
) -> Result<()> {
    let engine = Engine { policies: ctx.shared::<ActivePolicies>(), clock: ctx.clock.clone() };
    let external_id = record.id.to_string();
    let object = <&str>::from(record.kind).to_owned();
    let own = SourceRecord {
        key: SourceKey { system: SourceSystem::own(), object, external_id },
        kind: record.kind,
        stamp: ctx.now,
        modified_at: ctx.now,
        created_at: ctx.now,
        is_deleted: false,
        merged_into: None,
        values,
    };
    absorb::absorb_own(db, &engine, own, record.id, ctx.now).await
}
