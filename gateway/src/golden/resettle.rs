//! Every golden record settled anew, page by page: to see what other rules would change, and to change it.
//!
//! Both ways go through a [`Sweep`], so what was foreseen is what happens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::SourceKey;
use entity::golden::{settlement, source_record};
use mastering::golden_record::GoldenRecord;
use mastering::policy::PrecedencePolicy;
use mastering::survivorship::SourceFacts;
use mastering::survivorship::holds::Holds;
use mastering::write_back::{self, WriteBack};
use rayon::prelude::*;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::facts::{self, Fact};
use super::links::Occasion;
use super::loader::RecordRef;
use super::pins::{self, InForce};
use super::rebuild::Regrouping;
use super::resolve::{self, Settled};
use super::service::Engine;
use crate::error::{Error, Result};
use crate::platform::database::lists;
use crate::review::foresight::Saying;
use crate::sync::outbound::{self, Served};

/// Golden records settled at once.
const PAGE: u64 = 2_000;

/// A golden record as it is, and as the rules of an engine have it.
pub struct Resettled {
    /// The record.
    pub record: RecordRef,
    /// As its stored trace tells.
    pub before: GoldenRecord,
    /// What is said to the review queue about its pins.
    pub sayings: Vec<Saying>,
    facts: Vec<Fact>,
    settled: Settled,
    has_other_trace: bool,
    is_new: bool,
    /// The golden records that some of its members come from, as their stored traces tell.
    origins: Vec<(GoldenId, GoldenRecord)>,
}

impl Resettled {
    /// As the rules have it.
    pub fn after(&self) -> &GoldenRecord {
        &self.settled.golden
    }

    /// The record, unless it does not exist yet and will have another id when it does.
    pub fn known_record(&self) -> Option<RecordRef> {
        (!self.is_new).then_some(self.record)
    }

    /// What one of its source records says of a field.
    pub fn said(&self, source: &SourceKey, field: Field) -> Option<String> {
        let fact = self.facts.iter().find(|it| *it.key == *source)?;
        fact.states.get(field)?.value.clone()
    }

    /// What is due to be written to its source records, by the rules and the golden records from before.
    pub fn due_before(&self, policy: &PrecedencePolicy) -> Vec<WriteBack<'_>> {
        let of = |golden: GoldenId, record| {
            let sources = self.facts.iter().filter(|it| it.golden == Some(golden)).map(Fact::facts);
            write_back::due(policy, record, &sources.collect::<Vec<_>>())
        };
        let mut due = of(self.record.id, &self.before);
        due.extend(self.origins.iter().flat_map(|(id, golden)| of(*id, golden)));
        due.sort_unstable();
        due
    }

    /// What is due to be written to its source records, by these rules.
    pub fn due_after(&self, policy: &PrecedencePolicy) -> Vec<WriteBack<'_>> {
        let sources: Vec<SourceFacts<'_>> = self.facts.iter().map(Fact::facts).collect();
        write_back::due(policy, self.after(), &sources)
    }

    /// Whether anything of its trace is another one: a value, a reason, a member.
    pub fn has_other_trace(&self) -> bool {
        self.has_other_trace
    }

    /// Whether another value is served, or the same one from another source.
    pub fn is_served_otherwise(&self) -> bool {
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

/// All golden records, settled anew in the order of their ids. The next ones are read while the present ones are settled.
pub struct Sweep<'a> {
    engine: &'a Engine,
    ahead: Option<Unsettled>,
    has_begun: bool,
}

impl<'a> Sweep<'a> {
    /// Settles by the rules of this engine.
    pub fn by(engine: &'a Engine) -> Self {
        Self { engine, ahead: None, has_begun: false }
    }

    /// The next golden records; `None` behind the last one. Those that every source has deleted keep their last values
    /// under any rules, so they are passed over. Writes nothing.
    pub async fn next(&mut self, db: &impl ConnectionTrait) -> Result<Option<Vec<Resettled>>> {
        if !self.has_begun {
            self.has_begun = true;
            self.ahead = read(db, self.engine, None).await?;
        }
        let Some(page) = self.ahead.take() else { return Ok(None) };
        let (last, engine) = (page.rows.last().map(|it| it.golden_id), self.engine.clone());
        let settled = tokio::task::spawn_blocking(move || page.settle(&engine));
        let (settled, ahead) = tokio::join!(settled, read(db, self.engine, last));
        self.ahead = ahead?;
        settled.map_err(Error::internal)?.map(Some)
    }
}

/// Golden records with all that settling them takes, as it is stored.
struct Unsettled {
    rows: Vec<settlement::Model>,
    records: Vec<(GoldenId, source_record::Model)>,
    held: InForce,
}

async fn read(
    db: &impl ConnectionTrait,
    engine: &Engine,
    behind: Option<GoldenId>,
) -> Result<Option<Unsettled>> {
    let mut query = settlement::Entity::find();
    if let Some(id) = behind {
        query = query.filter(settlement::Column::GoldenId.gt(id));
    }
    let rows = query.order_by_asc(settlement::Column::GoldenId).limit(PAGE).all(db).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let ids: Vec<GoldenId> = rows.iter().map(|it| it.golden_id).collect();
    let held = InForce::read(db, &ids, engine.clock.now()).await?;
    Ok(Some(Unsettled { records: facts::rows_of(db, &ids).await?, rows, held }))
}

