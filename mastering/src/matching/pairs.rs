//! Which pairs of a batch are compared, and which of its values turn out to belong to nobody.

use rayon::prelude::*;

use super::blocking::{self, Block, BlockUse, BlockingKey};
use super::clusters::Ranked;
use super::hubs::Hubs;
use crate::policy::MatchingPolicy;

/// What the blocks of a batch bring.
pub(super) struct Pairs {
    /// Pairs of places that share a key, each once, in order.
    pub(super) pairs: Vec<Pair>,
    /// The personal values that many names share.
    pub(super) hubs: Hubs,
    /// Pairs left out because their key gathers too many, counted for each key.
    pub(super) skipped: usize,
}

/// Two places, the smaller one first, in one number: that sorts in half the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair(u64);

impl Pair {
    fn of(a: u32, b: u32) -> Self {
        Self(u64::from(a) << 32 | u64::from(b))
    }

    /// Both places.
    pub(super) fn places(self) -> (usize, usize) {
        ((self.0 >> 32) as usize, (self.0 & u64::from(u32::MAX)) as usize)
    }
}

/// A key, and the place of a record that has it.
type Entry = (BlockingKey, u32);

/// Puts records into blocks and pairs them up.
pub(super) fn find<K: Sync>(policy: &MatchingPolicy, records: &[Ranked<'_, K>]) -> Pairs {
    let entries = entries(records);
    let blocks = entries.par_chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1);
    let found = blocks.fold(Found::default, |mut found, entries| {
        found.take(entries, policy.use_of(entries[0].0, block(policy, entries, records)));
        found
    });
    let Found { mut pairs, hubs, skipped } = found.reduce(Found::default, Found::with);
    pairs.par_sort_unstable();
    pairs.dedup();
    Pairs { pairs, hubs: hubs.into_iter().collect(), skipped }
}

/// What some of the blocks bring.
#[derive(Default)]
struct Found {
    pairs: Vec<Pair>,
    hubs: Vec<BlockingKey>,
    skipped: usize,
}

impl Found {
    fn take(&mut self, entries: &[Entry], block_use: BlockUse) {
        match block_use {
            BlockUse::Pairs => pair_up(entries, &mut self.pairs),
            BlockUse::Crowded => self.skipped += count(entries),
            BlockUse::Hub => {
                self.skipped += count(entries);
                self.hubs.push(entries[0].0);
            }
        }
    }

    fn with(mut self, more: Self) -> Self {
        self.pairs.extend(more.pairs);
        self.hubs.extend(more.hubs);
        Self { skipped: self.skipped + more.skipped, ..self }
    }
}

/// Every key of every record, in the order of the keys.
fn entries<K: Sync>(records: &[Ranked<'_, K>]) -> Vec<Entry> {
    let of_record = |(place, it): (usize, &Ranked<'_, K>)| {
        let place = u32::try_from(place).expect("a batch is smaller than four billion records");
        blocking::keys(it.features).into_iter().map(move |key| (key, place))
    };
    let mut entries: Vec<Entry> = records.par_iter().enumerate().flat_map_iter(of_record).collect();
    entries.par_sort_unstable();
    entries
}

/// Names are only asked for where they decide.
fn block<K>(policy: &MatchingPolicy, entries: &[Entry], records: &[Ranked<'_, K>]) -> Block {
    let mut names: Vec<i64> = Vec::new();
    if entries[0].0.is_personal() && entries.len() > policy.hub_names {
        let all = entries.iter().map(|it| blocking::name_key(records[it.1 as usize].features));
        names.extend(all.filter(|it| *it != 0));
        names.sort_unstable();
        names.dedup();
    }
    Block { records: entries.len(), names: names.len() }
}

fn pair_up(entries: &[Entry], pairs: &mut Vec<Pair>) {
    for (position, (_, a)) in entries.iter().enumerate() {
        pairs.extend(entries[position + 1..].iter().map(|(_, b)| Pair::of(*a, *b)));
    }
}

fn count(entries: &[Entry]) -> usize {
    entries.len() * (entries.len() - 1) / 2
}
