//! What regrouping changed of the served values: the same list for a preview and for the deed.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::{Field, RecordKind};
use domain::ids::GoldenId;
use entity::golden::settlement;
use mastering::golden_record::GoldenRecord;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter};

use crate::error::{Error, Result};
use crate::platform::database::lists;

/// A served value that is another one than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The golden record.
    pub golden: GoldenId,
    /// The field.
    pub field: Field,
    /// What was served.
    pub before: Option<String>,
    /// What is served now.
    pub after: Option<String>,
}

/// Golden records as they are served, by id.
pub(super) type Served = BTreeMap<GoldenId, GoldenRecord>;

/// How these golden records are served now; those that redirect are not.
pub(super) async fn served(db: &impl ConnectionTrait, kind: RecordKind, ids: &[GoldenId]) -> Result<Served> {
    let mut served = Served::new();
    for list in lists(db, ids) {
        let rows = settlement::Entity::find().filter(list.holds(settlement::Column::GoldenId));
        for row in rows.all(db).await? {
            served
                .insert(row.golden_id, GoldenRecord::from_trace(kind, &row.trace).map_err(Error::internal)?);
        }
    }
    Ok(served)
}

/// What is served otherwise, of the records that are served now. One that was not there before had no values.
pub(super) fn between(before: &Served, after: &Served) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    for (&golden, now) in after {
        let then = before.get(&golden);
        let fields: BTreeSet<Field> =
            then.into_iter().chain([now]).flat_map(|it| it.settlements().map(|(field, _)| field)).collect();
        for field in fields {
            let (before, after) = (then.and_then(|it| it.text(field)), now.text(field));
            if before != after {
                let [before, after] = [before, after].map(|it| it.map(str::to_owned));
                changes.push(FieldChange { golden, field, before, after });
            }
        }
    }
    changes
}
