//! Which golden record each group is: ids stay with the records that made them.
//!
//! Pure. A group that holds the records of several golden records is the oldest of them, and the others redirect to it.
//! When a golden record falls apart, each part gets the id back that its records had before they were joined.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{GoldenId, SourceRecordId};

/// What is known of ids before groups are placed.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The golden record of each record now.
    pub(super) current: BTreeMap<SourceRecordId, GoldenId>,
    /// The golden records that each record went through since it was last in the one it was in first, from that one to where
    /// it is now. Only needed when a golden record falls apart.
    pub(super) ways: BTreeMap<SourceRecordId, Vec<GoldenId>>,
    /// Ids that redirect at the moment, and so can be given back, with where they lead.
    pub(super) redirecting: BTreeMap<GoldenId, GoldenId>,
}

impl Standing {
    /// The golden record a record was in first.
    fn native(&self, record: SourceRecordId) -> Option<GoldenId> {
        self.ways.get(&record)?.first().copied()
    }

    /// Where a record goes back to that only follows its golden record: of those it came through, the one nearest to its
    /// first that is there again.
    pub(super) fn way_back(
        &self,
        record: SourceRecordId,
        is_there: impl Fn(GoldenId) -> bool,
    ) -> Option<GoldenId> {
        self.ways.get(&record)?.iter().copied().find(|it| is_there(*it))
    }
}

/// The last part of what a record went through, from when it was last in its first golden record.
pub(super) fn way(stays: impl Iterator<Item = GoldenId>) -> Vec<GoldenId> {
    let mut stays: Vec<GoldenId> = stays.collect();
    let last_at_home = stays.iter().rposition(|it| stays.first() == Some(it)).unwrap_or(0);
    stays.split_off(last_at_home)
}

/// One group and its golden record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) records: Vec<SourceRecordId>,
    pub(super) golden: GoldenId,
    pub(super) origin: Origin,
    /// Golden records that live on in this one.
    pub(super) losers: Vec<GoldenId>,
}

/// Where the id of a group comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It was the group's before.
    Kept,
    /// It redirected to another, and is a record of its own again.
    Restored,
    /// It never existed.
    New,
}

/// The golden records whose records are in several groups.
pub(super) fn parting(
    groups: &[Vec<SourceRecordId>],
    current: &BTreeMap<SourceRecordId, GoldenId>,
) -> BTreeSet<GoldenId> {
    let mut group_of: BTreeMap<GoldenId, usize> = BTreeMap::new();
    let mut parting = BTreeSet::new();
    for (at, group) in groups.iter().enumerate() {
        let goldens = group.iter().filter_map(|it| current.get(it));
        parting.extend(goldens.filter(|golden| *group_of.entry(**golden).or_insert(at) != at));
    }
    parting
}

/// Gives every group its golden record.
pub(super) fn place(
    groups: Vec<Vec<SourceRecordId>>,
    standing: &Standing,
    mut new_id: impl FnMut() -> GoldenId,
) -> Vec<Placed> {
    let mut kept = keepers(&groups, standing);
    let is_without = |at: usize| !kept.contains_key(&at);
    let restored = former(&groups, standing, is_without);
    let mut place = |(at, records): (usize, Vec<SourceRecordId>)| {
        let mut ids = kept.remove(&at).unwrap_or_default().into_iter();
        let (golden, origin) = match (ids.next(), restored.get(&at)) {
            (Some(oldest), _) => (oldest, Origin::Kept),
            (None, Some(former)) => (*former, Origin::Restored),
            (None, None) => (new_id(), Origin::New),
        };
        Placed { records, golden, origin, losers: ids.collect() }
    };
    groups.into_iter().enumerate().map(&mut place).collect()
}

/// The golden records that each group keeps, oldest first: every one goes to the group with most of the records that made
/// it, else with most of its records, else with the oldest record.
fn keepers(groups: &[Vec<SourceRecordId>], standing: &Standing) -> BTreeMap<usize, BTreeSet<GoldenId>> {
    let mut claims: BTreeMap<GoldenId, BTreeMap<usize, Claim>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        for record in group {
            let Some(golden) = standing.current.get(record) else { continue };
            let claim = claims.entry(*golden).or_default().entry(at).or_default();
            claim.natives += usize::from(standing.native(*record) == Some(*golden));
            claim.records += 1;
            claim.oldest = claim.oldest.max(Some(Reverse(*record)));
        }
    }
    let mut kept: BTreeMap<usize, BTreeSet<GoldenId>> = BTreeMap::new();
    for (golden, groups) in claims {
        if let Some((at, _)) = groups.into_iter().max_by_key(|(_, claim)| *claim) {
            kept.entry(at).or_default().insert(golden);
        }
    }
    kept
}

/// What a group says for keeping an id; the greatest keeps it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    natives: usize,
    records: usize,
    oldest: Option<Reverse<SourceRecordId>>,
}

