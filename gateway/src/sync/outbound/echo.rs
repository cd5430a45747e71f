//! Recognising what we wrote when it comes back.
//!
//! An answer may be lost, and a page may arrive before it: what a record says decides whether the change has arrived.
//! Judged by value alone; who modified the record says nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::sources::{SourceKey, SourceRecord, SourceSystem, ValueState, Values};
use domain::sync::OutboundState;
use entity::sync::outbound_change::Model;
use mastering::equivalence;
use sea_orm::ConnectionTrait;

use super::wanted::Wanted;
use super::{arrival, store};
use crate::error::Result;
use crate::golden;
use crate::golden::service::{Engine, Written};

/// Notes which changes on their way have arrived, by what these records say. To be done before the records are taken in,
/// in the same transaction, which has its turn.
pub(in crate::sync) async fn recognise(
    db: &impl ConnectionTrait,
    engine: &Engine,
    (system, kind): (&SourceSystem, RecordKind),
    records: &[SourceRecord],
    now: DateTime<Utc>,
) -> Result<()> {
    arrival::recognise(db, engine, (system, kind), records, now).await?;
    let mut sending = store::sending(db, system).await?;
    sending.retain(|it| !store::is_create(it));
    if sending.is_empty() {
        return Ok(());
    }
    let said: BTreeMap<&SourceKey, &SourceRecord> = records.iter().map(|it| (&it.key, it)).collect();
    let mut arrived = Vec::new();
    for row in sending {
        let Some(record) = said.get(&store::key_of(&row)) else { continue };
        if Wanted::from_json(row.kind, &row.values)?.is_said_by(&record.values) {
            arrived.push(Arrived { row, version: None, kept: Values::new() });
        }
    }
    accept(db, engine, kind, &arrived, now).await
}

/// A change that has arrived.
pub(super) struct Arrived {
    pub(super) row: Model,
    /// The record's version since then: its stamp, and when it was modified.
    pub(super) version: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What the system made of the values, as far as it told.
    pub(super) kept: Values,
}

impl Arrived {
    /// What the record says because we wrote it there. What the system made something else of is its own word, and comes
    /// with the next page.
    fn written(&self) -> Result<Written> {
        let is_kept = |field, value: Option<&str>| match self.kept.get(field) {
            ValueState::Absent => true,
            _ => equivalence::same(field, self.kept.text(field), value),
        };
        let wanted = Wanted::from_json(self.row.kind, &self.row.values)?.0.into_iter();
        let values = wanted.filter(|(field, wish)| is_kept(*field, wish.value.as_deref()));
        let values = values.map(|(field, wish)| (field, (wish.value, wish.since))).collect();
        Ok(Written { key: store::key_of(&self.row), values, version: self.version })
    }
}

/// Ends changes that have arrived: the records say it from now on.
pub(super) async fn accept(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    arrived: &[Arrived],
    now: DateTime<Utc>,
) -> Result<()> {
    if arrived.is_empty() {
        return Ok(());
    }
    let rows: Vec<Model> = arrived.iter().map(|it| it.row.clone()).collect();
    store::end(db, &rows, OutboundState::Accepted, now).await?;
    let written: Vec<Written> = arrived.iter().map(Arrived::written).collect::<Result<_>>()?;
    golden::service::note_written(db, engine, kind, &written, now).await
}
