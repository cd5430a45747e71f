//! Use cases of golden records.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::sources::{SourceKey, SourceRecord, SourceSystem, Values};
use entity::golden::{record_link, source_record};
use sea_orm::sea_query::{ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait};

pub use super::absorb::Absorbed;
use super::loader::RecordRef;
use super::{absorb, facts};
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
/// The result depends on the order of the records, not on how they are spread over calls; only pairs under a key that
/// gathers too many records are found or not as the calls happen to be cut.
pub async fn absorb(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    records: Vec<SourceRecord>,
    now: DateTime<Utc>,
) -> Result<Absorbed> {
    absorb::absorb(db, engine, kind, records, now).await
}

/// Ids of the golden records of a kind that several records of other systems belong to.
pub fn merged(kind: RecordKind) -> SelectStatement {
    let own = Query::select()
        .column(source_record::Column::Id)
        .from(source_record::Entity)
        .and_where(source_record::Column::System.eq(SourceSystem::own()))
        .take();
    Query::select()
        .column(record_link::Column::GoldenId)
        .from(record_link::Entity)
        .and_where(record_link::Column::Kind.eq(kind))
        .and_where(record_link::Column::EndedAt.is_null())
        .and_where(record_link::Column::SourceRecordId.not_in_subquery(own))
        .group_by_col(record_link::Column::GoldenId)
        .and_having(record_link::Column::SourceRecordId.count().gt(1))
        .take()
}

/// Waits until no other transaction settles golden records, and keeps others waiting until this one ends. Whoever
/// decides by what a golden record says now waits first, or two deciders would both be right.
pub async fn wait_for_turn(db: &impl ConnectionTrait) -> Result<()> {
    facts::take_sequence(db, 0).await?;
    Ok(())
}

/// Notes what our own system says of a golden record, and settles it anew.
///
/// A record that was merged may have several notes of ours; all of them say the same from now on, so that none of the
/// old ones speaks against it.
pub async fn note_own(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    record: RecordRef,
    values: Values,
) -> Result<()> {
    let engine = Engine { policies: ctx.shared::<ActivePolicies>(), clock: ctx.clock.clone() };
    let members: Vec<_> = facts::members(db, &[record.id]).await?.into_iter().map(|it| it.1).collect();
    let members = facts::by_ids(db, &members).await?.into_iter().map(|it| (*it.key).clone());
    let mut keys: Vec<SourceKey> = members.filter(|it| it.system == SourceSystem::own()).collect();
    if keys.is_empty() {
        let object = <&str>::from(record.kind).to_owned();
        keys.push(SourceKey { system: SourceSystem::own(), object, external_id: record.id.to_string() });
    }
    let own = |key| SourceRecord {
        key,
        kind: record.kind,
        stamp: ctx.now,
        modified_at: ctx.now,
        created_at: ctx.now,
        is_deleted: false,
        merged_into: None,
        values: values.clone(),
    };
    let records = keys.into_iter().map(own).collect();
    absorb::absorb_own(db, &engine, record, records, ctx.now).await
}
