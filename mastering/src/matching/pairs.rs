//! Which pairs of a batch are compared, and which of its values turn out to belong to nobody.

use rayon::prelude::*;

use super::blocking::{self, Block, BlockUse, BlockingKey};
use super::clusters::Ranked;
use super::hubs::Hubs;
use crate::policy::MatchingPolicy;

/// What the blocks of a batch bring.
pub(super) struct Pairs {
    /// Pairs of places that share a key, each once, in order, in portions.
    pub(super) pairs: Vec<Vec<Pair>>,
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
    let lots: Vec<Lot> =
        records.par_chunks(LOT).enumerate().map(|(number, records)| Lot::of(number * LOT, records)).collect();
    let found: Vec<Found> =
        (0..DRAWERS).into_par_iter().map(|it| Found::of(policy, records, &lots, it)).collect();
    let pairs = (0..PORTIONS).into_par_iter().map(|it| portion(&found, it)).collect();
    let hubs = found.iter().flat_map(|it| it.hubs.iter().copied()).collect();
    Pairs { pairs, hubs, skipped: found.iter().map(|it| it.skipped).sum() }
}

/// The pairs of one portion, each once, in order.
fn portion(found: &[Found], portion: usize) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = found.iter().flat_map(|it| it.pairs[portion].iter().copied()).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Portions that pairs are divided into by their first records.
const PORTIONS: usize = 64;
/// Records whose keys are made together.
const LOT: usize = 2_048;
/// Drawers that entries are sorted into by the first bits of their keys. Each is small enough to be put in order in a cache,
/// and no two share a key.
const DRAWERS: usize = 1 << DRAWER_BITS;
const DRAWER_BITS: u32 = 6;

/// The entries of some records, by drawers.
struct Lot(Vec<Vec<Entry>>);

impl Lot {
    fn of<K>(first: usize, records: &[Ranked<'_, K>]) -> Self {
        let mut drawers: Vec<Vec<Entry>> =
            (0..DRAWERS).map(|_| Vec::with_capacity(records.len() / 5)).collect();
        for (place, record) in (first..).zip(records) {
            let place = u32::try_from(place).expect("a batch is smaller than four billion records");
            for key in blocking::keys(record.features) {
                let drawer = key.0.cast_unsigned() >> (u64::BITS - DRAWER_BITS);
                drawers[drawer as usize].push((key, place));
            }
        }
        Self(drawers)
    }
}

/// What the blocks of one drawer bring.
struct Found {
    /// By portions.
    pairs: Vec<Vec<Pair>>,
    hubs: Vec<BlockingKey>,
    skipped: usize,
}

impl Found {
    fn of<K>(policy: &MatchingPolicy, records: &[Ranked<'_, K>], lots: &[Lot], drawer: usize) -> Self {
        let of_lots = || lots.iter().map(|it| &it.0[drawer]);
        let mut entries: Vec<Entry> = Vec::with_capacity(of_lots().map(Vec::len).sum());
        of_lots().for_each(|it| entries.extend(it));
        entries.sort_unstable();
        let mut found = Self { pairs: vec![Vec::new(); PORTIONS], hubs: Vec::new(), skipped: 0 };
        for entries in entries.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1) {
            let block_use = policy.use_of(entries[0].0, block(policy, entries, records));
            found.take(entries, block_use, records.len());
        }
        found
    }

    fn take(&mut self, entries: &[Entry], block_use: BlockUse, records: usize) {
        match block_use {
            BlockUse::Pairs => {
                for (position, (_, a)) in entries.iter().enumerate() {
                    let others = entries[position + 1..].iter();
                    self.pairs[*a as usize * PORTIONS / records]
                        .extend(others.map(|(_, b)| Pair::of(*a, *b)));
                }
            }
            BlockUse::Crowded => self.skipped += count(entries),
            BlockUse::Hub => {
                self.skipped += count(entries);
                self.hubs.push(entries[0].0);
            }
        }
    }
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

fn count(entries: &[Entry]) -> usize {
    entries.len() * (entries.len() - 1) / 2
}
