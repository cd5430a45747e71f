//! Batched reads of source records: one by one as sources name them, and all of a golden record.
//!
//! Who sees them is decided by whoever asks: these are the raw words of the sources, for staff.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::{SourceKey, SourceSystem};
use domain::sync::LinkState;
use entity::golden::record_link;
use entity::golden::source_record::{Column, Entity, Model};
use mastering::survivorship::SourceFacts;
use mastering::survivorship::field_states::FieldStates;
use mastering::survivorship::holds::Holds;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::pins;
use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::platform::database::lists;
use crate::platform::graphql::batch::{BatchLoad, Loaded};

/// A source record with what it says.
#[derive(Debug, Clone)]
pub struct SaidRecord {
    /// Its id here.
    pub id: SourceRecordId,
    /// What its source calls it.
    pub key: SourceKey,
    /// What it says now, and since when.
    pub states: FieldStates,
    /// Whether its source still has it.
    pub is_live: bool,
    /// When it was last modified, by the source's clock.
    pub modified_at: DateTime<Utc>,
    /// The golden record it belongs to.
    pub golden: Option<GoldenId>,
}

impl SaidRecord {
    /// What it contributes to its golden record.
    pub fn facts(&self) -> SourceFacts<'_> {
        SourceFacts { key: &self.key, states: &self.states, is_live: self.is_live }
    }

    /// Whether it is a note of ours on a golden record, which is compared with nothing.
    pub fn is_note(&self) -> bool {
        self.key.system == SourceSystem::own() && Uuid::try_parse(&self.key.external_id).is_ok()
    }

    fn read(row: Model, golden: Option<GoldenId>) -> Result<Self> {
        Ok(Self {
            id: row.id,
            states: FieldStates::from_json(row.kind, &row.facts).map_err(Error::internal)?,
            key: SourceKey { system: row.system, object: row.object, external_id: row.external_id },
            is_live: row.state == LinkState::Live,
            modified_at: row.modified_at,
            golden,
        })
    }
}

/// Source records by what their sources call them.
#[derive(Default)]
pub struct RecordByKey;

impl BatchLoad for RecordByKey {
    type Key = SourceKey;
    type Value = Arc<SaidRecord>;

    async fn load(ctx: &RequestContext, keys: &[SourceKey]) -> Loaded<Self> {
        let records = by_keys(ctx.read(), keys).await?;
        Ok(records.into_iter().map(|it| (it.key.clone(), Arc::new(it))).collect())
    }
}

/// A golden record with all its source records.
#[derive(Debug, Clone)]
pub struct Whole {
    /// Its id.
    pub golden: GoldenId,
    /// Its source records, in the order of their keys.
    pub members: Arc<Vec<SaidRecord>>,
    /// What people have fixed of it.
    pub holds: Arc<Holds>,
}

/// The golden records that source records belong to, by what their sources call them. Read in one go: a batch that waits
/// for another one is read in as many parts as the first one's answers come.
#[derive(Default)]
pub struct WholeByKey;

impl BatchLoad for WholeByKey {
    type Key = SourceKey;
    type Value = Whole;

    async fn load(ctx: &RequestContext, keys: &[SourceKey]) -> Loaded<Self> {
        let records = by_keys(ctx.read(), keys).await?;
        let goldens: BTreeSet<GoldenId> = records.iter().filter_map(|it| it.golden).collect();
        let members = members(ctx.read(), &goldens.into_iter().collect::<Vec<_>>()).await?;
        let members: HashMap<GoldenId, Arc<Vec<SaidRecord>>> =
            members.into_iter().map(|(id, it)| (id, Arc::new(it))).collect();
        let named: Vec<GoldenId> = members.keys().copied().collect();
        let holds: HashMap<GoldenId, Arc<Holds>> = pins::holds_of(ctx.read(), &named, ctx.now)
            .await?
            .into_iter()
            .map(|(id, it)| (id, Arc::new(it)))
            .collect();
        let whole = |it: SaidRecord| {
            let golden = it.golden?;
            let members = Arc::clone(members.get(&golden)?);
            let holds = holds.get(&golden).map(Arc::clone).unwrap_or_default();
            Some((it.key, Whole { golden, members, holds }))
        };
        Ok(records.into_iter().filter_map(whole).collect())
    }
}

/// The stored records of these names.
pub async fn by_keys(db: &impl ConnectionTrait, keys: &[SourceKey]) -> Result<Vec<SaidRecord>> {
    let mut records = Vec::with_capacity(keys.len());
    let mut of_place: BTreeMap<(&SourceSystem, &str), Vec<&str>> = BTreeMap::new();
    for key in keys {
        of_place.entry((&key.system, &key.object)).or_default().push(&key.external_id);
    }
    for ((system, object), ids) in of_place {
        for list in lists(db, &ids) {
            let of_place = Column::System.eq(system.clone()).and(Column::Object.eq(object));
            let rows = Entity::find().filter(of_place.and(list.holds(Column::ExternalId)));
            records.extend(with_goldens(db, rows.all(db).await?).await?);
        }
    }
    Ok(records)
}

/// The members of golden records, each golden record's in the order of their keys.
pub async fn members(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
) -> Result<BTreeMap<GoldenId, Vec<SaidRecord>>> {
    let mut golden_of = HashMap::new();
    for list in lists(db, goldens) {
        golden_of.extend(links(db, list.holds(record_link::Column::GoldenId)).await?);
    }
    let ids: Vec<SourceRecordId> = golden_of.keys().copied().collect();
    let mut members: BTreeMap<GoldenId, Vec<SaidRecord>> = BTreeMap::new();
    for list in lists(db, &ids) {
        let rows = Entity::find()
            .filter(list.holds(Column::Id))
            .order_by_asc(Column::System)
            .order_by_asc(Column::Object)
            .order_by_asc(Column::ExternalId);
        for row in rows.all(db).await? {
            let golden = golden_of[&row.id];
            members.entry(golden).or_default().push(SaidRecord::read(row, Some(golden))?);
        }
    }
    Ok(members)
}

/// Records with the golden records they belong to.
async fn with_goldens(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<SaidRecord>> {
    let ids: Vec<SourceRecordId> = rows.iter().map(|it| it.id).collect();
    let mut golden_of = HashMap::new();
    for list in lists(db, &ids) {
        golden_of.extend(links(db, list.holds(record_link::Column::SourceRecordId)).await?);
    }
    rows.into_iter()
        .map(|row| {
            let golden = golden_of.get(&row.id).copied();
            SaidRecord::read(row, golden)
        })
        .collect()
}

async fn links(
    db: &impl ConnectionTrait,
    condition: sea_orm::sea_query::Expr,
) -> Result<Vec<(SourceRecordId, GoldenId)>> {
    let links = record_link::Entity::find()
        .select_only()
        .columns([record_link::Column::SourceRecordId, record_link::Column::GoldenId])
        .filter(record_link::Column::EndedAt.is_null())
        .filter(condition);
    Ok(links.into_tuple().all(db).await?)
}
