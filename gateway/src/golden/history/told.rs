//! What source records had told us by an instant: their observations, read back.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::SourceRecordId;
use domain::sources::{SourceKey, SourceSystem, Values};
use entity::golden::{observation, source_record};
use mastering::history::{AsOf, Replay, StoredObservation};
use mastering::survivorship::Sighting;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::golden::facts;
use crate::platform::database::{List, lists};

/// All that one source record had told us.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) key: SourceKey,
    /// In the order in which they were made.
    pub(super) observations: Vec<StoredObservation>,
}

impl Told {
    /// What it said as of then.
    pub(super) fn replay(&self, as_of: AsOf) -> Replay {
        Replay::of(&self.observations, as_of)
    }

    /// When we last heard anything of it.
    pub(super) fn touched_at(&self) -> Option<DateTime<Utc>> {
        self.observations.iter().map(|it| it.sighting.observed_at).max()
    }
}

/// Reads what these records of a kind had told us by an instant.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    records: &[SourceRecordId],
    by: DateTime<Utc>,
) -> Result<HashMap<SourceRecordId, Told>> {
    let mut told = HashMap::with_capacity(records.len());
    for list in lists(db, records) {
        for (id, key) in keys(db, list).await? {
            told.insert(id, Told { key, observations: Vec::new() });
        }
        let observations = observation::Entity::find()
            .filter(list.holds(observation::Column::SourceRecordId))
            .filter(observation::Column::ObservedAt.lte(by))
            .order_by_asc(observation::Column::Sequence);
        for row in observations.all(db).await? {
            if let Some(it) = told.get_mut(&row.source_record_id) {
                it.observations.push(stored(kind, &row)?);
            }
        }
    }
    Ok(told)
}

/// The identities of source records outside.
async fn keys(
    db: &impl ConnectionTrait,
    records: List<'_, SourceRecordId>,
) -> Result<impl Iterator<Item = (SourceRecordId, SourceKey)>> {
    use source_record::Column;
    let rows: Vec<(SourceRecordId, SourceSystem, String, String)> = source_record::Entity::find()
        .select_only()
        .columns([Column::Id, Column::System, Column::Object, Column::ExternalId])
        .filter(records.holds(Column::Id))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, system, object, external_id)| (id, SourceKey { system, object, external_id })))
}

fn stored(kind: RecordKind, row: &observation::Model) -> Result<StoredObservation> {
    let changed: Map<String, Value> = serde_json::from_str(&row.changed).map_err(Error::internal)?;
    Ok(StoredObservation {
        values: Values::from_json(kind, &changed).map_err(Error::internal)?,
        sighting: Sighting {
            modified_at: row.modified_at,
            observed_at: row.observed_at,
            sequence: row.sequence,
        },
        is_deleted: row.flags.split(',').any(|it| it == facts::DELETED),
        back_to: facts::back_to(&row.flags),
        is_erased: row.flags.split(',').any(|it| it == facts::ERASED),
    })
}

/// What a source record had said by an instant, and when it last said anything; `None` when it had said nothing.
pub(in crate::golden) async fn said_by(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    record: SourceRecordId,
    at: DateTime<Utc>,
) -> Result<Option<(Replay, Sighting)>> {
    let told = read(db, kind, &[record], at).await?;
    Ok(told.get(&record).and_then(|it| {
        let last = it.observations.iter().map(|it| it.sighting).max_by_key(|it| it.sequence)?;
        Some((it.replay(AsOf::instant(at)), last))
    }))
}
