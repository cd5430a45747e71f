//! Grouping many records at once, as `match` does with a file.
//!
//! The result depends on what the records say, not on their order or the number of threads.

use rayon::prelude::*;

use super::clusters::{BatchRecord, Decisions, Groups, Join, Judge, Sorted};
use super::pairs::{self, Pair, Pairs};
use super::persons::{NameSign, Somebody};
use super::verdict::{Band, Verdict};
use crate::policy::MatchingPolicy;

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

/// Groups a batch. Keys must be unique. `join_at` is the least band that joins.
pub fn cluster_all<K: Copy + Ord + Send + Sync>(
    policy: &MatchingPolicy,
    records: &[BatchRecord<K>],
    join_at: Band,
) -> Clusters<K> {
    cluster_decided(policy, records, Decisions::default(), join_at)
}

/// Groups a batch of which people have said something already.
pub fn cluster_decided<K: Copy + Ord + Send + Sync>(
    policy: &MatchingPolicy,
    records: &[BatchRecord<K>],
    decisions: Decisions<'_, K>,
    join_at: Band,
) -> Clusters<K> {
    let sorted = Sorted::of(records);
    let Pairs { pairs, hubs, skipped } = pairs::find(policy, &sorted.0);
    let judge = Judge { policy, hubs: &hubs, join_at };
    let candidates = candidates(judge, &sorted, pairs);
    let joining = candidates.iter().filter(|it| it.verdict.band >= join_at);
    let joins: Vec<Join<usize>> =
        joining.map(|it| Join { a: it.a, b: it.b, weight: it.verdict.weight }).collect();
    let known = |a, b| {
        let place = candidates.binary_search_by_key(&(a, b), |it| (it.a, it.b)).ok()?;
        Some(&candidates[place].verdict)
    };
    let groups = judge.group(&sorted, &joins, decisions, known);
    let key = |place: usize| sorted.0[place].key;
    let with_keys = |it: Candidate<usize>| Candidate { a: key(it.a), b: key(it.b), verdict: it.verdict };
    Clusters {
        groups: groups.with_keys(key),
        candidates: candidates.into_iter().map(with_keys).collect(),
        skipped_pairs: skipped,
    }
}

/// The pairs that reach POSSIBLE, in their order.
fn candidates<K: Copy + Ord + Sync>(
    judge: Judge<'_>,
    records: &Sorted<'_, K>,
    pairs: Vec<Vec<Pair>>,
) -> Vec<Candidate<usize>> {
    let signs: Vec<NameSign> =
        records.0.par_iter().map(|it| NameSign::of(Somebody::of(it.features))).collect();
    let candidate = |pair: &Pair| {
        let (a, b) = pair.places();
        if signs[a].rules_out(signs[b]) {
            return None;
        }
        let verdict = judge.compare_in_question(records.0[a], records.0[b])?;
        (verdict.band >= Band::Possible).then_some(Candidate { a, b, verdict })
    };
    pairs.par_iter().flat_map_iter(|it| it.iter().filter_map(candidate)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::evidence::Veto;
    use crate::matching::features::Features;
    use domain::fields::{Field, RecordKind, lead};
    use domain::sources::Values;

    fn record(key: u32, system: Option<&str>, said: &[(Field, &str)]) -> BatchRecord<u32> {
        let values: Values =
            said.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect();
        let features = Box::new(Features::of(RecordKind::Lead, &values, None));
        BatchRecord { key, system: system.map(|it| it.parse().unwrap()), features }
    }

    fn grouped(records: &[BatchRecord<u32>], join_at: Band) -> Clusters<u32> {
        cluster_all(&MatchingPolicy::default(), records, join_at)
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
        assert_eq!(found.groups.groups, [vec![1], vec![2, 3]]);
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
        assert_eq!(found.candidates, []);
        assert!(found.skipped_pairs > 0);
    }
}
