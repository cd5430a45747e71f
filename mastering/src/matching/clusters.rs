//! From pairs to groups: joins in the order of their strength, unless something in the two groups forbids it.
//!
//! The order of the input does not matter: stronger joins come first, then the smaller keys.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::evidence::Veto;

/// Two records that belong together, and how surely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Join<K> {
    /// One record.
    pub a: K,
    /// The other.
    pub b: K,
    /// 0 to 100.
    pub score: u8,
}

/// A join that something in the two groups forbids. A person should look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedJoin<K> {
    /// The record with the smaller key.
    pub a: K,
    /// The other.
    pub b: K,
    /// What forbids it.
    pub veto: Veto,
}

/// What belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups<K> {
    /// Every record in one group, by key; groups by their first key.
    pub groups: Vec<Vec<K>>,
    /// Joins that were not made, in the order of their keys.
    pub refused: Vec<RefusedJoin<K>>,
}

impl<K> Groups<K> {
    /// The same groups under other keys. The keys must keep the order.
    pub(super) fn with_keys<T>(self, key: impl Fn(K) -> T) -> Groups<T> {
        let refused = self.refused.into_iter();
        Groups {
            groups: self.groups.into_iter().map(|it| it.into_iter().map(&key).collect()).collect(),
            refused: refused.map(|it| RefusedJoin { a: key(it.a), b: key(it.b), veto: it.veto }).collect(),
        }
    }
}

/// What is known before any pair is compared.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a, K> {
    /// All records.
    pub records: &'a [K],
    /// Records that are together already. They stay so, whatever a veto says.
    pub together: &'a [(K, K)],
    /// Records that a person declared different.
    pub never: &'a [(K, K)],
    /// Records that a group may hold.
    pub largest_group: usize,
}

/// Joins records into groups. A join is refused if `veto` forbids any pair across the two groups.
pub fn cluster<K: Copy + Ord>(
    given: Given<'_, K>,
    joins: &[Join<K>],
    veto: impl Fn(K, K) -> Option<Veto>,
) -> Groups<K> {
    let mut forest = Forest::new(given.records);
    for &(a, b) in given.together {
        forest.join(a, b);
    }
    let never: Vec<(K, K)> = sorted(given.never.iter().map(|&(a, b)| in_order(a, b)).collect());
    let mut joins: Vec<(Reverse<u8>, (K, K))> =
        joins.iter().map(|it| (Reverse(it.score), in_order(it.a, it.b))).collect();
    joins.sort_unstable();
    let mut refused = Vec::new();
    for (_, (a, b)) in joins {
        let forbids = |a: K, b: K| match never.binary_search(&in_order(a, b)) {
            Ok(_) => Some(Veto::NeverMatch),
            Err(_) => veto(a, b),
        };
        match forest.obstacle(a, b, given.largest_group, forbids) {
            Some(veto) => refused.push(RefusedJoin { a, b, veto }),
            None => forest.join(a, b),
        }
    }
    Groups { groups: forest.groups(), refused: sorted(refused) }
}

fn in_order<K: Ord>(a: K, b: K) -> (K, K) {
    if a <= b { (a, b) } else { (b, a) }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items.dedup();
    items
}

/// Groups in the making. A group is named by one of its members.
struct Forest<K> {
    group_of: BTreeMap<K, usize>,
    members: Vec<Vec<K>>,
}

impl<K: Copy + Ord> Forest<K> {
    fn new(records: &[K]) -> Self {
        let records = sorted(records.to_vec());
        let group_of = records.iter().enumerate().map(|(group, &it)| (it, group)).collect();
        Self { group_of, members: records.into_iter().map(|it| vec![it]).collect() }
    }

    /// What forbids joining the groups of two records.
    fn obstacle(&self, a: K, b: K, largest: usize, forbids: impl Fn(K, K) -> Option<Veto>) -> Option<Veto> {
        let (one, other) = self.groups_of(a, b)?;
        if one.len() + other.len() > largest {
            return Some(Veto::GroupTooLarge);
        }
        // The least of all, so that it does not depend on who was asked first.
        one.iter().flat_map(|&a| other.iter().map(move |&b| (a, b))).filter_map(|(a, b)| forbids(a, b)).min()
    }

    /// The members of two different groups; `None` when it is one, or a record is unknown.
    fn groups_of(&self, a: K, b: K) -> Option<(&[K], &[K])> {
        let (one, other) = (*self.group_of.get(&a)?, *self.group_of.get(&b)?);
        (one != other).then(|| (self.members[one].as_slice(), self.members[other].as_slice()))
    }

    /// Moves the smaller group into the larger.
    fn join(&mut self, a: K, b: K) {
        let (Some(&one), Some(&other)) = (self.group_of.get(&a), self.group_of.get(&b)) else { return };
        if one == other {
            return;
        }
        let is_one_larger = self.members[one].len() >= self.members[other].len();
        let (into, from) = if is_one_larger { (one, other) } else { (other, one) };
        let moved = std::mem::take(&mut self.members[from]);
        for member in &moved {
            self.group_of.insert(*member, into);
        }
        self.members[into].extend(moved);
    }

    fn groups(self) -> Vec<Vec<K>> {
        sorted(self.members.into_iter().filter(|it| !it.is_empty()).map(sorted).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(joins: &[(u32, u32, u8)], together: &[(u32, u32)], never: &[(u32, u32)]) -> Groups<u32> {
        let joins: Vec<_> = joins.iter().map(|&(a, b, score)| Join { a, b, score }).collect();
        let given = Given { records: &[1, 2, 3, 4], together, never, largest_group: 3 };
        cluster(given, &joins, |_, _| None)
    }

    #[test]
    fn stronger_joins_come_first() {
        let found = groups(&[(1, 2, 90), (3, 2, 95)], &[], &[(1, 3)]);
        assert_eq!(found.groups, [vec![1], vec![2, 3], vec![4]]);
        assert_eq!(found.refused, [RefusedJoin { a: 1, b: 2, veto: Veto::NeverMatch }]);
    }

    #[test]
    fn what_is_together_stays_together() {
        assert_eq!(groups(&[(2, 3, 90)], &[(1, 2)], &[]).groups, [vec![1, 2, 3], vec![4]]);
    }

    #[test]
    fn a_group_does_not_grow_without_bound() {
        let found = groups(&[(1, 2, 95), (2, 3, 95), (3, 4, 95)], &[], &[]);
        assert_eq!(found.groups, [vec![1, 2, 3], vec![4]]);
        assert_eq!(found.refused[0].veto, Veto::GroupTooLarge);
    }
}
