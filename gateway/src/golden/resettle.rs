//! Every golden record settled anew, page by page: to see what other rules would change, and to change it.
//!
//! Both ways go through [`page`], so what was foreseen is what happens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::settlement;
use mastering::golden_record::GoldenRecord;
use mastering::survivorship::SourceFacts;
use mastering::survivorship::holds::Holds;
use rayon::prelude::*;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::facts::{self, Fact};
use super::links::Occasion;
use super::loader::RecordRef;
use super::pins::{self, InForce};
use super::resolve::{self, Settled};
use super::service::Engine;
use crate::error::{Error, Result};

/// Golden records settled at once.
const PAGE: u64 = 2_000;

/// A golden record as it is, and as the rules of an engine have it.
pub struct Resettled {
    /// The record.
    pub record: RecordRef,
    /// As its stored trace tells.
    pub before: GoldenRecord,
    facts: Vec<Fact>,
    settled: Settled,
}

impl Resettled {
    /// As the rules have it.
    pub fn after(&self) -> &GoldenRecord {
        &self.settled.golden
    }

    /// What its source records say.
    pub fn sources(&self) -> Vec<SourceFacts<'_>> {
        self.facts.iter().map(Fact::facts).collect()
    }

    /// Whether another value is served, or the same one from another source.
    fn is_served_otherwise(&self) -> bool {
        let served = |it: &GoldenRecord| -> Vec<_> {
            it.settlements().map(|(field, it)| (field, it.value.clone(), it.winner.clone())).collect()
        };
        served(&self.before) != served(self.after())
    }
}

/// How many golden records have a trace.
pub(super) async fn count(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(settlement::Entity::find().count(db).await?)
}

/// The next records behind an id, in the order of their ids, settled by an engine; empty behind the last one. Records
/// that every source has deleted keep their last values under any rules: they are passed over, so `behind` is told too.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    engine: &Engine,
    behind: Option<GoldenId>,
) -> Result<Option<(GoldenId, Vec<Resettled>)>> {
    let mut query = settlement::Entity::find();
    if let Some(id) = behind {
        query = query.filter(settlement::Column::GoldenId.gt(id));
    }
    let rows = query.order_by_asc(settlement::Column::GoldenId).limit(PAGE).all(db).await?;
    let Some(last) = rows.last().map(|it| it.golden_id) else { return Ok(None) };
    let ids: Vec<GoldenId> = rows.iter().map(|it| it.golden_id).collect();
    let held = InForce::read(db, &ids, engine.clock.now()).await?;
    let mut members = members(db, &ids).await?;
    let mut page = Vec::with_capacity(rows.len());
    for &kind in RecordKind::ALL {
        let of_kind: Vec<&settlement::Model> = rows.iter().filter(|it| it.kind == kind).collect();
        let members: BTreeMap<GoldenId, Vec<Fact>> = of_kind
            .iter()
            .map(|it| (it.golden_id, members.remove(&it.golden_id).unwrap_or_default()))
            .collect();
        let settled = resolve::settle(engine, kind, &members, &held);
        page.extend(compare(&of_kind, members, settled)?);
    }
    Ok(Some((last, page)))
}

async fn members(db: &impl ConnectionTrait, ids: &[GoldenId]) -> Result<HashMap<GoldenId, Vec<Fact>>> {
    let golden_of: HashMap<SourceRecordId, GoldenId> =
        facts::members(db, ids).await?.into_iter().map(|(golden, record)| (record, golden)).collect();
    let records: Vec<SourceRecordId> = golden_of.keys().copied().collect();
    let mut members: HashMap<GoldenId, Vec<Fact>> = HashMap::with_capacity(ids.len());
    for fact in facts::by_ids(db, &records).await? {
        members.entry(golden_of[&fact.row.id]).or_default().push(fact);
    }
    Ok(members)
}

/// Golden records as they would be with these members. One that does not exist yet was nothing before.
pub(super) async fn with_members(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    wanted: &[(GoldenId, Vec<SourceRecordId>)],
) -> Result<Vec<Resettled>> {
    let golden_of: HashMap<SourceRecordId, GoldenId> =
        wanted.iter().flat_map(|(golden, ids)| ids.iter().map(|id| (*id, *golden))).collect();
    let mut members: BTreeMap<GoldenId, Vec<Fact>> = BTreeMap::new();
    for fact in facts::by_ids(db, &golden_of.keys().copied().collect::<Vec<_>>()).await? {
        members.entry(golden_of[&fact.row.id]).or_default().push(fact);
    }
    let ids = wanted.iter().map(|it| it.0);
    let mut rows = settlement::Entity::find().filter(settlement::Column::GoldenId.is_in(ids)).all(db).await?;
    let known: BTreeSet<GoldenId> = rows.iter().map(|it| it.golden_id).collect();
    let nothing = mastering::survivorship::resolve(&engine.policies.precedence, kind, &[], &Holds::default());
    rows.extend(members.keys().filter(|it| !known.contains(it)).map(|&golden_id| settlement::Model {
        golden_id,
        kind,
        policy_version: nothing.policy().to_owned(),
        trace: nothing.to_trace(),
    }));
    let ids: Vec<GoldenId> = members.keys().copied().collect();
    let held = InForce::read(db, &ids, engine.clock.now()).await?;
    let settled = resolve::settle(engine, kind, &members, &held);
    compare(&rows.iter().collect::<Vec<_>>(), members, settled)
}

/// Puts what was together with what is settled, without the records that have no live source.
fn compare(
    rows: &[&settlement::Model],
    mut members: BTreeMap<GoldenId, Vec<Fact>>,
    settled: Vec<Settled>,
) -> Result<Vec<Resettled>> {
    let traces: HashMap<GoldenId, &settlement::Model> = rows.iter().map(|it| (it.golden_id, *it)).collect();
    let living: Vec<(Settled, Vec<Fact>)> = settled
        .into_iter()
        .filter(|it| !it.golden.sources().is_empty())
        .map(|it| (members.remove(&it.id).unwrap_or_default(), it))
        .map(|(facts, it)| (it, facts))
        .collect();
    tokio::task::block_in_place(|| {
        let compared = living.into_par_iter().map(|(settled, facts)| {
            let row = traces[&settled.id];
            let before = GoldenRecord::from_trace(row.kind, &row.trace).map_err(Error::internal)?;
            let record = RecordRef { kind: row.kind, id: row.golden_id };
            Ok(Resettled { record, before, facts, settled })
        });
        compared.collect()
    })
}

/// Serves what came out differently, and lets every trace name the policy that it follows from now.
pub(super) async fn write(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    page: Vec<Resettled>,
) -> Result<()> {
    let mut by_kind: BTreeMap<RecordKind, (Vec<Settled>, Vec<Settled>)> = BTreeMap::new();
    for it in page {
        let (served, kept) = by_kind.entry(it.record.kind).or_default();
        if it.is_served_otherwise() { served.push(it.settled) } else { kept.push(it.settled) }
    }
    for (kind, (served, kept)) in by_kind {
        resolve::write(db, engine, Occasion { kind, now }, &served).await?;
        let ids: Vec<GoldenId> = served.iter().map(|it| it.id).collect();
        let held = InForce::read(db, &ids, now).await?;
        pins::follow(db, engine, now, &served, &held).await?;
        resolve::store_traces(db, kind, &kept).await?;
    }
    Ok(())
}
