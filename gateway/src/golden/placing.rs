//! Which golden record each group is: ids stay with the records that made them.
//!
//! Pure. A group that holds the records of several golden records is the oldest of them, and the others redirect to it.
//! When a golden record falls apart, each part gets the id back that its records had before they were joined.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::ids::{GoldenId, SourceRecordId};

/// What is known of ids before groups are placed.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The golden record of each record now.
    pub(super) current: BTreeMap<SourceRecordId, GoldenId>,
    /// How each record came to where it is. Only needed when a golden record falls apart.
    pub(super) past: BTreeMap<SourceRecordId, Past>,
    /// Ids that redirect at the moment, and so can be given back, with where they lead.
    pub(super) redirecting: BTreeMap<GoldenId, GoldenId>,
}

/// How a record came to the golden record it is in now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Past {
    /// The golden record it was in first.
    native: GoldenId,
    /// The golden records that it came through by merges that hold, to the one where it is now.
    way: Vec<GoldenId>,
    /// Since when it is there.
    since: DateTime<Utc>,
    /// Whether it was ever elsewhere.
    has_moved: bool,
}

impl Past {
    /// The past of a record that belonged to these golden records, oldest first, one after another; `survivor_of` tells into
    /// which one another was merged. `None` when it never belonged anywhere.
    pub(super) fn of(
        stays: &[(GoldenId, DateTime<Utc>)],
        survivor_of: impl Fn(GoldenId) -> Option<GoldenId>,
    ) -> Option<Self> {
        let been = without_detours(stays, &survivor_of);
        let (&(now, since), before) = been.split_last()?;
        let mut way = vec![now];
        for &(before, _) in before.iter().rev() {
            if way.contains(&before) || survivor_of(before) != way.last().copied() {
                break;
            }
            way.push(before);
        }
        way.reverse();
        Some(Self { native: stays.first()?.0, way, since, has_moved: been.len() > 1 })
    }
}

/// Where a record has been and since when, without what an unmerge has taken back: there and back again counts for nothing.
fn without_detours(
    stays: &[(GoldenId, DateTime<Utc>)],
    survivor_of: impl Fn(GoldenId) -> Option<GoldenId>,
) -> Vec<(GoldenId, DateTime<Utc>)> {
    let mut been: Vec<(GoldenId, DateTime<Utc>)> = Vec::with_capacity(stays.len());
    for &(golden, since) in stays {
        let is_merge = been.last().is_some_and(|it| survivor_of(it.0) == Some(golden));
        match been.iter().position(|it| it.0 == golden).filter(|_| !is_merge) {
            Some(at) => been.truncate(at + 1),
            None => been.push((golden, since)),
        }
    }
    been
}

