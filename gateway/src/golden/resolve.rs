//! From the stored facts of golden records to served values and traces.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::settlement;
use mastering::golden_record::GoldenRecord;
use mastering::survivorship::{SourceFacts, resolve};
use rayon::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::accounts_of_leads::Employer;
use super::facts::{self, Fact, News};
use super::links::{Linked, Occasion};
use super::pins::{self, InForce};
use super::references::References;
use super::served::{self, Serving};
use super::service::Engine;
use super::{accounts_of_leads, references};
use crate::error::{Error, Result};
use crate::platform::database::{insert_rows, lists};
use crate::sync::outbound::{self, Served};

/// A golden record, settled anew.
pub(super) struct Settled {
    pub(super) id: GoldenId,
    pub(super) golden: GoldenRecord,
    pub(super) trace: String,
}

impl Settled {
    /// With what its sources say, to see which of them are to be told something else.
    pub(super) fn with<'a>(&'a self, facts: &'a [Fact]) -> Served<'a> {
        Served {
            id: self.id,
            golden: &self.golden,
            sources: facts.iter().map(Fact::facts).collect(),
            stamps: facts.iter().map(|it| it.row.stamp).collect(),
        }
    }
}

/// Settles the affected golden records, and serves those that came out differently.
pub(super) async fn serve(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    news: &[News],
    linked: &Linked,
) -> Result<()> {
    let members = gather(db, news, linked).await?;
    // What is new has no holds, unless it parted from something that has.
    let parted: BTreeSet<GoldenId> = linked.moved.iter().map(|it| it.to).collect();
    let may_be_held = |it: &GoldenId| !linked.created.contains(it) || parted.contains(it);
    let held: Vec<GoldenId> = members.keys().copied().filter(may_be_held).collect();
    let held = InForce::read(db, &held, occasion.now).await?;
    let settled = settle(engine, occasion.kind, &members, &held);
    let (living, dead): (Vec<_>, Vec<_>) =
        settled.into_iter().partition(|it| !it.golden.sources().is_empty());
    let existing: Vec<GoldenId> =
        living.iter().map(|it| it.id).filter(|it| !linked.created.contains(it)).collect();
    served::revive_kind(db, occasion.kind, &existing, occasion.now).await?;
    let changed = changed(db, living, &existing).await?;
    write(db, engine, occasion, &changed, &linked.created).await?;
    pins::follow(db, engine, occasion.now, &changed, &held).await?;
    let served: Vec<Served<'_>> = changed.iter().chain(&dead).map(|it| it.with(&members[&it.id])).collect();
    outbound::follow(db, engine, (occasion.kind, occasion.now), &served).await?;
    let dead: Vec<GoldenId> = dead.iter().map(|it| it.id).collect();
    served::archive_kind(db, occasion.kind, &dead, occasion.now).await?;
    Ok(())
}

/// Settles golden records whose sources say nothing new: what people fixed of them, or the policy, is another one.
pub(super) async fn settle_anew(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    ids: impl IntoIterator<Item = GoldenId>,
) -> Result<()> {
    let mut linked = Linked::default();
    linked.affected.extend(ids);
    serve(db, engine, occasion, &[], &linked).await
}

/// Tells the outbox once more how golden records stand, by their stored traces.
pub(super) async fn tell_again(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    ids: &[GoldenId],
) -> Result<()> {
    let mut settled = Vec::with_capacity(ids.len());
    for list in lists(db, ids) {
        let rows = settlement::Entity::find().filter(list.holds(settlement::Column::GoldenId));
        for row in rows.all(db).await? {
            let golden = GoldenRecord::from_trace(row.kind, &row.trace).map_err(Error::internal)?;
            settled.push(Settled { id: row.golden_id, golden, trace: row.trace });
        }
    }
    let linked = Linked { affected: settled.iter().map(|it| it.id).collect(), ..Linked::default() };
    let members = gather(db, &[], &linked).await?;
    let served: Vec<Served<'_>> = settled.iter().map(|it| it.with(&members[&it.id])).collect();
    outbound::follow(db, engine, (occasion.kind, occasion.now), &served).await
}

