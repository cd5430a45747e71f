//! All records of a kind grouped anew by other rules: to see what they would join and part, and to do it.
//!
//! Seeing reads everything and writes nothing. Doing replaces the candidates, and then groups the neighbourhoods that come
//! out differently, through the same functions as every change of a single record: what was foreseen is what happens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::SourceKey;
use entity::golden::{match_candidate, match_decision};
use mastering::matching::verdict::{Band, Verdict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::accounts_ahead::AccountsAhead;
use super::everything::Everything;
use super::index::Index;
use super::links::Occasion;
use super::matching::{self, Pair};
use super::pins::{self, Book, Moves};
use super::placing::{self, Origin, Placed, Standing};
use super::questions::{self, Doubt};
use super::service::Engine;
use super::{absorb, records};
use crate::error::Result;
use crate::platform::database::insert_rows;
use crate::review;
use crate::review::foresight::Saying;

/// Groups that are written at once.
const GROUPS: usize = 500;

/// What other rules make of all records of a kind.
#[derive(Debug)]
pub struct Regrouping {
    /// The kind.
    pub kind: RecordKind,
    /// Golden records that are joined: loser and survivor.
    pub merges: Vec<(GoldenId, GoldenId)>,
    /// Golden records that fall apart, and what comes out of them.
    pub splits: Vec<(GoldenId, GoldenId)>,
    /// Pairs that a person should look at.
    pub doubtful: Vec<[SourceKey; 2]>,
    /// Source records that go from one golden record to another.
    pub(super) moved: BTreeMap<SourceRecordId, (GoldenId, GoldenId)>,
    /// Golden records that do not exist yet. They get other ids when it is done.
    pub(super) created: BTreeSet<GoldenId>,
    /// Pins and locks as they will be.
    pub(super) holds: Book,
    /// The members of every golden record whose members change.
    changed: Vec<(GoldenId, Vec<SourceRecordId>)>,
    verdicts: BTreeMap<Pair, Verdict>,
    /// The doubtful pairs, by our ids.
    doubts: Vec<Pair>,
}

/// What these rules would make of all records of a kind, when accounts are as they will be. Writes nothing.
pub(super) async fn foresee(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    ahead: &AccountsAhead,
) -> Result<Regrouping> {
    let everything = Everything::read(db, kind, ahead).await?;
    let decisions = decisions(db, kind).await?;
    let clusters = tokio::task::block_in_place(|| everything.cluster(&engine.policies.matching, &decisions));
    let id = |at: u32| everything.ids[at as usize];
    let pair = |a: u32, b: u32| matching::pair(id(a), id(b));
    let groups: Vec<Vec<SourceRecordId>> =
        clusters.groups.groups.iter().map(|it| it.iter().map(|at| id(*at)).collect()).collect();
    let standing = Standing::of(db, kind, &groups, everything.current.clone()).await?;
    let placed = placing::place(groups, &standing, || engine.clock.new_id());
    let golden_of: BTreeMap<SourceRecordId, GoldenId> =
        placed.iter().flat_map(|it| it.records.iter().map(|id| (*id, it.golden))).collect();
    let refused: BTreeSet<Pair> = clusters.groups.refused.iter().map(|it| pair(it.a, it.b)).collect();
    let doubt = Doubt::of(&refused, &decisions);
    let moved = Moved::of(&everything, &placed, &standing);
    let mut regrouping = moved.regrouping(db, engine, kind).await?;
    for it in clusters.candidates.into_iter().filter(|it| it.verdict.band >= Band::Review) {
        let pair = pair(it.a, it.b);
        let goldens = [pair.0, pair.1].map(|it| golden_of.get(&it).copied());
        if doubt.is_about(&pair, it.verdict.band, goldens) {
            regrouping.doubtful.push([it.a, it.b].map(|at| everything.keys[at as usize].clone()));
            regrouping.doubts.push(pair);
        }
        regrouping.verdicts.insert(pair, it.verdict);
    }
    Ok(regrouping)
}

/// Does what was foreseen. What hangs on accounts is looked at when its own kind has its turn.
pub(super) async fn apply(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    regrouping: &Regrouping,
    by: &str,
) -> Result<()> {
    let occasion = Occasion { kind: regrouping.kind, now };
    replace_candidates(db, engine, occasion, &regrouping.verdicts).await?;
    Index { db, policy: &engine.policies.matching, kind: occasion.kind }.close_all().await?;
    for chunk in regrouping.pages() {
        let records: Vec<SourceRecordId> = chunk.iter().flat_map(|it| it.1.iter().copied()).collect();
        let linked = absorb::regroup_alone(db, engine, occasion, &records, by).await?;
        absorb::follow_references(db, occasion.kind, &linked).await?;
    }
    let doubts = regrouping.doubts.iter().filter_map(|it| Some((*it, regrouping.verdicts.get(it)?)));
    questions::ask_about(db, engine, occasion, &doubts.collect::<Vec<_>>()).await?;
    review::service::weigh(db, now).await
}

/// The golden records that these source records will belong to.
pub(super) async fn goldens_after(
    db: &impl ConnectionTrait,
    regrouping: &Regrouping,
    keys: &[SourceKey],
) -> Result<HashMap<SourceKey, GoldenId>> {
    let records = records::by_keys(db, keys).await?.into_iter();
    let golden = |it: &records::SaidRecord| regrouping.moved.get(&it.id).map(|it| it.1).or(it.golden);
    Ok(records.filter_map(|it| Some((it.key.clone(), golden(&it)?))).collect())
}

impl Regrouping {
    /// The golden records whose members change, with their new members, some at a time.
    pub fn pages(&self) -> impl Iterator<Item = &[(GoldenId, Vec<SourceRecordId>)]> {
        self.changed.chunks(GROUPS)
    }

    /// The golden records that source records leave or come to.
    pub fn touched(&self) -> Vec<GoldenId> {
        let touched: BTreeSet<GoldenId> = self.moved.values().flat_map(|it| [it.0, it.1]).collect();
        touched.into_iter().collect()
    }

    /// What is said to the review queue about pins and locks that meet on one record.
    pub fn sayings(&self) -> Vec<Saying> {
        self.holds.sayings()
    }
}

/// What is otherwise than it stands.
#[derive(Default)]
struct Moved {
    merges: Vec<(GoldenId, GoldenId)>,
    splits: Vec<(GoldenId, GoldenId)>,
    /// Golden records that are records of their own from now on.
    fresh: BTreeSet<GoldenId>,
    created: BTreeSet<GoldenId>,
    changed: BTreeMap<GoldenId, Vec<SourceRecordId>>,
    moved: BTreeMap<SourceRecordId, (GoldenId, GoldenId)>,
}

impl Moved {
    fn of(everything: &Everything, placed: &[Placed], standing: &Standing) -> Self {
        let current = &everything.current;
        let mut found = Self::default();
        found.merges.extend(placed.iter().flat_map(|it| it.losers.iter().map(|loser| (*loser, it.golden))));
        let mut touched: BTreeSet<GoldenId> = BTreeSet::new();
        for it in placed {
            let left = it.records.iter().filter_map(|id| current.get(id)).filter(|from| **from != it.golden);
            let left: BTreeSet<GoldenId> = left.copied().collect();
            if it.origin != Origin::Kept {
                found.fresh.insert(it.golden);
                found.created.extend((it.origin == Origin::New).then_some(it.golden));
                found.splits.extend(left.iter().map(|from| (*from, it.golden)));
            }
            if !left.is_empty() {
                touched.insert(it.golden);
                touched.extend(left);
            }
        }
        let changed = placed.iter().filter(|it| touched.contains(&it.golden));
        found.changed = changed.map(|it| (it.golden, it.records.clone())).collect();
        found.let_follow(everything, standing);
        let of_golden = found.changed.iter().flat_map(|(to, ids)| ids.iter().map(|id| (*id, *to)));
        let moved = of_golden.filter_map(|(id, to)| Some((id, (*current.get(&id)?, to))));
        found.moved = moved.filter(|(_, (from, to))| from != to).collect();
        found
    }

    /// What takes no part in matching goes back with an id that is given back, and along with one that loses a merge.
    fn let_follow(&mut self, everything: &Everything, standing: &Standing) {
        let losers: BTreeMap<GoldenId, GoldenId> = self.merges.iter().copied().collect();
        for (id, golden) in &everything.followers {
            let back = standing.way_back(*id, |it| self.fresh.contains(&it));
            let golden = back.unwrap_or_else(|| *losers.get(golden).unwrap_or(golden));
            if let Some(members) = self.changed.get_mut(&golden) {
                members.push(*id);
            }
        }
    }

    async fn regrouping(
        self,
        db: &impl ConnectionTrait,
        engine: &Engine,
        kind: RecordKind,
    ) -> Result<Regrouping> {
        let moved = self.moved.iter().map(|(id, (from, to))| (*id, *from, *to));
        let moves = Moves::new(moved, |it| self.fresh.contains(it), &self.merges);
        Ok(Regrouping {
            kind,
            holds: pins::foresee_links(db, engine, engine.clock.now(), moves).await?,
            merges: self.merges,
            splits: self.splits,
            doubtful: Vec::new(),
            moved: self.moved,
            created: self.created,
            changed: self.changed.into_iter().collect(),
            verdicts: BTreeMap::new(),
            doubts: Vec::new(),
        })
    }
}

async fn decisions(db: &impl ConnectionTrait, kind: RecordKind) -> Result<Vec<match_decision::Model>> {
    use match_decision::Column;
    let decisions =
        match_decision::Entity::find().filter(Column::Kind.eq(kind)).filter(Column::EndedAt.is_null());
    Ok(decisions.all(db).await?)
}

async fn replace_candidates(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    verdicts: &BTreeMap<Pair, Verdict>,
) -> Result<()> {
    match_candidate::Entity::delete_many()
        .filter(match_candidate::Column::Kind.eq(occasion.kind))
        .exec(db)
        .await?;
    let row = |(pair, verdict): (&Pair, &Verdict)| {
        matching::row(engine, occasion, *pair, verdict).into_active_model()
    };
    Ok(insert_rows::<match_candidate::Entity, _>(db, verdicts.iter().map(row).collect(), None).await?)
}
