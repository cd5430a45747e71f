//! Which pairs of a batch are compared, and which of its values turn out to belong to nobody.

use rayon::prelude::*;

use super::blocking::{self, Block, BlockUse, BlockingKey};
use super::clusters::BatchRecord;
use super::hubs::Hubs;
use crate::policy::MatchingPolicy;

/// What the blocks of a batch bring.
pub(super) struct Pairs {
    /// Pairs of places that share a key, each once, in order.
    pub(super) pairs: Vec<(u32, u32)>,
    /// The personal values that many names share.
    pub(super) hubs: Hubs,
    /// Pairs left out because their key gathers too many, counted for each key.
    pub(super) skipped: usize,
}

/// Puts records into blocks and pairs them up.
pub(super) fn find<K: Sync>(policy: &MatchingPolicy, records: &[&BatchRecord<K>]) -> Pairs {
    let mut entries: Vec<(BlockingKey, u32)> = records
        .par_iter()
        .enumerate()
        .flat_map_iter(|(place, it)| {
            let place = u32::try_from(place).expect("a batch is smaller than four billion records");
            blocking::keys(&it.features).into_iter().map(move |key| (key, place))
        })
        .collect();
    entries.par_sort_unstable();
    let (mut pairs, mut hubs, mut skipped) = (Vec::new(), Vec::new(), 0);
    for entries in entries.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1) {
        let key = entries[0].0;
        match policy.use_of(key, block(policy, entries, records)) {
            BlockUse::Pairs => pair_up(entries, &mut pairs),
            BlockUse::Crowded => skipped += count(entries),
            BlockUse::Hub => {
                skipped += count(entries);
                hubs.push(key);
            }
        }
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    Pairs { pairs, hubs: hubs.into_iter().collect(), skipped }
}

/// Names are only asked for where they decide.
fn block<K>(policy: &MatchingPolicy, entries: &[(BlockingKey, u32)], records: &[&BatchRecord<K>]) -> Block {
    let mut names: Vec<i64> = Vec::new();
    if entries[0].0.is_personal() && entries.len() > policy.hub_names {
        let all = entries.iter().map(|it| blocking::name_key(&records[it.1 as usize].features));
        names.extend(all.filter(|it| *it != 0));
        names.sort_unstable();
        names.dedup();
    }
    Block { records: entries.len(), names: names.len() }
}

fn pair_up(entries: &[(BlockingKey, u32)], pairs: &mut Vec<(u32, u32)>) {
    for (position, (_, a)) in entries.iter().enumerate() {
        pairs.extend(entries[position + 1..].iter().map(|(_, b)| (*a, *b)));
    }
}

fn count(entries: &[(BlockingKey, u32)]) -> usize {
    entries.len() * (entries.len() - 1) / 2
}
