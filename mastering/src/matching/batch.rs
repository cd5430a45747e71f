//! Grouping many records at once, as `match` does with a file.
//!
//! The result depends on what the records say, not on their order or the number of threads.

use std::collections::BTreeMap;

use domain::sources::SourceSystem;
use rayon::prelude::*;

use super::blocking::{self, BlockingKey, LARGEST_BLOCK};
use super::clusters::{Given, Groups, Join, cluster};
use super::evidence::Veto;
use super::features::Features;
use super::verdict::{Band, Verdict};
use super::{compare, compare_within_system, persons};
use crate::policy::MatchingPolicy;

/// Neighbours each record is compared with in a block that stays too large.
const WINDOW: usize = 20;

/// One record of a batch.
#[derive(Debug, Clone)]
pub struct BatchRecord<K> {
    /// Its key, unique in the batch.
    pub key: K,
    /// The system it comes from, if that is known.
    pub system: Option<SourceSystem>,
    /// Its keys.
    pub features: Features,
}

/// How a batch is grouped.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The least band that joins.
    pub join_at: Band,
    /// Whether two records of one system join only on identity.
    pub is_careful_within_system: bool,
}

/// Two records that were found alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<K> {
    /// The record with the smaller key.
    pub a: K,
    /// The other.
    pub b: K,
    /// What was found.
    pub verdict: Verdict,
}

/// A grouped batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters<K> {
    /// What belongs together, and joins that were refused.
    pub groups: Groups<K>,
    /// Every pair found at POSSIBLE or better, by keys.
    pub candidates: Vec<Candidate<K>>,
    /// Pairs left out because too many records share their key, counted for each key.
    pub skipped_pairs: usize,
}

/// Groups a batch. Keys must be unique.
pub fn cluster_all<K: Copy + Ord + Send + Sync>(
    policy: &MatchingPolicy,
    records: &[BatchRecord<K>],
    options: Options,
) -> Clusters<K> {
    let mut sorted: Vec<&BatchRecord<K>> = records.iter().collect();
    sorted.sort_by_key(|it| it.key);
    let judge = Judge { policy, records: &sorted, options };
    let (pairs, skipped_pairs) = pairs(&sorted);
    let found: Vec<(u32, u32, Verdict)> = pairs
        .into_par_iter()
        .map(|(a, b)| (a, b, judge.compare(a, b)))
        .filter(|(_, _, verdict)| verdict.band >= Band::Possible)
        .collect();
    let joins: Vec<Join<u32>> = found
        .iter()
        .filter(|(_, _, verdict)| verdict.band >= options.join_at)
        .map(|&(a, b, ref verdict)| Join { a, b, score: verdict.score })
        .collect();
    let places: Vec<u32> = (0..).take(sorted.len()).collect();
    let given = Given { records: &places, together: &[], never: &[], largest_group: policy.largest_group };
    let groups = cluster(given, &joins, |a, b| judge.veto(a, b));
    let key = |place: u32| sorted[place as usize].key;
    let candidates =
        found.into_iter().map(|(a, b, verdict)| Candidate { a: key(a), b: key(b), verdict }).collect();
    Clusters { groups: groups.with_keys(key), candidates, skipped_pairs }
}

struct Judge<'a, K> {
    policy: &'a MatchingPolicy,
    records: &'a [&'a BatchRecord<K>],
    options: Options,
}

impl<K> Judge<'_, K> {
    fn compare(&self, a: u32, b: u32) -> Verdict {
        let (a, b) = (self.records[a as usize], self.records[b as usize]);
        match self.is_same_system(a, b) {
            true => compare_within_system(self.policy, &a.features, &b.features),
            false => compare(self.policy, &a.features, &b.features),
        }
    }

    fn is_same_system(&self, a: &BatchRecord<K>, b: &BatchRecord<K>) -> bool {
        self.options.is_careful_within_system && a.system.is_some() && a.system == b.system
    }

    /// What forbids two records in one group, though each agrees with a third.
    fn veto(&self, a: u32, b: u32) -> Option<Veto> {
        let verdict = || self.compare(a, b);
        let (a, b) = (self.records[a as usize], self.records[b as usize]);
        veto_in_group(self.policy, &a.features, &b.features).or_else(|| {
            let is_unsure = self.is_same_system(a, b) && verdict().band < self.options.join_at;
            is_unsure.then_some(Veto::SameSystem)
        })
    }
}

/// What forbids that two records end in one group, though each agrees with a third: two valid corporate numbers of
/// organisations, or two names of people.
pub fn veto_in_group(policy: &MatchingPolicy, a: &Features, b: &Features) -> Option<Veto> {
    match (&a.person, &b.person) {
        (Some(a), Some(b)) => persons::names_differ(policy, a, b).then_some(Veto::NamesDiffer),
        _ => {
            let (a, b) = (&a.organisation.corporate_number, &b.organisation.corporate_number);
            (a.is_some() && b.is_some() && a != b).then_some(Veto::CorporateNumbersDiffer)
        }
    }
}