impl Standing {
    /// Where a record goes back to that only follows its golden record: of those it came through, the one farthest back that is
    /// there again.
    pub(super) fn way_back(
        &self,
        record: SourceRecordId,
        is_there: impl Fn(GoldenId) -> bool,
    ) -> Option<GoldenId> {
        self.past.get(&record)?.way.iter().copied().find(|it| is_there(*it))
    }
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

/// The golden records that each group keeps, oldest first: every one goes to the group with most of the records that made it
/// and never left, else to the one that has been there longest, else with most of its records, else with the oldest record.
fn keepers(groups: &[Vec<SourceRecordId>], standing: &Standing) -> BTreeMap<usize, BTreeSet<GoldenId>> {
    let mut claims: BTreeMap<GoldenId, BTreeMap<usize, Claim>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        for record in group {
            let Some(golden) = standing.current.get(record) else { continue };
            let claim = claims.entry(*golden).or_default().entry(at).or_default();
            let past = standing.past.get(record);
            claim.natives += usize::from(past.is_some_and(|it| it.native == *golden && !it.has_moved));
            claim.since = claim.since.max(past.map(|it| Reverse(it.since)));
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
    since: Option<Reverse<DateTime<Utc>>>,
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
            let Some(past) = standing.past.get(record) else { continue };
            for &id in past.way.iter().filter(leads_here) {
                let (natives, records) = claims.entry(id).or_default().entry(at).or_default();
                *natives += usize::from(past.native == id);
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
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn golden(id: u128) -> GoldenId {
        Uuid::from_u128(id).into()
    }

    fn records(ids: &[u128]) -> Vec<SourceRecordId> {
        ids.iter().map(|it| Uuid::from_u128(*it).into()).collect()
    }

    fn map(entries: &[(u128, u128)]) -> BTreeMap<SourceRecordId, GoldenId> {
        entries.iter().map(|&(record, id)| (Uuid::from_u128(record).into(), golden(id))).collect()
    }

    /// The golden records where each record has been, a day each, to the present one; every one lost a merge to the next.
    fn past(entries: &[(u128, &[u128])]) -> BTreeMap<SourceRecordId, Past> {
        let day = |it: usize| DateTime::UNIX_EPOCH + TimeDelta::days(i64::try_from(it).unwrap());
        let past = |ids: &[u128]| {
            let stays: Vec<_> = ids.iter().enumerate().map(|(at, it)| (golden(*it), day(at))).collect();
            let next = |id| stays.iter().position(|it| it.0 == id).and_then(|at| Some(stays.get(at + 1)?.0));
            Past::of(&stays, next).unwrap()
        };
        entries.iter().map(|&(record, ids)| (Uuid::from_u128(record).into(), past(ids))).collect()
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
            past: past(&[(1, &[10]), (2, &[11, 10]), (3, &[11, 10])]),
            redirecting: [(golden(11), golden(10))].into(),
        };
        check(&[&[2, 3], &[1]], &standing, &[(11, Origin::Restored, &[]), (10, Origin::Kept, &[])]);
    }

    #[test]
    fn a_record_that_never_stood_alone_gets_a_new_id() {
        let standing = Standing {
            current: map(&[(1, 10), (2, 10)]),
            past: past(&[(1, &[10]), (2, &[10])]),
            redirecting: BTreeMap::new(),
        };
        check(&[&[2], &[1]], &standing, &[(900, Origin::New, &[]), (10, Origin::Kept, &[])]);
    }

    #[test]
    fn an_id_is_given_back_once() {
        let standing = Standing {
            current: map(&[(1, 10), (2, 10), (3, 10)]),
            past: past(&[(1, &[10]), (2, &[11, 10]), (3, &[11, 10])]),
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
            past: past(&[(1, &[10]), (2, &[11, 10]), (3, &[12, 11, 10]), (4, &[12, 11, 10])]),
            redirecting: [(golden(11), golden(10)), (golden(12), golden(10))].into(),
        };
        check(&[&[1], &[2, 3, 4]], &standing, &[(10, Origin::Kept, &[]), (11, Origin::Restored, &[])]);
        let expected =
            [(10, Origin::Kept, &[][..]), (11, Origin::Restored, &[][..]), (12, Origin::Restored, &[][..])];
        check(&[&[1], &[2], &[3, 4]], &standing, &expected);
    }

    #[test]
    fn who_came_last_goes_and_by_merges_alone_ways_lead_back() {
        // Both have been in 11 first; the second record was in 10 before the merge.
        let standing = Standing {
            current: map(&[(1, 10), (2, 10)]),
            past: past(&[(1, &[11, 9, 10]), (2, &[11, 10])]),
            redirecting: [(golden(11), golden(10)), (golden(9), golden(10))].into(),
        };
        check(&[&[1], &[2]], &standing, &[(11, Origin::Restored, &[]), (10, Origin::Kept, &[])]);
    }

    #[test]
    fn there_and_back_again_is_no_way() {
        let way = |stays: &[u128], merged: &[(u128, u128)]| {
            let stays: Vec<_> = stays.iter().map(|it| (golden(*it), DateTime::UNIX_EPOCH)).collect();
            let survivor = |id| merged.iter().find(|it| golden(it.0) == id).map(|it| golden(it.1));
            Past::of(&stays, survivor).unwrap().way
        };
        let ids = |ids: &[u128]| ids.iter().map(|it| golden(*it)).collect::<Vec<_>>();
        assert_eq!(way(&[12, 11, 12, 10], &[(11, 10), (12, 10)]), ids(&[12, 10]));
        assert_eq!(way(&[12, 11, 10, 11], &[(12, 11)]), ids(&[12, 11]));
        assert_eq!(way(&[11, 12, 11], &[(12, 11)]), ids(&[12, 11]));
    }
}
