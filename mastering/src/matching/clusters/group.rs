//! What stands against joining two groups: persons' answers, vetoes, and evidence that does not hold together.
//!
//! Online and batch share this one function, so they cannot differ. Each group depends only on what is connected to it by
//! joins: grouping the parts of the graph one by one gives the same as grouping the whole.

use domain::sources::SourceSystem;

use super::super::evidence::Veto;
use super::super::features::Features;
use super::super::hubs::Hubs;
use super::super::verdict::{Band, Verdict};
use super::super::{compare, compare_within_system};
use super::{Given, Groups, Join, cluster};
use crate::policy::MatchingPolicy;

/// One record to group.
#[derive(Debug, Clone)]
pub struct BatchRecord<K> {
    /// Its key, unique among the records. The order of keys must come from their content, never from arrival.
    pub key: K,
    /// The system it comes from, if that is known.
    pub system: Option<SourceSystem>,
    /// What it offers for comparing.
    pub features: Features,
}

/// How records are grouped.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The least band that joins.
    pub join_at: Band,
    /// Whether two records of one system join only on identity.
    pub is_careful_within_system: bool,
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

/// Groups records by the joins between them. Joins with keys that are not among the records are passed over.
pub fn group<K: Copy + Ord>(
    policy: &MatchingPolicy,
    records: &[BatchRecord<K>],
    joins: &[Join<K>],
    decisions: Decisions<'_, K>,
    hubs: &Hubs,
    options: Options,
) -> Groups<K> {
    let mut by_key: Vec<&BatchRecord<K>> = records.iter().collect();
    by_key.sort_unstable_by_key(|it| it.key);
    let keys: Vec<K> = by_key.iter().map(|it| it.key).collect();
    let judge = Judge { policy, hubs, options };
    let given = Given {
        records: &keys,
        together: decisions.same,
        never: decisions.different,
        largest_group: policy.largest_group,
    };
    cluster(given, joins, |one, other| {
        let place = |key: &K| keys.binary_search(key).expect("groups are made of these records");
        let members =
            |group: &[K]| -> Vec<&BatchRecord<K>> { group.iter().map(|it| by_key[place(it)]).collect() };
        judge.obstacle(&members(one), &members(other))
    })
}

/// Compares records under given circumstances.
#[derive(Clone, Copy)]
pub(in crate::matching) struct Judge<'a> {
    pub(in crate::matching) policy: &'a MatchingPolicy,
    pub(in crate::matching) hubs: &'a Hubs,
    pub(in crate::matching) options: Options,
}

impl Judge<'_> {
    pub(in crate::matching) fn compare<K>(self, a: &BatchRecord<K>, b: &BatchRecord<K>) -> Verdict {
        let compare = if self.are_of_one_system(a, b) { compare_within_system } else { compare };
        compare(self.policy, self.hubs, &a.features, &b.features)
    }

    fn are_of_one_system<K>(self, a: &BatchRecord<K>, b: &BatchRecord<K>) -> bool {
        self.options.is_careful_within_system && a.system.is_some() && a.system == b.system
    }

    /// What stands between two groups. The least of all vetoes, so that it does not depend on who was asked first.
    fn obstacle<K>(self, one: &[&BatchRecord<K>], other: &[&BatchRecord<K>]) -> Option<Veto> {
        let (mut veto, mut sum) = (None, 0);
        for a in one {
            for b in other {
                let verdict = self.compare(a, b);
                let found = self.veto(a, b, &verdict);
                veto = match (veto, found) {
                    (Some(a), Some(b)) => Some(Veto::min(a, b)),
                    (a, b) => a.or(b),
                };
                sum += verdict.evidence_weight();
            }
        }
        veto.or_else(|| (sum < 0).then_some(Veto::NotTogether))
    }

    fn veto<K>(self, a: &BatchRecord<K>, b: &BatchRecord<K>, verdict: &Verdict) -> Option<Veto> {
        verdict.veto.or_else(|| {
            if self.are_of_one_system(a, b) && verdict.band < self.options.join_at {
                return Some(Veto::SameSystem);
            }
            (verdict.evidence_weight() <= self.policy.clear_difference).then_some(Veto::NotTogether)
        })
    }
}

/// What forbids that two records end in one group, though each agrees with a third: two valid corporate numbers of
/// organisations, or two names of people.
pub fn veto_in_group(policy: &MatchingPolicy, a: &Features, b: &Features) -> Option<Veto> {
    compare(policy, &Hubs::default(), a, b).veto
}
