//! When golden records were worked on in their sources: when they were made there, and each time that somebody there
//! changed them. What came back because we wrote it is no work of theirs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::SourceSystem;
use entity::golden::{observation, record_link, source_record};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::facts::ECHO;
use crate::error::Result;
use crate::platform::database::lists;

/// When a golden record was worked on in its sources, by their clocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touches {
    /// When the oldest of its records was made.
    pub made_at: Option<DateTime<Utc>>,
    /// When one of them was made or changed.
    pub touched_at: BTreeSet<DateTime<Utc>>,
    /// When we last saw one change.
    pub observed_at: Option<DateTime<Utc>>,
}

/// When these golden records were worked on in their sources.
pub async fn touches(db: &impl ConnectionTrait, goldens: &[GoldenId]) -> Result<BTreeMap<GoldenId, Touches>> {
    let mut golden_of: HashMap<SourceRecordId, GoldenId> = HashMap::new();
    for list in lists(db, goldens) {
        let links = record_link::Entity::find()
            .select_only()
            .columns([record_link::Column::SourceRecordId, record_link::Column::GoldenId])
            .filter(record_link::Column::EndedAt.is_null())
            .filter(list.holds(record_link::Column::GoldenId));
        golden_of.extend(links.into_tuple::<(SourceRecordId, GoldenId)>().all(db).await?);
    }
    let mut touches: BTreeMap<GoldenId, Touches> = BTreeMap::new();
    let records: Vec<SourceRecordId> = golden_of.keys().copied().collect();
    let mut of_others = Vec::new();
    for list in lists(db, &records) {
        let rows = source_record::Entity::find()
            .filter(list.holds(source_record::Column::Id))
            .filter(source_record::Column::System.ne(SourceSystem::own()));
        for row in rows.all(db).await? {
            let of = touches.entry(golden_of[&row.id]).or_default();
            of.made_at = Some(of.made_at.map_or(row.created_at, |it| it.min(row.created_at)));
            of.touched_at.insert(row.created_at);
            of.observed_at = of.observed_at.max(Some(row.observed_at));
            of_others.push(row.id);
        }
    }
    for list in lists(db, &of_others) {
        let rows = observation::Entity::find()
            .select_only()
            .columns([observation::Column::SourceRecordId, observation::Column::ModifiedAt])
            .filter(list.holds(observation::Column::SourceRecordId))
            .filter(observation::Column::Flags.ne(ECHO));
        for (record, at) in rows.into_tuple::<(SourceRecordId, DateTime<Utc>)>().all(db).await? {
            touches.entry(golden_of[&record]).or_default().touched_at.insert(at);
        }
    }
    Ok(touches)
}
