//! Which source records belong to which golden record: placing groups, and writing down who moved.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::sync::LinkState;
use entity::golden::record_link;
use mastering::matching::blocking::BlockingKey;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use super::facts::{Fact, News};
use super::matching::{Found, pair};
use super::neighbourhood::Neighbourhood;
use super::placing::{self, Origin, Past, Placed, Standing};
use super::service::{Ambiguous, Engine};
use super::stays::{self, Stay};
use super::{pins, questions, redirects, source_merges};
use crate::error::Result;
use crate::platform::database::{insert_rows, lists};

/// Where records ended up.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// The golden record of each source record that was looked at.
    pub(super) goldens: BTreeMap<SourceRecordId, GoldenId>,
    /// Golden records that did not exist before.
    pub(super) created: BTreeSet<GoldenId>,
    /// Golden records that must be settled anew.
    pub(super) affected: BTreeSet<GoldenId>,
    /// Losers of merges, with their survivors.
    pub(super) merged: Vec<(GoldenId, GoldenId)>,
    /// Golden records that are records of their own again.
    pub(super) restored: Vec<GoldenId>,
    /// Source records that have another golden record than before.
    pub(super) moved: Vec<Move>,
    /// Pins and locks that stayed because nothing says with which records they go.
    pub(super) ambiguous: Vec<Ambiguous>,
    /// Keys under which records came, went or changed.
    pub(super) keys: BTreeSet<BlockingKey>,
}

/// A source record that went from one golden record to another.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) fact: Fact,
    pub(super) from: GoldenId,
    pub(super) to: GoldenId,
}

/// When and of what kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion {
    pub(super) kind: RecordKind,
    pub(super) now: DateTime<Utc>,
}

/// Who joins and parts when the rules do it by themselves.
pub(super) const AUTO: &str = "AUTO";

/// Groups everything that hangs together with these records anew, and links each to its golden record.
pub(super) async fn link(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    (seeds, mut found): (Vec<Fact>, Found),
    by: &str,
) -> Result<Linked> {
    let seed_ids: Vec<SourceRecordId> = seeds.iter().map(|it| it.row.id).collect();
    let neighbourhood = Neighbourhood::gather(db, &mut found, seeds).await?;
    let grouping = neighbourhood.group(db, engine, occasion.kind, &found).await?;
    let current = neighbourhood.facts.values().filter_map(|it| Some((it.row.id, it.golden?))).collect();
    let standing = Standing::of(db, occasion.kind, &grouping.groups, current).await?;
    let placed = placing::place(grouping.groups, &standing, || engine.clock.new_id());
    let mut linked = Linked::of(engine, &placed, &neighbourhood, &standing);
    linked.affected.extend(seed_ids.iter().filter_map(|it| linked.goldens.get(it)));
    redirects::restore(db, occasion, &linked.restored, by).await?;
    redirects::merge(db, engine, occasion, &linked, by).await?;
    linked.ambiguous = pins::follow_links(db, engine, occasion.now, &linked).await?;
    write(db, engine, occasion, &linked, &placed, &neighbourhood).await?;
    questions::ask(db, engine, occasion, &found, &neighbourhood, (&linked, &grouping.refused)).await?;
    source_merges::withdraw_moot(db, engine, occasion, &linked).await?;
    linked.keys = found.keys;
    Ok(linked)
}

/// Links notes of ours, which say themselves to which golden record they belong.
pub(super) async fn link_own(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    news: &[News],
    golden: GoldenId,
) -> Result<Linked> {
    let mut linked = Linked::default();
    let mut rows = Vec::new();
    for it in news {
        linked.goldens.insert(it.fact.row.id, golden);
        if it.fact.golden.is_none() {
            rows.push(row(engine, occasion, it.fact.row.id, golden, &json!({ "rule": "OWN" })));
        }
    }
    linked.affected.insert(golden);
    insert(db, rows).await?;
    Ok(linked)
}

