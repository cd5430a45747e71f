//! Whoever keeps overwriting what we write is let be, until a person has looked.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::Field;
use domain::review::ReviewKind;
use domain::sources::SourceKey;
use domain::sync::OutboundState;
use entity::sync::outbound_change::Model;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::store;
use super::wanted::Wanted;
use crate::error::Result;
use crate::golden::service::Engine;
use crate::review;
use crate::review::service::Question;

/// Writes of one field of one record in [`WINDOW`] that are still believed to be changes.
const WRITES: usize = 3;
/// How far back writes count.
const WINDOW: TimeDelta = TimeDelta::minutes(10);

/// Parts what may be sent from what would be one write too many. The latter is held back, and a person is asked.
pub(super) async fn part(
    db: &impl ConnectionTrait,
    engine: &Engine,
    rows: Vec<Model>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let mut writes: BTreeMap<(SourceKey, Field), usize> = BTreeMap::new();
    for row in store::sent_lately(db, &rows, now - WINDOW).await? {
        for field in Wanted::from_json(row.kind, &row.values)?.0.into_keys() {
            *writes.entry((store::key_of(&row), field)).or_default() += 1;
        }
    }
    let (mut free, mut held, mut questions) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let key = store::key_of(&row);
        let wanted = Wanted::from_json(row.kind, &row.values)?;
        let bouncing =
            wanted.0.keys().find(|it| writes.get(&(key.clone(), **it)).is_some_and(|it| *it >= WRITES));
        match bouncing {
            None => free.push(row),
            Some(field) => {
                questions.push(question(&row, &key, *field));
                held.push(Model { state: OutboundState::Held, updated_at: now, ..row });
            }
        }
    }
    store::replace(db, held).await?;
    review::service::ask_all(db, &engine.clock, now, questions).await?;
    Ok(free)
}

fn question(row: &Model, key: &SourceKey, field: Field) -> Question {
    let fingerprint = format!("{}|{key}|{field}", ReviewKind::Loop);
    let subject = json!({ "left": key, "field": field.name(), "change": row.id });
    Question::new(ReviewKind::Loop, row.kind, fingerprint, subject).about([Some(row.golden_id), None])
}
