//! Everything that hangs together with some records, and how it falls into groups.
//!
//! Grouping depends only on what is connected by joins and decisions. So it is enough to gather that much and to group
//! it anew with the function that a batch over everything uses: both give the same groups.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::review::MatchAnswer;
use domain::sources::SourceKey;
use entity::golden::match_decision;
use mastering::matching::clusters::{BatchRecord, Groups, Join, RefusedJoin, group};
use mastering::matching::hubs::Hubs;
use mastering::matching::verdict::{Band, Verdict};
use mastering::policy::MatchingPolicy;
use sea_orm::ConnectionTrait;

use super::decisions::{self, Places};
use super::facts::{self, Fact};
use super::index::Index;
use super::matching::{self, Found, Pair};
use super::service::Engine;
use crate::error::Result;

/// Records that hang together, with what connects and what parts them.
#[derive(Debug, Default)]
pub(super) struct Neighbourhood {
    /// Every record, by id; also those that only follow their golden record.
    pub(super) facts: BTreeMap<SourceRecordId, Fact>,
    /// The candidates among them, at REVIEW or better.
    pub(super) verdicts: BTreeMap<Pair, Verdict>,
    /// What people said about them.
    pub(super) decisions: Vec<match_decision::Model>,
}

/// How a neighbourhood falls into groups.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    /// The records of each group that take part in matching.
    pub(super) groups: Vec<Vec<SourceRecordId>>,
    /// Joins that something in the groups stands against.
    pub(super) refused: BTreeSet<Pair>,
}

impl Neighbourhood {
    /// Gathers what hangs together with what was found, and with these records.
    pub(super) async fn gather(
        db: &impl ConnectionTrait,
        found: &mut Found,
        seeds: Vec<Fact>,
    ) -> Result<Self> {
        let mut gathered = Self { verdicts: found.verdicts.clone(), ..Self::default() };
        let at_hand = found.compared.values().map(|it| it.fact.clone());
        let at_hand: BTreeMap<_, _> =
            at_hand.chain(seeds.iter().cloned()).map(|it| (it.row.id, it)).collect();
        let joined = found.verdicts.iter().filter(|(_, it)| it.band == Band::Auto);
        let joined = joined.flat_map(|(pair, _)| [pair.0, pair.1]);
        let left_behind = found.withdrawn.iter().flat_map(|pair| [pair.0, pair.1]);
        let mut frontier: BTreeSet<SourceRecordId> =
            seeds.iter().map(|it| it.row.id).chain(joined).chain(left_behind).collect();
        frontier.extend(&found.renewed);
        while !frontier.is_empty() {
            gathered.add(db, &frontier, &at_hand).await?;
            frontier = gathered.beyond(db, &frontier, &found.renewed).await?;
        }
        Ok(gathered)
    }

    async fn add(
        &mut self,
        db: &impl ConnectionTrait,
        records: &BTreeSet<SourceRecordId>,
        at_hand: &BTreeMap<SourceRecordId, Fact>,
    ) -> Result<()> {
        let known = records.iter().filter_map(|it| at_hand.get(it));
        self.facts.extend(known.map(|it| (it.row.id, it.clone())));
        let missing: Vec<_> = records.iter().filter(|it| !at_hand.contains_key(it)).copied().collect();
        let stored = facts::by_ids(db, &missing).await?;
        self.facts.extend(stored.into_iter().map(|it| (it.row.id, it)));
        Ok(())
    }

    /// Who else is connected with the records that were added last: members of their golden records, records they join
    /// with, records that a person put with them.
    async fn beyond(
        &mut self,
        db: &impl ConnectionTrait,
        added: &BTreeSet<SourceRecordId>,
        renewed: &BTreeSet<SourceRecordId>,
    ) -> Result<BTreeSet<SourceRecordId>> {
        let goldens: BTreeSet<GoldenId> = added.iter().filter_map(|it| self.facts.get(it)?.golden).collect();
        let members = facts::members(db, &goldens.into_iter().collect::<Vec<_>>()).await?;
        let mut beyond: BTreeSet<SourceRecordId> = members.into_iter().map(|it| it.1).collect();
        // What was compared just now is at hand, and what was never linked has no past.
        let has_past = |it: &&SourceRecordId| self.facts.get(it).is_some_and(|it| it.golden.is_some());
        let with_past: Vec<SourceRecordId> = added.iter().filter(has_past).copied().collect();
        let others: Vec<_> = with_past.iter().filter(|it| !renewed.contains(it)).copied().collect();
        for (pair, row) in matching::candidates_of(db, &others).await? {
            let verdict = matching::verdict(&row)?;
            if verdict.band == Band::Auto {
                beyond.extend([pair.0, pair.1]);
            }
            self.verdicts.insert(pair, verdict);
        }
        for decision in decisions::of_records(db, &with_past).await? {
            if decision.answer == MatchAnswer::Same {
                beyond.extend([decision.left_record_id, decision.right_record_id]);
            }
            self.decisions.push(decision);
        }
        beyond.retain(|it| !self.facts.contains_key(it));
        Ok(beyond)
    }