/// The pairs that share a key, each once, in order; and how many were left out.
fn pairs<K: Sync>(records: &[&BatchRecord<K>]) -> (Vec<(u32, u32)>, usize) {
    let mut entries: Vec<(BlockingKey, u32)> = records
        .par_iter()
        .enumerate()
        .flat_map_iter(|(place, it)| {
            let place = u32::try_from(place).expect("a batch is smaller than four billion records");
            blocking::keys(&it.features).into_iter().map(move |key| (key, place))
        })
        .collect();
    entries.par_sort_unstable();
    let (mut pairs, mut skipped) = (Vec::new(), 0);
    for block in entries.chunk_by(|a, b| a.0 == b.0) {
        let block: Vec<u32> = block.iter().map(|it| it.1).collect();
        skipped += pair_up(records, &block, &mut pairs);
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    (pairs, skipped)
}

/// All pairs of a block; of one that is too large those of one name, and in a name that still is, neighbours.
/// Returns how many pairs were left out.
fn pair_up<K>(records: &[&BatchRecord<K>], block: &[u32], pairs: &mut Vec<(u32, u32)>) -> usize {
    if block.len() <= LARGEST_BLOCK {
        return window(block, block.len(), pairs);
    }
    let mut by_name: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for &place in block {
        let person = records[place as usize].features.person.as_ref();
        let name = person.and_then(|it| it.name.as_ref()).map(blocking::in_any_order);
        by_name.entry(name.unwrap_or_default()).or_default().push(place);
    }
    let all = block.len() * (block.len() - 1) / 2;
    let before = pairs.len();
    for part in by_name.values() {
        let width = if part.len() <= LARGEST_BLOCK { part.len() } else { WINDOW };
        window(part, width, pairs);
    }
    all - (pairs.len() - before)
}

/// Pairs each record with the next ones. Returns how many pairs that leaves out.
fn window(block: &[u32], width: usize, pairs: &mut Vec<(u32, u32)>) -> usize {
    let before = pairs.len();
    for (position, &a) in block.iter().enumerate() {
        pairs.extend(block[position + 1..].iter().take(width).map(|&b| (a, b)));
    }
    block.len() * block.len().saturating_sub(1) / 2 - (pairs.len() - before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fields::{Field, RecordKind, lead};
    use domain::sources::Values;

    fn record(key: u32, system: Option<&str>, said: &[(Field, &str)]) -> BatchRecord<u32> {
        let values: Values =
            said.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect();
        let features = Features::of(RecordKind::Lead, &values, None);
        BatchRecord { key, system: system.map(|it| it.parse().unwrap()), features }
    }

    fn grouped(records: &[BatchRecord<u32>], join_at: Band) -> Clusters<u32> {
        let options = Options { join_at, is_careful_within_system: true };
        cluster_all(&MatchingPolicy::default(), records, options)
    }

    const EMAIL: (Field, &str) = (lead::email, "taro@kyokuyo.co.jp");
    const MOBILE: (Field, &str) = (lead::mobile_phone, "090-1111-2222");
    const NAME: (Field, &str) = (lead::last_name, "山田 太郎");

    #[test]
    fn duplicates_meet_and_colleagues_do_not() {
        let records = [
            record(1, None, &[NAME, EMAIL]),
            record(2, None, &[(lead::last_name, "山田太郎"), (lead::email, "TARO@kyokuyo.co.jp")]),
            record(3, None, &[(lead::last_name, "鈴木 花子"), (lead::email, "hanako@kyokuyo.co.jp")]),
        ];
        assert_eq!(grouped(&records, Band::Auto).groups.groups, [vec![1, 2], vec![3]]);
    }

    #[test]
    fn a_record_between_two_people_does_not_make_them_one() {
        let records = [
            record(1, None, &[NAME, EMAIL]),
            record(2, None, &[EMAIL, MOBILE]),
            record(3, None, &[(lead::last_name, "鈴木 花子"), EMAIL, MOBILE]),
        ];
        let found = grouped(&records, Band::Review);
        assert_eq!(found.groups.groups, [vec![1], vec![2, 3]]);
        assert_eq!(found.groups.refused[0].veto, Veto::NamesDiffer);
    }

    #[test]
    fn two_records_of_one_system_do_not_meet_through_a_third() {
        let records = [
            record(1, Some("CRM"), &[NAME, EMAIL]),
            record(2, Some("MA"), &[NAME, EMAIL, MOBILE]),
            record(3, Some("CRM"), &[EMAIL, MOBILE]),
        ];
        let found = grouped(&records, Band::Auto);
        assert_eq!(found.groups.groups, [vec![1, 2], vec![3]]);
    }

    #[test]
    fn a_mailbox_that_hundreds_share_costs_no_square() {
        let names = ["佐藤", "鈴木", "高橋", "田中"];
        let records: Vec<_> = (0..2_000)
            .map(|it| {
                record(
                    it,
                    None,
                    &[EMAIL, (lead::last_name, names[it as usize % 4]), (lead::first_name, "誠")],
                )
            })
            .collect();
        let found = grouped(&records, Band::Auto);
        assert!(found.candidates.len() <= 2_000 * WINDOW);
        assert!(found.skipped_pairs > 0);
    }
}