/// The ids that groups without one get back, out of what they redirect to. Each goes to the group with most of the records
/// that made it, else with most of those that were ever in it; a group takes the one in which most of its records were, else
/// that most of them made, else the oldest.
fn former(
    groups: &[Vec<SourceRecordId>],
    standing: &Standing,
    is_without: impl Fn(usize) -> bool,
) -> BTreeMap<usize, GoldenId> {
    let mut claims: BTreeMap<GoldenId, BTreeMap<usize, (usize, usize)>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate().filter(|it| is_without(it.0)) {
        for record in group {
            let leads_here = |it: &&GoldenId| {
                let leads_to = standing.redirecting.get(it);
                leads_to.is_some() && leads_to == standing.current.get(record)
            };
            let way: BTreeSet<GoldenId> =
                standing.ways.get(record).into_iter().flatten().filter(leads_here).copied().collect();
            for id in way {
                let (natives, records) = claims.entry(id).or_default().entry(at).or_default();
                *natives += usize::from(standing.native(*record) == Some(id));
                *records += 1;
            }
        }
    }
    let mut offers: BTreeMap<usize, (usize, usize, Reverse<GoldenId>)> = BTreeMap::new();
    for (id, groups) in claims {
        let best = groups.into_iter().max_by_key(|&(at, claim)| (claim, Reverse(at)));
        if let Some((at, (natives, records))) = best {
            let offer = offers.entry(at).or_insert((records, natives, Reverse(id)));
            *offer = (*offer).max((records, natives, Reverse(id)));
        }
    }
    offers.into_iter().map(|(at, (_, _, id))| (at, id.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn golden(id: u128) -> GoldenId {
        Uuid::from_u128(id).into()
    }

    fn records(ids: &[u128]) -> Vec<SourceRecordId> {
        ids.iter().map(|it| Uuid::from_u128(*it).into()).collect()
    }

    fn map(entries: &[(u128, u128)]) -> BTreeMap<SourceRecordId, GoldenId> {
        entries.iter().map(|&(record, id)| (Uuid::from_u128(record).into(), golden(id))).collect()
    }

    /// Where each record has been, each time from its first golden record to the present one.
    fn ways(entries: &[(u128, &[u128])]) -> BTreeMap<SourceRecordId, Vec<GoldenId>> {
        let way = |ids: &[u128]| ids.iter().map(|it| golden(*it)).collect();
        entries.iter().map(|&(record, ids)| (Uuid::from_u128(record).into(), way(ids))).collect()
    }

    #[track_caller]
    fn check(groups: &[&[u128]], standing: &Standing, expected: &[(u128, Origin, &[u128])]) {
        let placed = place(groups.iter().map(|it| records(it)).collect(), standing, || golden(900));
        let found: Vec<_> = placed.iter().map(|it| (it.golden, it.origin, it.losers.clone())).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|&(id, origin, losers)| (golden(id), origin, losers.iter().map(|it| golden(*it)).collect()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn new_records_get_a_new_id() {
        check(&[&[1]], &Standing::default(), &[(900, Origin::New, &[])]);
    }

    #[test]
    fn of_joined_records_the_oldest_stays() {
        let standing = Standing { current: map(&[(1, 11), (2, 10)]), ..Standing::default() };
        check(&[&[1, 2, 3]], &standing, &[(10, Origin::Kept, &[11])]);
    }

    #[test]
    fn what_falls_apart_gets_its_former_ids_back() {
        let standing = Standing {
            current: map(&[(1, 10), (2, 10), (3, 10)]),
            ways: ways(&[(1, &[10]), (2, &[11, 10]), (3, &[11, 10])]),
            redirecting: [(golden(11), golden(10))].into(),
        };
        check(&[&[2, 3], &[1]], &standing, &[(11, Origin::Restored, &[]), (10, Origin::Kept, &[])]);
    }

    #[test]
    fn a_record_that_never_stood_alone_gets_a_new_id() {
        let standing = Standing {
            current: map(&[(1, 10), (2, 10)]),
            ways: ways(&[(1, &[10]), (2, &[10])]),
            redirecting: BTreeMap::new(),
        };
        check(&[&[2], &[1]], &standing, &[(900, Origin::New, &[]), (10, Origin::Kept, &[])]);
    }

    #[test]
    fn an_id_is_given_back_once() {
        let standing = Standing {
            current: map(&[(1, 10), (2, 10), (3, 10)]),
            ways: ways(&[(1, &[10]), (2, &[11, 10]), (3, &[11, 10])]),
            redirecting: [(golden(11), golden(10))].into(),
        };
        let expected =
            [(10, Origin::Kept, &[][..]), (11, Origin::Restored, &[][..]), (900, Origin::New, &[][..])];
        check(&[&[1], &[2], &[3]], &standing, &expected);
    }

    #[test]
    fn what_was_one_before_comes_back_as_one() {
        let standing = Standing {
            current: map(&[(1, 10), (2, 10), (3, 10), (4, 10)]),
            ways: ways(&[(1, &[10]), (2, &[11, 10]), (3, &[12, 11, 10]), (4, &[12, 11, 10])]),
            redirecting: [(golden(11), golden(10)), (golden(12), golden(10))].into(),
        };
        check(&[&[1], &[2, 3, 4]], &standing, &[(10, Origin::Kept, &[]), (11, Origin::Restored, &[])]);
        let expected =
            [(10, Origin::Kept, &[][..]), (11, Origin::Restored, &[][..]), (12, Origin::Restored, &[][..])];
        check(&[&[1], &[2], &[3, 4]], &standing, &expected);
        assert_eq!(way([12, 11, 12, 10].into_iter().map(golden)), [golden(12), golden(10)]);
    }
}