    /// The pairs that a person put together.
    pub(super) fn put_together(&self) -> impl Iterator<Item = Pair> {
        let same = self.decisions.iter().filter(|it| it.answer == MatchAnswer::Same);
        same.map(|it| (it.left_record_id, it.right_record_id))
    }

    /// Groups what takes part in matching.
    pub(super) async fn group(
        &self,
        db: &impl ConnectionTrait,
        engine: &Engine,
        kind: RecordKind,
        found: &Found,
    ) -> Result<Grouping> {
        let is_connected = self.connected();
        let (connected, alone): (Vec<_>, Vec<_>) =
            self.by_identity().into_iter().partition(|it| is_connected.contains(it));
        let missing = connected.iter().filter(|it| !found.compared.contains_key(it));
        let missing = missing.filter_map(|it| self.facts.get(it).cloned()).collect();
        let prepared = matching::prepare(db, kind, missing).await?;
        let records = connected.iter().zip(0..).filter_map(|(id, key)| {
            let compared = found.compared.get(id).or_else(|| prepared.get(id))?;
            let system = Some(compared.fact.row.system.clone());
            Some(BatchRecord { key, system, features: Box::new(compared.features.clone()) })
        });
        let records: Vec<BatchRecord<u32>> = records.collect();
        let index = Index { db, policy: &engine.policies.matching, kind };
        let hubs = index.hubs(records.iter().map(|it| it.features.as_ref())).await?;
        let groups =
            tokio::task::block_in_place(|| self.group_connected(index.policy, &connected, &records, &hubs));
        let id = |at: u32| connected[at as usize];
        let pair = |it: RefusedJoin<u32>| matching::pair(id(it.a), id(it.b));
        let refused = groups.refused.into_iter().map(pair).collect();
        let groups = groups.groups.into_iter().map(|it| it.into_iter().map(id).collect());
        Ok(Grouping { groups: groups.chain(alone.into_iter().map(|it| vec![it])).collect(), refused })
    }

    fn group_connected(
        &self,
        policy: &MatchingPolicy,
        connected: &[SourceRecordId],
        records: &[BatchRecord<u32>],
        hubs: &Hubs,
    ) -> Groups<u32> {
        let place: BTreeMap<SourceRecordId, u32> = connected.iter().copied().zip(0..).collect();
        let places_of = |pair: &Pair| Some((*place.get(&pair.0)?, *place.get(&pair.1)?));
        let automatic = self.verdicts.iter().filter(|(_, verdict)| verdict.band == Band::Auto);
        let joins = automatic.filter_map(|(pair, verdict)| Some((places_of(pair)?, verdict.weight)));
        let joins: Vec<Join<u32>> = joins.map(|((a, b), weight)| Join { a, b, weight }).collect();
        let said = Places::of(&self.decisions, &place);
        group(policy, records, &joins, said.decisions(), hubs, Band::Auto)
    }

    /// The records that a join or a decision connects with another. Most records of a first load stand alone.
    fn connected(&self) -> BTreeSet<SourceRecordId> {
        let automatic = self.verdicts.iter().filter(|(_, verdict)| verdict.band == Band::Auto);
        let joined = automatic.flat_map(|(pair, _)| [pair.0, pair.1]);
        joined.chain(self.decisions.iter().flat_map(|it| [it.left_record_id, it.right_record_id])).collect()
    }

    /// The records that take part in matching, in an order that comes from their identity outside: ties are broken alike
    /// in every store.
    fn by_identity(&self) -> Vec<SourceRecordId> {
        let taking_part = self.facts.values().filter(|it| it.is_matchable());
        let mut records: Vec<(&SourceKey, SourceRecordId)> =
            taking_part.map(|it| (&*it.key, it.row.id)).collect();
        records.sort_unstable();
        records.into_iter().map(|it| it.1).collect()
    }
}