impl Standing {
    /// What is known of the golden records that records are in now. The past is only read of those that fall apart.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        kind: RecordKind,
        groups: &[Vec<SourceRecordId>],
        current: BTreeMap<SourceRecordId, GoldenId>,
    ) -> Result<Self> {
        let parting = placing::parting(groups, &current);
        let members = current.iter().filter(|(_, golden)| parting.contains(golden)).map(|it| *it.0);
        let stays = stays::of(db, &members.collect::<Vec<_>>()).await?;
        let former: BTreeSet<GoldenId> = stays.values().flatten().map(|it| it.0).collect();
        let former: Vec<GoldenId> = former.into_iter().collect();
        let survivors = redirects::survivors(db, &former).await?;
        let past = |stays: Vec<Stay>| Past::of(&stays, |id| survivors.get(&id).copied());
        let past = stays.into_iter().filter_map(|(id, stays)| Some((id, past(stays)?))).collect();
        let redirecting = redirects::redirecting(db, kind, &former).await?;
        Ok(Self { current, past, redirecting })
    }
}

impl Linked {
    fn of(engine: &Engine, placed: &[Placed], neighbourhood: &Neighbourhood, standing: &Standing) -> Self {
        let mut linked = Self::default();
        for it in placed {
            linked.goldens.extend(it.records.iter().map(|record| (*record, it.golden)));
            linked.merged.extend(it.losers.iter().map(|loser| (*loser, it.golden)));
            match it.origin {
                Origin::Kept => {}
                Origin::Restored => linked.restored.push(it.golden),
                Origin::New => drop(linked.created.insert(it.golden)),
            }
        }
        linked.let_follow(engine, neighbourhood, standing);
        for fact in neighbourhood.facts.values() {
            let to = linked.goldens[&fact.row.id];
            if let Some(from) = fact.golden.filter(|it| *it != to) {
                linked.moved.push(Move { fact: fact.clone(), from, to });
            }
        }
        let losers: BTreeSet<GoldenId> = linked.merged.iter().map(|it| it.0).collect();
        let touched = linked.moved.iter().flat_map(|it| [it.from, it.to]);
        let touched = touched.chain(linked.created.iter().copied()).chain(linked.restored.iter().copied());
        linked.affected = touched.filter(|it| !losers.contains(it)).collect();
        linked
    }

    /// What takes no part in matching stays with its golden record: records that their source has deleted, and notes of
    /// ours. They go back with an id that is given back, and along with one that loses a merge. A deleted record that a
    /// person put with a living one takes its golden record along, if nothing else lives there.
    fn let_follow(&mut self, engine: &Engine, neighbourhood: &Neighbourhood, standing: &Standing) {
        let lived_in: BTreeSet<GoldenId> = self.goldens.values().copied().collect();
        let lifeless =
            |it: &GoldenId| !lived_in.contains(it) && self.merged.iter().all(|(loser, _)| loser != it);
        let put_with: BTreeMap<GoldenId, GoldenId> = neighbourhood
            .put_together()
            .flat_map(|(a, b)| [(a, b), (b, a)])
            .filter_map(|(dead, living)| {
                let dead = neighbourhood.facts.get(&dead).filter(|it| !it.is_matchable())?;
                Some((dead.golden.filter(lifeless)?, *self.goldens.get(&living)?))
            })
            .collect();
        self.merged.extend(put_with);
        let survivors: BTreeMap<GoldenId, GoldenId> = self.merged.iter().copied().collect();
        for fact in neighbourhood.facts.values().filter(|it| !it.is_matchable()) {
            let back = standing.way_back(fact.row.id, |it| self.restored.contains(&it));
            let golden = back.or(fact.golden).unwrap_or_else(|| {
                let id = engine.clock.new_id();
                self.created.insert(id);
                id
            });
            self.goldens.insert(fact.row.id, survivors.get(&golden).copied().unwrap_or(golden));
        }
    }
}

