//! How common values are in a file, and what that makes agreement on them worth.

use std::collections::BTreeMap;

use foldhash::HashMap;
use rayon::prelude::*;
use smol_str::SmolStr;

use super::super::clusters::BatchRecord;
use super::super::evidence::{Comparison, Level};
use super::super::persons::{Somebody, term};
use crate::policy::{MatchingPolicy, Points, Rarity};

/// Comparisons that look at how common their values are.
const TERMS: [Comparison; 4] =
    [Comparison::FamilyName, Comparison::GivenName, Comparison::Company, Comparison::Place];
/// Records for which the policy's own idea of a value's share stands: a small file overstates how rare a value is.
const PRIOR_RECORDS: f64 = 300.0;
/// Most that rarity adds. It may take twice as much.
const MOST: i32 = 12;
/// Bounds of the prior, for tiny and for huge files.
const PRIORS: (i32, i32) = (-60, -27);
/// Values of one comparison that a document lists, the most frequent first.
const LISTED: usize = 1_000;
/// Records that bear a listed value at least. What is rarer has the points of EQUAL.
const LEAST_RECORDS: u32 = 3;

/// The policy with the frequencies of these records, and a prior that fits how many there are: of all pairs of a file
/// about as many are one as it has records.
///
/// What the policy says of a value still counts, as much as some hundreds of records.
pub fn adapted<K: Sync>(policy: &MatchingPolicy, records: &[BatchRecord<K>]) -> MatchingPolicy {
    let worths = |of: Comparison| -> HashMap<SmolStr, i32> {
        let counts = Counts::of(of, records);
        let worth =
            |(value, count): (&&str, &u32)| (SmolStr::new(value), counts.worth(policy, of, value, *count));
        counts.by_value.iter().map(worth).filter(|it| it.1 != 0).collect()
    };
    let mut rarity = Rarity::default();
    for (of, worths) in TERMS.par_iter().map(|of| (*of, worths(*of))).collect::<Vec<_>>() {
        if !worths.is_empty() {
            rarity.set_all(of, worths);
        }
    }
    policy.with_frequencies(prior_of(records.len(), records.len() as f64), rarity)
}

/// Log-odds that a random pair is one, where so many pairs are.
pub(super) fn prior_of(records: usize, true_pairs: f64) -> i32 {
    let records = records.max(2) as f64;
    points(true_pairs.max(1.0) / (records * (records - 1.0))).clamp(PRIORS.0, PRIORS.1)
}

/// Points and rarities to write down: EQUAL is worth what it is on the mean of all records, and the frequent values are
/// listed with what they are worth less.
pub(super) fn frozen<K>(
    policy: &MatchingPolicy,
    records: &[BatchRecord<K>],
    equal: &BTreeMap<Comparison, f64>,
) -> (Points, Rarity) {
    let (mut worths, mut rarity) = (policy.persons().clone(), Rarity::default());
    for of in TERMS {
        let counts = Counts::of(of, records);
        if let Some(share_equal) = equal.get(&of).filter(|_| !counts.by_value.is_empty()) {
            worths.set(of, Level::Equal, (points(*share_equal) + counts.mean_points()).clamp(0, 60));
        }
        let policy = policy.with_persons(worths.clone());
        let mut frequent: Vec<(&str, u32)> =
            counts.by_value.iter().map(|(it, count)| (*it, *count)).collect();
        frequent.retain(|it| it.1 >= LEAST_RECORDS);
        frequent.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        for (value, count) in frequent.into_iter().take(LISTED) {
            rarity.set(of, value, counts.worth(&policy, of, value, count));
        }
    }
    (worths, rarity)
}

/// How many records bear each value.
struct Counts<'a> {
    by_value: HashMap<&'a str, u32>,
    total: f64,
}

impl<'a> Counts<'a> {
    fn of<K>(of: Comparison, records: &'a [BatchRecord<K>]) -> Self {
        let mut by_value: HashMap<&str, u32> = HashMap::default();
        let people = records.iter().filter_map(|it| Somebody::of(&it.features));
        people.filter_map(|it| term(of, it)).for_each(|it| *by_value.entry(it).or_default() += 1);
        let total = by_value.values().sum::<u32>();
        Self { by_value, total: f64::from(total) }
    }

    /// What agreement on the value is worth beside the points of EQUAL.
    fn worth(&self, policy: &MatchingPolicy, of: Comparison, value: &str, count: u32) -> i32 {
        let equal = policy.persons().of(of, Level::Equal);
        let expected = 10f64.powf(-f64::from(equal + policy.rarity(of, value)) / 10.0);
        let share = (f64::from(count) + PRIOR_RECORDS * expected) / (self.total + PRIOR_RECORDS);
        (-points(share) - equal).clamp(-2 * MOST, MOST)
    }

    /// What agreement is worth on the mean of all records. Summed up by count, because sums depend on their order.
    fn mean_points(&self) -> i32 {
        let mut values_of: BTreeMap<u32, u32> = BTreeMap::new();
        self.by_value.values().for_each(|count| *values_of.entry(*count).or_default() += 1);
        let worth = |(&count, &values): (&u32, &u32)| {
            let records = f64::from(count) * f64::from(values);
            -10.0 * (f64::from(count) / self.total).log10() * records
        };
        (values_of.iter().map(worth).sum::<f64>() / self.total).round() as i32
    }
}

fn points(ratio: f64) -> i32 {
    (10.0 * ratio.log10()).round() as i32
}