impl Unsettled {
    fn settle(self, engine: &Engine) -> Result<Vec<Resettled>> {
        let facts = self.records.into_par_iter();
        let facts: Vec<(GoldenId, Fact)> =
            facts.map(|(golden, row)| Ok((golden, Fact::read(row, Some(golden))?))).collect::<Result<_>>()?;
        let mut members: HashMap<GoldenId, Vec<Fact>> = HashMap::with_capacity(self.rows.len());
        for (golden, fact) in facts {
            members.entry(golden).or_default().push(fact);
        }
        let mut page = Vec::with_capacity(self.rows.len());
        for &kind in RecordKind::ALL {
            let rows: Vec<&settlement::Model> = self.rows.iter().filter(|it| it.kind == kind).collect();
            let of_kind = rows.iter().map(|it| it.golden_id);
            let members: BTreeMap<GoldenId, Vec<Fact>> =
                of_kind.map(|id| (id, members.remove(&id).unwrap_or_default())).collect();
            let settled = resolve::settle(engine, kind, &members, &self.held);
            page.extend(compare(&rows, members, settled, &self.held)?);
        }
        Ok(page)
    }
}

/// Golden records as they would be with these members, a page of a regrouping. One that does not exist yet was nothing before.
pub(super) async fn with_members(
    db: &impl ConnectionTrait,
    engine: &Engine,
    regrouping: &Regrouping,
    wanted: &[(GoldenId, Vec<SourceRecordId>)],
) -> Result<Vec<Resettled>> {
    let kind = regrouping.kind;
    let golden_of: HashMap<SourceRecordId, GoldenId> =
        wanted.iter().flat_map(|(golden, ids)| ids.iter().map(|id| (*id, *golden))).collect();
    let mut members: BTreeMap<GoldenId, Vec<Fact>> = BTreeMap::new();
    for fact in facts::by_ids(db, &golden_of.keys().copied().collect::<Vec<_>>()).await? {
        members.entry(golden_of[&fact.row.id]).or_default().push(fact);
    }
    let came_from = members.values().flatten().filter_map(|it| it.golden);
    let stored = stored(db, members.keys().copied().chain(came_from).collect()).await?;
    let nothing = mastering::survivorship::resolve(&engine.policies.precedence, kind, &[], &Holds::default());
    let is_new = |it: &&GoldenId| !stored.contains_key(it);
    let new = members.keys().filter(is_new).map(|&golden_id| settlement::Model {
        golden_id,
        kind,
        policy_version: nothing.policy().to_owned(),
        trace: nothing.to_trace(),
    });
    let new: Vec<settlement::Model> = new.collect();
    let ids: Vec<GoldenId> = members.keys().copied().collect();
    let held = InForce::foresee(db, &ids, engine.clock.now(), &regrouping.holds).await?;
    let settled = resolve::settle(engine, kind, &members, &held);
    let rows: Vec<&settlement::Model> = stored.values().chain(&new).collect();
    let mut page = compare(&rows, members, settled, &held)?;
    for it in &mut page {
        it.is_new = regrouping.created.contains(&it.record.id);
        it.origins = it.came_from(&stored)?;
    }
    Ok(page)
}

/// The stored traces of golden records.
async fn stored(
    db: &impl ConnectionTrait,
    ids: BTreeSet<GoldenId>,
) -> Result<BTreeMap<GoldenId, settlement::Model>> {
    let mut rows = BTreeMap::new();
    for list in lists(db, &ids.into_iter().collect::<Vec<_>>()) {
        let of_goldens = list.holds(settlement::Column::GoldenId);
        let found = settlement::Entity::find().filter(of_goldens).all(db).await?;
        rows.extend(found.into_iter().map(|it| (it.golden_id, it)));
    }
    Ok(rows)
}

impl Resettled {
    /// The golden records that some of its members come from.
    fn came_from(
        &self,
        stored: &BTreeMap<GoldenId, settlement::Model>,
    ) -> Result<Vec<(GoldenId, GoldenRecord)>> {
        let origins: BTreeSet<GoldenId> = self.facts.iter().filter_map(|it| it.golden).collect();
        let rows = origins.iter().filter(|it| **it != self.record.id).filter_map(|it| stored.get(it));
        let read = |row: &settlement::Model| {
            let golden = GoldenRecord::from_trace(row.kind, &row.trace).map_err(Error::internal)?;
            Ok((row.golden_id, golden))
        };
        rows.map(read).collect()
    }
}

/// Puts what was together with what is settled, without the records that have no live source.
fn compare(
    rows: &[&settlement::Model],
    mut members: BTreeMap<GoldenId, Vec<Fact>>,
    settled: Vec<Settled>,
    held: &InForce,
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
            let sayings = pins::foresee((settled.id, &settled.golden), held)?;
            let has_other_trace = row.trace != settled.trace;
            let origins = Vec::new();
            let is_new = false;
            Ok(Resettled { record, before, sayings, facts, settled, has_other_trace, is_new, origins })
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
    let mut told: BTreeMap<RecordKind, Vec<Served<'_>>> = BTreeMap::new();
    for it in &page {
        told.entry(it.record.kind).or_default().push(it.settled.with(&it.facts));
    }
    for (kind, served) in &told {
        outbound::follow(db, engine, (*kind, now), served).await?;
    }
    drop(told);
    let mut by_kind: BTreeMap<RecordKind, (Vec<Settled>, Vec<Settled>)> = BTreeMap::new();
    for it in page {
        let (served, kept) = by_kind.entry(it.record.kind).or_default();
        if it.is_served_otherwise() { served.push(it.settled) } else { kept.push(it.settled) }
    }
    for (kind, (mut served, mut kept)) in by_kind {
        resolve::write(db, engine, Occasion { kind, now }, &served, &BTreeSet::new()).await?;
        resolve::store_traces(db, kind, &kept).await?;
        // Behind a pin another value may stand now, though the same one is served.
        served.append(&mut kept);
        let ids: Vec<GoldenId> = served.iter().map(|it| it.id).collect();
        let held = InForce::read(db, &ids, now).await?;
        pins::follow(db, engine, now, &served, &held).await?;
    }
    Ok(())
}