/// The facts of all members of the affected golden records. Of golden records made just now we know them already.
async fn gather(
    db: &impl ConnectionTrait,
    news: &[News],
    linked: &Linked,
) -> Result<BTreeMap<GoldenId, Vec<Fact>>> {
    let mut members: BTreeMap<GoldenId, Vec<Fact>> =
        linked.affected.iter().map(|id| (*id, Vec::new())).collect();
    let mut at_hand: HashMap<SourceRecordId, &Fact> =
        news.iter().map(|it| (it.fact.row.id, &it.fact)).collect();
    let existing: Vec<GoldenId> = linked.affected.difference(&linked.created).copied().collect();
    let mut missing = BTreeMap::new();
    for (golden, id) in facts::members(db, &existing).await? {
        match at_hand.remove(&id) {
            Some(fact) => members.entry(golden).or_default().push(fact.clone()),
            None => drop(missing.insert(id, golden)),
        }
    }
    // Records may stand for themselves from now on without having said anything new: a person took them out.
    let parted = linked.goldens.iter().filter(|(_, golden)| linked.created.contains(golden));
    missing.extend(parted.filter(|(id, _)| !at_hand.contains_key(id)).map(|(id, golden)| (*id, *golden)));
    for (id, fact) in at_hand {
        if let Some(golden) = linked.goldens.get(&id) {
            members.entry(*golden).or_default().push(fact.clone());
        }
    }
    for fact in facts::by_ids(db, &missing.keys().copied().collect::<Vec<_>>()).await? {
        members.entry(missing[&fact.row.id]).or_default().push(fact);
    }
    Ok(members)
}

/// Settles golden records, whose facts these are.
pub(super) fn settle(
    engine: &Engine,
    kind: RecordKind,
    members: &BTreeMap<GoldenId, Vec<Fact>>,
    held: &InForce,
) -> Vec<Settled> {
    let policy = &engine.policies.precedence;
    tokio::task::block_in_place(|| {
        let settled = members.par_iter().map(|(&id, facts)| {
            let sources: Vec<SourceFacts<'_>> = facts.iter().map(Fact::facts).collect();
            let golden = resolve(policy, kind, &sources, held.of(id));
            let trace = golden.to_trace();
            Settled { id, golden, trace }
        });
        settled.collect()
    })
}

/// Those whose trace differs from the stored one.
async fn changed(
    db: &impl ConnectionTrait,
    settled: Vec<Settled>,
    existing: &[GoldenId],
) -> Result<Vec<Settled>> {
    let mut stored = HashMap::new();
    for list in lists(db, existing) {
        let query = settlement::Entity::find().filter(list.holds(settlement::Column::GoldenId));
        stored.extend(query.all(db).await?.into_iter().map(|it| (it.golden_id, it.trace)));
    }
    Ok(settled.into_iter().filter(|it| stored.get(&it.id) != Some(&it.trace)).collect())
}

/// Serves golden records as they are settled, and keeps their traces. Nothing is known yet of those that were created just
/// now.
pub(super) async fn write(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    settled: &[Settled],
    created: &BTreeSet<GoldenId>,
) -> Result<()> {
    let references = References::of(db, settled.iter().map(|it| &it.golden)).await?;
    let accounts = match occasion.kind {
        RecordKind::Lead => {
            let leads = settled.iter().map(|it| (it.id, &it.golden));
            let employers = accounts_of_leads::find(db, engine, leads).await?;
            accounts_of_leads::note(db, &employers, created, occasion.now).await?;
            employers
        }
        _ => BTreeMap::new(),
    };
    let serving = |it| serving(it, &references, accounts.get(&it.id), occasion);
    let servings: Vec<Serving<'_>> = settled.iter().map(serving).collect();
    let rows = async { Ok(served::write_kind(db, occasion.kind, &servings).await?) };
    tokio::try_join!(rows, store_traces(db, occasion.kind, settled))?;
    Ok(())
}

fn serving<'a>(
    it: &'a Settled,
    references: &'a References,
    employer: Option<&Employer>,
    occasion: Occasion,
) -> Serving<'a> {
    Serving {
        id: it.id,
        golden: &it.golden,
        references,
        account: employer.and_then(|it| it.account),
        now: occasion.now,
    }
}

/// Keeps the traces alone.
pub(super) async fn store_traces(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    settled: &[Settled],
) -> Result<()> {
    use settlement::Column;
    let replace = OnConflict::column(Column::GoldenId)
        .update_columns([Column::PolicyVersion, Column::Trace])
        .to_owned();
    let row = |it: &Settled| {
        let policy_version = it.golden.policy().to_owned();
        settlement::Model { golden_id: it.id, kind, policy_version, trace: it.trace.clone() }
            .into_active_model()
    };
    let rows = settled.iter().map(row).collect();
    Ok(insert_rows::<settlement::Entity, _>(db, rows, Some(replace)).await?)
}

/// Fills in references that waited for records that have arrived now.
pub(super) async fn complete(
    db: &impl ConnectionTrait,
    occasion: Occasion,
    news: &[News],
    linked: &Linked,
) -> Result<()> {
    let arrived: Vec<(String, GoldenId)> = news
        .iter()
        .filter(|it| it.is_first)
        .filter_map(|it| {
            let name = references::text(&it.fact.row.system, &it.fact.row.external_id);
            Some((name, *linked.goldens.get(&it.fact.row.id)?))
        })
        .collect();
    Ok(references::fill_in(db, occasion.kind, &arrived).await?)
}
