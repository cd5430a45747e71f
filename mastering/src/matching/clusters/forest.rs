//! Joining records into groups in the order of strength, unless something in the two groups stands against it.
//!
//! The order of the input does not matter: stronger joins come first, then the smaller keys.

use std::cmp::Reverse;

use super::super::evidence::Veto;
use super::{Groups, Join, RefusedJoin};

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

/// Joins records into groups. A join is refused if `obstacle` finds something between the two groups. What it finds must
/// not depend on the order of their members.
pub fn cluster<K: Copy + Ord>(
    given: Given<'_, K>,
    joins: &[Join<K>],
    obstacle: impl Fn(&[K], &[K]) -> Option<Veto>,
) -> Groups<K> {
    let mut forest = Forest::new(given.records);
    for &(a, b) in given.together {
        forest.join(a, b);
    }
    let never: Vec<(K, K)> = sorted(given.never.iter().map(|&(a, b)| in_order(a, b)).collect());
    let mut refused = Vec::new();
    for (_, (a, b)) in by_strength(joins) {
        let Some((one, other)) = forest.groups_of(a, b) else { continue };
        let veto = if any_across(one, other, |a, b| never.binary_search(&in_order(a, b)).is_ok()) {
            Some(Veto::NeverMatch)
        } else if one.len() + other.len() > given.largest_group {
            Some(Veto::GroupTooLarge)
        } else {
            obstacle(one, other)
        };
        match veto {
            Some(veto) => refused.push(RefusedJoin { a, b, veto }),
            None => forest.join(a, b),
        }
    }
    Groups { groups: forest.groups(), refused: sorted(refused) }
}

fn by_strength<K: Copy + Ord>(joins: &[Join<K>]) -> Vec<(Reverse<i32>, (K, K))> {
    sorted(joins.iter().map(|it| (Reverse(it.weight), in_order(it.a, it.b))).collect())
}

fn any_across<K: Copy>(one: &[K], other: &[K], holds: impl Fn(K, K) -> bool) -> bool {
    one.iter().any(|&a| other.iter().any(|&b| holds(a, b)))
}

fn in_order<K: Ord>(a: K, b: K) -> (K, K) {
    if a <= b { (a, b) } else { (b, a) }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items.dedup();
    items
}

/// Groups in the making. A group is named by the place of one of its members.
struct Forest<K> {
    records: Vec<K>,
    group_of: Vec<usize>,
    members: Vec<Vec<K>>,
}

impl<K: Copy + Ord> Forest<K> {
    fn new(records: &[K]) -> Self {
        let records = sorted(records.to_vec());
        let members = records.iter().map(|it| vec![*it]).collect();
        Self { group_of: (0..records.len()).collect(), members, records }
    }

    fn group_of(&self, record: K) -> Option<usize> {
        self.records.binary_search(&record).ok().map(|place| self.group_of[place])
    }

    /// The members of two different groups; `None` when it is one, or a record is unknown.
    fn groups_of(&self, a: K, b: K) -> Option<(&[K], &[K])> {
        let (one, other) = (self.group_of(a)?, self.group_of(b)?);
        (one != other).then(|| (self.members[one].as_slice(), self.members[other].as_slice()))
    }

    /// Moves the smaller group into the larger.
    fn join(&mut self, a: K, b: K) {
        let (Some(one), Some(other)) = (self.group_of(a), self.group_of(b)) else { return };
        if one == other {
            return;
        }
        let is_one_larger = self.members[one].len() >= self.members[other].len();
        let (into, from) = if is_one_larger { (one, other) } else { (other, one) };
        let moved = std::mem::take(&mut self.members[from]);
        for member in &moved {
            let place = self.records.binary_search(member).expect("members are among the records");
            self.group_of[place] = into;
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

    fn groups(joins: &[(u32, u32, i32)], together: &[(u32, u32)], never: &[(u32, u32)]) -> Groups<u32> {
        let joins: Vec<_> = joins.iter().map(|&(a, b, weight)| Join { a, b, weight }).collect();
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
