//! All records of a kind grouped anew by other rules: to see what they would join and part, and to do it.
//!
//! Seeing reads everything and writes nothing. Doing replaces the candidates, and then groups the neighbourhoods that come
//! out differently, through the same functions as every change of a single record: what was foreseen is what happens.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::review::MatchAnswer;
use domain::sources::SourceKey;
use entity::golden::{match_candidate, match_decision, source_record};
use mastering::matching::batch::{Clusters, cluster_decided};
use mastering::matching::clusters::{BatchRecord, Decisions, Options};
use mastering::matching::verdict::{Band, Verdict};
use mastering::policy::MatchingPolicy;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::absorb;
use super::facts::{self, Fact};
use super::index::Index;
use super::links::Occasion;
use super::matching::{self, Pair};
use super::placing::{self, Origin, Placed, Standing};
use super::questions;
use super::service::Engine;
use crate::error::Result;
use crate::platform::database::insert_rows;

/// Records read at once.
const PAGE: u64 = 2_000;
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
    /// The members of every golden record whose members change.
    changed: Vec<(GoldenId, Vec<SourceRecordId>)>,
    verdicts: BTreeMap<Pair, Verdict>,
    /// The doubtful pairs, by our ids.
    doubts: Vec<Pair>,
}

/// Everything there is of a kind, as grouping needs it.
struct Everything {
    records: Vec<BatchRecord<u32>>,
    ids: Vec<SourceRecordId>,
    keys: Vec<SourceKey>,
    current: BTreeMap<SourceRecordId, GoldenId>,
    /// Records that follow their golden record.
    followers: Vec<(SourceRecordId, GoldenId)>,
}

/// What these rules would make of all records of a kind. Writes nothing.
pub(super) async fn foresee(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
) -> Result<Regrouping> {
    let everything = Everything::read(db, kind).await?;
    let decisions = decisions(db, kind).await?;
    let clusters = tokio::task::block_in_place(|| everything.cluster(&engine.policies.matching, &decisions));
    let id = |at: u32| everything.ids[at as usize];
    let pair = |a: u32, b: u32| matching::pair(id(a), id(b));
    let groups: Vec<Vec<SourceRecordId>> =
        clusters.groups.groups.iter().map(|it| it.iter().map(|at| id(*at)).collect()).collect();
    let standing = Standing::of(db, kind, &groups, everything.current.clone()).await?;
    let placed = placing::place(groups, &standing, || engine.clock.new_id());
    let answered: BTreeSet<Pair> =
        decisions.iter().map(|it| (it.left_record_id, it.right_record_id)).collect();
    let golden_of: BTreeMap<SourceRecordId, GoldenId> =
        placed.iter().flat_map(|it| it.records.iter().map(|id| (*id, it.golden))).collect();
    let refused: BTreeSet<Pair> = clusters.groups.refused.iter().map(|it| pair(it.a, it.b)).collect();
    let mut regrouping = everything.compare(kind, &placed, &standing);
    for it in clusters.candidates.into_iter().filter(|it| it.verdict.band >= Band::Review) {
        let pair = pair(it.a, it.b);
        let is_doubtful = it.verdict.band == Band::Review || refused.contains(&pair);
        let is_one = golden_of.get(&pair.0) == golden_of.get(&pair.1);
        if is_doubtful && !is_one && !answered.contains(&pair) {
            regrouping.doubtful.push([it.a, it.b].map(|at| everything.keys[at as usize].clone()));
            regrouping.doubts.push(pair);
        }
        regrouping.verdicts.insert(pair, it.verdict);
    }
    Ok(regrouping)
}

/// Does what was foreseen.
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
        absorb::regroup(db, engine, occasion, &records, by).await?;
    }
    let doubts = regrouping.doubts.iter().filter_map(|it| Some((*it, regrouping.verdicts.get(it)?)));
    questions::ask_about(db, engine, occasion, &doubts.collect::<Vec<_>>()).await
}

impl Regrouping {
    /// The golden records whose members change, with their new members, some at a time.
    pub fn pages(&self) -> impl Iterator<Item = &[(GoldenId, Vec<SourceRecordId>)]> {
        self.changed.chunks(GROUPS)
    }
}

