//! Joining records into groups in the order of strength, unless something in the two groups stands against it.
//!
//! Records are known by their places in the order of their keys. The order of the input does not matter: stronger joins
//! come first, then the smaller keys.

use std::cmp::Reverse;

use rayon::prelude::*;

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

/// Parts from which on they are grouped on all threads: asking other threads costs more than grouping a few.
const MANY_PARTS: usize = 256;

/// Joins records into groups. A join is refused if `obstacle` finds something between the two groups. What it finds must
/// not depend on the order of their members.
pub(super) fn cluster(
    given: Given,
    joins: &[Join<usize>],
    obstacle: impl Fn(&[usize], &[usize]) -> Option<Veto> + Sync,
) -> Groups<usize> {
    let never: Vec<_> = sorted(given.never.iter().map(|&(a, b)| in_order(a, b)).collect());
    let resists = &|one: &[usize], other: &[usize]| {
        if any_across(one, other, |a, b| never.binary_search(&in_order(a, b)).is_ok()) {
            Some(Veto::NeverMatch)
        } else if one.len() + other.len() > given.largest_group {
            Some(Veto::GroupTooLarge)
        } else {
            obstacle(one, other)
        }
    };
    let ties = ties(&given, joins);
    let parts: Vec<&[Tie]> = ties.chunk_by(|a, b| a.part == b.part).collect();
    let grouped: Vec<Groups<usize>> = match parts.len() < MANY_PARTS {
        true => parts.into_iter().map(|it| grouped(it, resists)).collect(),
        false => parts.into_par_iter().map(|it| grouped(it, resists)).collect(),
    };
    united(given.records, grouped)
}

/// The groups of all parts, and every other record by itself.
fn united(records: usize, parts: Vec<Groups<usize>>) -> Groups<usize> {
    let mut is_grouped = vec![false; records];
    let (mut groups, mut refused) = (Vec::with_capacity(records), Vec::new());
    for part in parts {
        part.groups.iter().flatten().for_each(|it| is_grouped[*it] = true);
        groups.extend(part.groups);
        refused.extend(part.refused);
    }
    groups.extend((0..records).filter(|it| !is_grouped[*it]).map(|it| vec![it]));
    groups.sort_unstable_by_key(|it| it.first().copied());
    Groups { groups, refused: sorted(refused) }
}

/// What ties two records together. In order: part by part, in each what people have said, then the stronger joins, then the
/// smaller keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tie {
    /// The smallest record that hangs together with these two.
    part: usize,
    /// `None` where they are together already.
    weight: Option<Reverse<i32>>,
    records: (usize, usize),
}

fn ties(given: &Given, joins: &[Join<usize>]) -> Vec<Tie> {
    let together = given.together.iter().map(|&(a, b)| (None, in_order(a, b)));
    let joins = joins.iter().map(|it| (Some(Reverse(it.weight)), in_order(it.a, it.b)));
    let mut roots = Roots((0..given.records).collect());
    let tie = |(weight, records): (_, (usize, usize))| {
        roots.unite(records.0, records.1);
        Tie { part: 0, weight, records }
    };
    let mut ties: Vec<Tie> = together.chain(joins).map(tie).collect();
    ties.iter_mut().for_each(|it| it.part = roots.root(it.records.0));
    sorted(ties)
}

/// A tree over the records of each part, known by its root (union and find).
struct Roots(Vec<usize>);

impl Roots {
    fn root(&mut self, mut record: usize) -> usize {
        while self.0[record] != record {
            self.0[record] = self.0[self.0[record]];
            record = self.0[record];
        }
        record
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (one, other) = (self.root(a), self.root(b));
        self.0[one.max(other)] = one.min(other);
    }
}

/// Groups what hangs together. Nothing outside has a say in it.
fn grouped(part: &[Tie], resists: impl Fn(&[usize], &[usize]) -> Option<Veto>) -> Groups<usize> {
    let mut forest = Forest::of(sorted(part.iter().flat_map(|it| [it.records.0, it.records.1]).collect()));
    let mut refused = Vec::new();
    for Tie { weight, records: (a, b), .. } in part {
        let Some((one, other)) = forest.groups_of(*a, *b) else { continue };
        match weight.and_then(|_| resists(one, other)) {
            Some(veto) => refused.push(RefusedJoin { a: *a, b: *b, veto }),
            None => forest.join(*a, *b),
        }
    }
    Groups { groups: forest.groups(), refused }
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

/// Groups in the making. A group is named by the number of one of its members.
struct Forest {
    /// Every record of the part, in order. The place of a record here is its number.
    records: Vec<usize>,
    group_of: Vec<usize>,
    members: Vec<Vec<usize>>,
}

impl Forest {
    fn of(records: Vec<usize>) -> Self {
        let members = records.iter().map(|it| vec![*it]).collect();
        Self { group_of: (0..records.len()).collect(), members, records }
    }

    fn number(&self, record: usize) -> usize {
        self.records.binary_search(&record).expect("the part holds the records of all its ties")
    }

    fn group(&self, record: usize) -> usize {
        self.group_of[self.number(record)]
    }

    /// The members of two different groups; `None` when it is one.
    fn groups_of(&self, a: usize, b: usize) -> Option<(&[usize], &[usize])> {
        let (one, other) = (self.group(a), self.group(b));
        (one != other).then(|| (self.members[one].as_slice(), self.members[other].as_slice()))
    }

    /// Moves the smaller of two groups into the larger.
    fn join(&mut self, a: usize, b: usize) {
        let (one, other) = (self.group(a), self.group(b));
        let is_one_larger = self.members[one].len() >= self.members[other].len();
        let (into, from) = if is_one_larger { (one, other) } else { (other, one) };
        let moved = std::mem::take(&mut self.members[from]);
        for member in &moved {
            let number = self.number(*member);
            self.group_of[number] = into;
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