/// Ends the links that hold no more, and writes the new ones.
async fn write(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    linked: &Linked,
    placed: &[Placed],
    neighbourhood: &Neighbourhood,
) -> Result<()> {
    let moved: Vec<SourceRecordId> = linked.moved.iter().map(|it| it.fact.row.id).collect();
    for list in lists(db, &moved) {
        record_link::Entity::update_many()
            .col_expr(record_link::Column::EndedAt, Expr::value(occasion.now))
            .filter(list.holds(record_link::Column::SourceRecordId))
            .filter(record_link::Column::EndedAt.is_null())
            .exec(db)
            .await?;
    }
    let group_of: BTreeMap<GoldenId, &[SourceRecordId]> =
        placed.iter().map(|it| (it.golden, it.records.as_slice())).collect();
    let changed = neighbourhood.facts.values().filter(|it| it.golden != Some(linked.goldens[&it.row.id]));
    let rows = changed.map(|fact| {
        let golden = linked.goldens[&fact.row.id];
        let group = group_of.get(&golden).copied().unwrap_or_default();
        let evidence = evidence(neighbourhood, fact.row.id, group);
        let state = fact.row.state;
        record_link::Model { state, ..row(engine, occasion, fact.row.id, golden, &evidence) }
    });
    insert(db, rows.collect()).await
}

fn row(
    engine: &Engine,
    occasion: Occasion,
    source_record_id: SourceRecordId,
    golden_id: GoldenId,
    evidence: &Value,
) -> record_link::Model {
    record_link::Model {
        id: engine.clock.new_id(),
        source_record_id,
        golden_id,
        kind: occasion.kind,
        state: LinkState::Live,
        linked_at: occasion.now,
        ended_at: None,
        evidence: evidence.to_string(),
    }
}

/// What put a record into its group: people's answers and verdicts about it and the others; the first needs none.
fn evidence(neighbourhood: &Neighbourhood, id: SourceRecordId, group: &[SourceRecordId]) -> Value {
    let others = || group.iter().filter(|other| **other != id);
    let pair = |other: &SourceRecordId| pair(id, *other);
    let decisions = neighbourhood.decisions.iter();
    let decisions: BTreeSet<_> = decisions
        .filter(|it| others().any(|other| pair(other) == (it.left_record_id, it.right_record_id)))
        .map(|it| it.id.to_string())
        .collect();
    let verdicts: Vec<Value> = others()
        .filter_map(|other| Some((other, neighbourhood.verdicts.get(&pair(other))?)))
        .map(|(other, verdict)| json!({ "with": other, "verdict": verdict }))
        .collect();
    match (decisions.is_empty(), verdicts.is_empty()) {
        (false, _) => json!({ "rule": "DECISION", "decisions": decisions, "verdicts": verdicts }),
        (true, false) => json!({ "rule": "MATCH", "verdicts": verdicts }),
        (true, true) => json!({ "rule": "FIRST" }),
    }
}

async fn insert(db: &impl ConnectionTrait, rows: Vec<record_link::Model>) -> Result<()> {
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    Ok(insert_rows::<record_link::Entity, _>(db, rows, None).await?)
}

/// Notes on the links which records their source has deleted, or brought back.
pub(super) async fn follow_states(db: &impl ConnectionTrait, news: &[News]) -> Result<()> {
    for state in [LinkState::Live, LinkState::Deleted] {
        let of_state = news.iter().filter(|it| it.fact.row.state == state && !it.is_first);
        let ids: Vec<_> = of_state.map(|it| it.fact.row.id).collect();
        for list in lists(db, &ids) {
            record_link::Entity::update_many()
                .col_expr(record_link::Column::State, Expr::value(state))
                .filter(list.holds(record_link::Column::SourceRecordId))
                .filter(record_link::Column::EndedAt.is_null())
                .filter(record_link::Column::State.ne(state))
                .exec(db)
                .await?;
        }
    }
    Ok(())
}