impl Everything {
    async fn read(db: &impl ConnectionTrait, kind: RecordKind) -> Result<Self> {
        let mut prepared = Vec::new();
        let (mut followers, mut current) = (Vec::new(), BTreeMap::new());
        let mut behind: Option<SourceRecordId> = None;
        while let Some(page) = page(db, kind, behind).await? {
            behind = page.last().map(|it| it.row.id);
            for fact in &page {
                let Some(golden) = fact.golden else { continue };
                current.insert(fact.row.id, golden);
                if !fact.is_matchable() {
                    followers.push((fact.row.id, golden));
                }
            }
            let compared = matching::prepare(db, kind, page).await?;
            prepared.extend(
                compared.into_values().map(|it| ((*it.fact.key).clone(), it.fact.row.id, it.features)),
            );
        }
        prepared.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let (mut records, mut ids, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (key, id, features)) in (0..).zip(prepared) {
            records.push(BatchRecord { key: place, system: Some(key.system.clone()), features });
            ids.push(id);
            keys.push(key);
        }
        Ok(Self { records, ids, keys, current, followers })
    }

    fn cluster(&self, policy: &MatchingPolicy, decisions: &[match_decision::Model]) -> Clusters<u32> {
        let place: BTreeMap<SourceRecordId, u32> = self.ids.iter().copied().zip(0..).collect();
        let said = |answer| {
            let said = decisions.iter().filter(move |it| it.answer == answer);
            said.filter_map(|it| Some((*place.get(&it.left_record_id)?, *place.get(&it.right_record_id)?)))
                .collect::<Vec<_>>()
        };
        let (same, different) = (said(MatchAnswer::Same), said(MatchAnswer::Different));
        let options =
            Options { join_at: Band::Auto, is_careful_within_system: policy.is_careful_within_system };
        cluster_decided(policy, &self.records, Decisions { same: &same, different: &different }, options)
    }

    /// What is otherwise than it stands.
    fn compare(&self, kind: RecordKind, placed: &[Placed], standing: &Standing) -> Regrouping {
        let current = &self.current;
        let mut found = Regrouping {
            kind,
            merges: placed.iter().flat_map(|it| it.losers.iter().map(|loser| (*loser, it.golden))).collect(),
            splits: Vec::new(),
            doubtful: Vec::new(),
            changed: Vec::new(),
            verdicts: BTreeMap::new(),
            doubts: Vec::new(),
        };
        let mut touched: BTreeSet<GoldenId> = BTreeSet::new();
        for it in placed {
            let left = it.records.iter().filter_map(|id| current.get(id)).filter(|from| **from != it.golden);
            let left: BTreeSet<GoldenId> = left.copied().collect();
            if it.origin != Origin::Kept {
                found.splits.extend(left.iter().map(|from| (*from, it.golden)));
            }
            if !left.is_empty() {
                touched.insert(it.golden);
                touched.extend(left);
            }
        }
        let losers: BTreeMap<GoldenId, GoldenId> = found.merges.iter().copied().collect();
        let changed = placed.iter().filter(|it| touched.contains(&it.golden));
        let mut changed: BTreeMap<GoldenId, Vec<SourceRecordId>> =
            changed.map(|it| (it.golden, it.records.clone())).collect();
        for (id, golden) in &self.followers {
            let native = standing.native.get(id).filter(|it| changed.contains_key(it));
            let golden = native.unwrap_or_else(|| losers.get(golden).unwrap_or(golden));
            if let Some(members) = changed.get_mut(golden) {
                members.push(*id);
            }
        }
        found.changed = changed.into_iter().collect();
        found
    }
}

/// The next records of a kind, in the order of their ids; `None` behind the last one.
async fn page(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    behind: Option<SourceRecordId>,
) -> Result<Option<Vec<Fact>>> {
    let mut query = source_record::Entity::find().filter(source_record::Column::Kind.eq(kind));
    if let Some(id) = behind {
        query = query.filter(source_record::Column::Id.gt(id));
    }
    let rows = query.order_by_asc(source_record::Column::Id).limit(PAGE).all(db).await?;
    match rows.is_empty() {
        true => Ok(None),
        false => Ok(Some(facts::with_links(db, rows).await?)),
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
