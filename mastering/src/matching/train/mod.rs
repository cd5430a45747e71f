//! What can be learned from records without labels.
//!
//! Here: how common their values are (`frequencies`), what each level is worth (`weights`, by EM), and both as a policy.
//! Not here: applying it (`persons`). Everything is a function of the set of records: pairs are sampled by hash.

mod frequencies;
mod weights;

use super::clusters::BatchRecord;
use crate::policy::MatchingPolicy;

pub use frequencies::adapted;

/// A policy with points, rarities and prior learned from the records, the rest taken over. Its text is a document that
/// [`MatchingPolicy::parse`] reads, so that what was learned can be looked at, approved and replayed.
pub fn train<K: Copy + Ord + Sync>(
    policy: &MatchingPolicy,
    records: &[BatchRecord<K>],
    version: &str,
) -> String {
    let mut sorted: Vec<&BatchRecord<K>> = records.iter().collect();
    sorted.sort_by_key(|it| it.key);
    let learned = weights::learn(policy, &sorted);
    let prior = frequencies::prior_of(records.len(), learned.true_pairs);
    let policy = policy.with_persons(learned.points);
    let (points, rarity) = frequencies::frozen(&policy, records, &learned.equal);
    policy.with_persons(points).with_frequencies(prior, rarity).document(version)
}
