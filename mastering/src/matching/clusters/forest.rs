//! Joining records into groups in the order of strength, unless something in the two groups stands against it.
//!
//! Records are known by their places in the order of their keys. The order of the input does not matter: stronger joins
//! come first, then the smaller keys.

use std::cmp::Reverse;

use super::super::evidence::Veto;
use super::{Groups, Join, RefusedJoin};

/// What is known before any pair is compared.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// How many records there are.
    pub(super) records: usize,
    /// Records that are together already. They stay so, whatever a veto says.
    pub(super) together: Vec<(usize, usize)>,
    /// Records that a person declared different.
    pub(super) never: Vec<(usize, usize)>,
    /// Records that a group may hold.
    pub(super) largest_group: usize,
}

/// Joins records into groups. A join is refused if `obstacle` finds something between the two groups. What it finds must
/// not depend on the order of their members.
pub(super) fn cluster(
    given: Given,
    joins: &[Join<usize>],
    obstacle: impl Fn(&[usize], &[usize]) -> Option<Veto>,
) -> Groups<usize> {
    let mut forest = Forest::new(given.records);
    for (a, b) in given.together {
        forest.join(a, b);
    }
    let never = sorted(given.never.into_iter().map(|(a, b)| in_order(a, b)).collect());
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

fn by_strength(joins: &[Join<usize>]) -> Vec<(Reverse<i32>, (usize, usize))> {
    sorted(joins.iter().map(|it| (Reverse(it.weight), in_order(it.a, it.b))).collect())
}

fn any_across(one: &[usize], other: &[usize], holds: impl Fn(usize, usize) -> bool) -> bool {
    one.iter().any(|&a| other.iter().any(|&b| holds(a, b)))
}

fn in_order(a: usize, b: usize) -> (usize, usize) {
    if a <= b { (a, b) } else { (b, a) }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items.dedup();
    items
}

/// Groups in the making. A group is named by the place of one of its members.
struct Forest {
    group_of: Vec<usize>,
    members: Vec<Vec<usize>>,
}

impl Forest {
    fn new(records: usize) -> Self {
        Self { group_of: (0..records).collect(), members: (0..records).map(|it| vec![it]).collect() }
    }

    /// The members of two different groups; `None` when it is one.
    fn groups_of(&self, a: usize, b: usize) -> Option<(&[usize], &[usize])> {
        let (one, other) = (self.group_of[a], self.group_of[b]);
        (one != other).then(|| (self.members[one].as_slice(), self.members[other].as_slice()))
    }

    /// Moves the smaller group into the larger.
    fn join(&mut self, a: usize, b: usize) {
        let (one, other) = (self.group_of[a], self.group_of[b]);
        if one == other {
            return;
        }
        let is_one_larger = self.members[one].len() >= self.members[other].len();
        let (into, from) = if is_one_larger { (one, other) } else { (other, one) };
        let moved = std::mem::take(&mut self.members[from]);
        for member in &moved {
            self.group_of[*member] = into;
        }
        self.members[into].extend(moved);
    }

    /// In the order of their first members.
    fn groups(mut self) -> Vec<Vec<usize>> {
        let mut groups = Vec::new();
        for group in self.group_of {
            // Taken when the first of its members came by.
            let mut members = std::mem::take(&mut self.members[group]);
            if !members.is_empty() {
                members.sort_unstable();
                groups.push(members);
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs<'a> = &'a [(usize, usize)];

    fn groups(joins: &[(usize, usize, i32)], together: Pairs<'_>, never: Pairs<'_>) -> Groups<usize> {
        let joins: Vec<_> = joins.iter().map(|&(a, b, weight)| Join { a, b, weight }).collect();
        let (together, never) = (together.to_vec(), never.to_vec());
        let given = Given { records: 5, together, never, largest_group: 3 };
        cluster(given, &joins, |_, _| None)
    }

    #[test]
    fn stronger_joins_come_first() {
        let found = groups(&[(1, 2, 90), (3, 2, 95)], &[], &[(1, 3)]);
        assert_eq!(found.groups, [vec![0], vec![1], vec![2, 3], vec![4]]);
        assert_eq!(found.refused, [RefusedJoin { a: 1, b: 2, veto: Veto::NeverMatch }]);
    }

    #[test]
    fn what_is_together_stays_together() {
        assert_eq!(groups(&[(2, 3, 90)], &[(1, 2)], &[]).groups, [vec![0], vec![1, 2, 3], vec![4]]);
    }

    #[test]
    fn a_group_does_not_grow_without_bound() {
        let found = groups(&[(1, 2, 95), (2, 3, 95), (3, 4, 95)], &[], &[]);
        assert_eq!(found.groups, [vec![0], vec![1, 2, 3], vec![4]]);
        assert_eq!(found.refused[0].veto, Veto::GroupTooLarge);
    }
}
