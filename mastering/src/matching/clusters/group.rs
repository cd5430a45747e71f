//! What stands against joining two groups: persons' answers, vetoes, and evidence that does not hold together.
//!
//! Online and batch share this one function, so they cannot differ. Each group depends only on what is connected to it by
//! joins: grouping the parts of the graph one by one gives the same as grouping the whole.

use domain::sources::SourceSystem;

use super::super::evidence::Veto;
use super::super::features::Features;
use super::super::hubs::Hubs;
use super::super::verdict::{Band, Verdict};
use super::super::{compare, compare_in_question, compare_within_system, within_system};
use super::{Given, Groups, Join, cluster};
use crate::policy::MatchingPolicy;

/// One record to group.
#[derive(Debug, Clone)]
pub struct BatchRecord<K> {
    /// Its key, unique among the records. The order of keys must come from their content, never from arrival.
    pub key: K,
    /// The system it comes from, if that is known.
    pub system: Option<SourceSystem>,
    /// What it offers for comparing. Apart, so that moving a record moves little.
    pub features: Box<Features>,
}

/// What people have decided about pairs.
#[derive(Debug, Clone, Copy)]
pub struct Decisions<'a, K> {
    /// Pairs that are one. They are put together first, whatever a veto says.
    pub same: &'a [(K, K)],
    /// Pairs that are two: their whole groups stay apart.
    pub different: &'a [(K, K)],
}

impl<K> Default for Decisions<'_, K> {
    fn default() -> Self {
        Self { same: &[], different: &[] }
    }
}

/// Groups records by the joins between them. Joins with keys that are not among the records are passed over. `join_at` is the
/// least band that joins.
pub fn group<K: Copy + Ord + Sync>(
    policy: &MatchingPolicy,
    records: &[BatchRecord<K>],
    joins: &[Join<K>],
    decisions: Decisions<'_, K>,
    hubs: &Hubs,
    join_at: Band,
) -> Groups<K> {
    let sorted = Sorted::of(records);
    let joins = joins.iter().filter_map(|it| {
        let (a, b) = sorted.places(&(it.a, it.b))?;
        Some(Join { a, b, weight: it.weight })
    });
    let judge = Judge { policy, hubs, join_at };
    let groups = judge.group(&sorted, &joins.collect::<Vec<_>>(), decisions, |_, _| None);
    groups.with_keys(|it| sorted.0[it].key)
}

/// Records in the order of their keys. A place in it stands for a record where keys would have to be searched for.
pub(in crate::matching) struct Sorted<'a, K>(pub(in crate::matching) Vec<Ranked<'a, K>>);

/// What is asked of a record over and over, side by side in memory.
#[derive(Clone, Copy)]
pub(in crate::matching) struct Ranked<'a, K> {
    pub(in crate::matching) key: K,
    system: Option<&'a SourceSystem>,
    pub(in crate::matching) features: &'a Features,
}

impl<'a, K: Copy + Ord> Sorted<'a, K> {
    pub(in crate::matching) fn of(records: &'a [BatchRecord<K>]) -> Self {
        let ranked = |it: &'a BatchRecord<K>| Ranked {
            key: it.key,
            system: it.system.as_ref(),
            features: &it.features,
        };
        let mut sorted: Vec<Ranked<'a, K>> = records.iter().map(ranked).collect();
        sorted.sort_unstable_by_key(|it| it.key);
        Self(sorted)
    }

    fn places(&self, pair: &(K, K)) -> Option<(usize, usize)> {
        let place = |key: K| self.0.binary_search_by_key(&key, |it| it.key).ok();
        Some((place(pair.0)?, place(pair.1)?))
    }
}

/// Compares records under given circumstances.
#[derive(Clone, Copy)]
pub(in crate::matching) struct Judge<'a> {
    pub(in crate::matching) policy: &'a MatchingPolicy,
    pub(in crate::matching) hubs: &'a Hubs,
    pub(in crate::matching) join_at: Band,
}

impl Judge<'_> {
    /// Groups records by the joins between their places. `known` may tell the verdict on two places, in their
    /// order.
    pub(in crate::matching) fn group<'v, K: Copy + Ord + Sync>(
        self,
        records: &Sorted<'_, K>,
        joins: &[Join<usize>],
        decisions: Decisions<'_, K>,
        known: impl Fn(usize, usize) -> Option<&'v Verdict> + Sync,
    ) -> Groups<usize> {
        let places = |pairs: &[(K, K)]| pairs.iter().filter_map(|it| records.places(it)).collect();
        let given = Given {
            records: records.0.len(),
            together: places(decisions.same),
            never: places(decisions.different),
            largest_group: self.policy.largest_group,
        };
        cluster(given, joins, |one, other| {
            let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (*a, *b)));
            obstacle(pairs.map(|(a, b)| {
                let (one, other) = (records.0[a], records.0[b]);
                match known(a, b) {
                    Some(verdict) => self.objection(one, other, verdict),
                    None => self.objection(one, other, &self.compare(one, other)),
                }
            }))
        })
    }

    pub(in crate::matching) fn compare<K: Copy>(self, a: Ranked<'_, K>, b: Ranked<'_, K>) -> Verdict {
        let compare = if self.are_of_one_system(a, b) { compare_within_system } else { compare };
        compare(self.policy, self.hubs, a.features, b.features)
    }

    /// [`Self::compare`], or `None` where the names alone forbid a match.
    pub(in crate::matching) fn compare_in_question<K: Copy>(
        self,
        a: Ranked<'_, K>,
        b: Ranked<'_, K>,
    ) -> Option<Verdict> {
        let verdict = compare_in_question(self.policy, self.hubs, a.features, b.features)?;
        Some(match self.are_of_one_system(a, b) {
            true => within_system(self.policy, verdict),
            false => verdict,
        })
    }

    /// Whether somebody keeps both as two. Where a person is asked anyway (REVIEW), that is no obstacle.
    fn are_of_one_system<K: Copy>(self, a: Ranked<'_, K>, b: Ranked<'_, K>) -> bool {
        let is_careful = self.policy.is_careful_within_system && self.join_at == Band::Auto;
        is_careful && a.system.is_some() && a.system == b.system
    }

    /// What a pair says about joining the groups that it reaches across.
    fn objection<K: Copy>(self, a: Ranked<'_, K>, b: Ranked<'_, K>, verdict: &Verdict) -> Objection {
        let weight = verdict.evidence_weight();
        let veto = verdict.veto.or_else(|| {
            if self.are_of_one_system(a, b) && verdict.band < self.join_at {
                return Some(Veto::SameSystem);
            }
            (weight <= self.policy.clear_difference).then_some(Veto::NotTogether)
        });
        Objection { veto, weight }
    }
}

/// What one pair across two groups says about joining them.
struct Objection {
    veto: Option<Veto>,
    weight: i32,
}

/// What stands between two groups. The least of all vetoes, so that it does not depend on who was asked first.
fn obstacle(objections: impl Iterator<Item = Objection>) -> Option<Veto> {
    let (mut veto, mut sum) = (None, 0);
    for it in objections {
        veto = veto.into_iter().chain(it.veto).min();
        sum += it.weight;
    }
    veto.or_else(|| (sum < 0).then_some(Veto::NotTogether))
}
