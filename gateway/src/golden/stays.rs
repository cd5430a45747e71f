//! Where source records belonged, and since when.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::record_link;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Result;
use crate::platform::database::lists;

/// A golden record, and since when a source record belonged to it.
pub(super) type Stay = (GoldenId, DateTime<Utc>);

/// The golden records that each of these records ever belonged to, oldest first.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    records: &[SourceRecordId],
) -> Result<BTreeMap<SourceRecordId, Vec<Stay>>> {
    use record_link::Column;
    let mut stays: BTreeMap<SourceRecordId, Vec<Stay>> = BTreeMap::new();
    for list in lists(db, records) {
        let links: Vec<(SourceRecordId, GoldenId, DateTime<Utc>)> = record_link::Entity::find()
            .select_only()
            .columns([Column::SourceRecordId, Column::GoldenId, Column::LinkedAt])
            .filter(list.holds(Column::SourceRecordId))
            // Ids grow, whatever the clocks of replicas show.
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(db)
            .await?;
        for (record, golden, since) in links {
            stays.entry(record).or_default().push((golden, since));
        }
    }
    Ok(stays)
}
