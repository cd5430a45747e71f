//! Records that a system has made for us: known by our key, whoever brings the news.
//!
//! The answer may be lost, its sender may die, and a page may be faster. Whichever comes first, the record that carries our key
//! is the one, and it belongs to the golden record for certain.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::{FieldKind, RecordKind};
use domain::ids::GoldenId;
use domain::sources::{SourceRecord, SourceSystem};
use domain::sync::OutboundState;
use entity::sync::outbound_change::Model;
use mastering::equivalence;
use sea_orm::ConnectionTrait;

use super::store;
use super::wanted::Wanted;
use crate::error::{Error, Result};
use crate::golden;
use crate::golden::service::{Engine, Made};

/// Notes which of these records were made for us, and joins each with its golden record. To be done before the records are
/// taken in, in the same transaction, which has its turn. Gives how many they are.
pub(super) async fn recognise(
    db: &impl ConnectionTrait,
    engine: &Engine,
    (system, kind): (&SourceSystem, RecordKind),
    records: &[SourceRecord],
    now: DateTime<Utc>,
) -> Result<u64> {
    let keyed = records.iter().filter_map(|it| Some((it.our_key.as_deref()?, it)));
    let keyed: BTreeMap<&str, &SourceRecord> = keyed.collect();
    let keys: Vec<&str> = keyed.keys().copied().collect();
    let mut made = Vec::new();
    let mut ended = Vec::new();
    for row in store::creates_by_key(db, system, &keys).await? {
        let Some(record) = keyed.get(row.external_id.as_str()) else { continue };
        made.push(as_made(&row, record)?);
        ended.push(arrived(row, record, now));
    }
    let count = made.len() as u64;
    store::replace(db, ended).await?;
    golden::service::note_made(db, engine, kind, &made, now).await?;
    if kind == RecordKind::Account && count > 0 {
        store::wake(db, system, now).await?;
    }
    Ok(count)
}

/// The change has come to its end, and the record has its id.
fn arrived(row: Model, record: &SourceRecord, now: DateTime<Utc>) -> Model {
    Model {
        external_id: record.key.external_id.clone(),
        state: OutboundState::Accepted,
        sent_at: row.sent_at.or(Some(now)),
        ended_at: Some(now),
        updated_at: now,
        leased_until: None,
        category: None,
        code: None,
        message: None,
        ..row
    }
}

/// What the record says because we wrote it there. What the system made something else of is its own word.
fn as_made(row: &Model, record: &SourceRecord) -> Result<Made> {
    let golden: GoldenId = row.external_id.parse::<uuid::Uuid>().map_err(Error::internal)?.into();
    let wanted = Wanted::from_json(row.kind, &row.values)?.0.into_iter();
    let is_kept = |field: domain::fields::Field, value: &str| match field.kind() {
        FieldKind::Reference(_) => record.values.text(field) == Some(value),
        _ => equivalence::same(field, record.values.text(field), Some(value)),
    };
    let values = wanted.filter_map(|(field, wish)| Some((field, wish.value?, wish.since)));
    let values = values.filter(|(field, value, _)| is_kept(*field, value));
    let values = values.map(|(field, value, since)| (field, (value, since))).collect();
    Ok(Made { record: record.clone(), golden, values })
}
