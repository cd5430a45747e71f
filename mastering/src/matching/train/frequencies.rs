//! How common values are in a file, and what that makes agreement on them worth.

use std::collections::HashMap;

use super::super::clusters::BatchRecord;
use super::super::evidence::{Comparison, Level};
use super::super::persons::{Somebody, term};
use crate::policy::{MatchingPolicy, Rarity};

/// Comparisons that look at how common their values are.
const TERMS: [Comparison; 4] =
    [Comparison::FamilyName, Comparison::GivenName, Comparison::Company, Comparison::Place];
/// Records for which the policy's own idea of a value's share stands: a small file overstates how rare a value is.
const PRIOR_RECORDS: f64 = 300.0;
/// Most that rarity adds or takes.
const MOST: i32 = 12;
/// Bounds of the prior, for tiny and for huge files.
const PRIORS: (i32, i32) = (-60, -27);

/// The policy with the frequencies of these records, and a prior that fits how many there are: of all pairs of a file
/// about as many are one as it has records.
///
/// What the policy says of a value still counts, as much as some hundreds of records.
pub fn adapted<K>(policy: &MatchingPolicy, records: &[BatchRecord<K>]) -> MatchingPolicy {
    let people: Vec<Somebody<'_>> = records.iter().filter_map(|it| Somebody::of(&it.features)).collect();
    let mut rarity = Rarity::default();
    for of in TERMS {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        people.iter().filter_map(|it| term(of, *it)).for_each(|it| *counts.entry(it).or_default() += 1);
        let total: u32 = counts.values().sum();
        for (value, count) in counts {
            let worth = worth(policy, of, value, f64::from(count), f64::from(total));
            if worth != 0 {
                rarity.set(of, value, worth);
            }
        }
    }
    let prior = -points(people.len().max(1) as f64);
    policy.with_frequencies(prior.clamp(PRIORS.0, PRIORS.1), rarity)
}

/// What agreement on the value is worth beside the points of EQUAL.
fn worth(policy: &MatchingPolicy, of: Comparison, value: &str, count: f64, total: f64) -> i32 {
    let equal = policy.persons().of(of, Level::Equal);
    let expected = equal + policy.rarity(of, value);
    let share_expected = 10f64.powf(-f64::from(expected) / 10.0);
    let share = (count + PRIOR_RECORDS * share_expected) / (total + PRIOR_RECORDS);
    (-points(share) - equal).clamp(-2 * MOST, MOST)
}

fn points(ratio: f64) -> i32 {
    (10.0 * ratio.log10()).round() as i32
}
