//! Seeded chance, and fixed instants.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One stream per kind of record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Accounts = 1,
    Contacts,
    Opportunities,
    Leads,
    Order,
    Activities,
    Campaigns,
    ContactRows,
}

/// A stream of chance that depends on nothing but seed and stream.
pub(super) struct Dice(ChaCha8Rng);

/// 2025-01-06T00:00:00Z.
const FIRST_SECOND: u64 = 1_736_121_600;
/// 2026-10-30T09:00:00Z.
const LAST_SECOND: u64 = 1_793_350_800;
/// Imports and mass updates stamp many records with one second.
const BULK_RUNS: u64 = 48;

impl Dice {
    pub(super) fn new(seed: u64, stream: Stream) -> Dice {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream as u64);
        Dice(rng)
    }

    /// True so many times of a hundred.
    pub(super) fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < u64::from(percent)
    }

    /// From 0 to `end` - 1.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0.random_range(0..end.max(1))
    }

    pub(super) fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.index(items.len())]
    }

    /// A place in a table of weights.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: u64 = weights.clone().map(u64::from).sum();
        let mut left = self.below(total);
        for (place, weight) in weights.enumerate() {
            if left < u64::from(weight) {
                return place;
            }
            left -= u64::from(weight);
        }
        0
    }

    /// A working second, or that of a bulk run three times of ten.
    pub(super) fn instant(&mut self) -> i64 {
        if self.percent(30) {
            let run = self.below(BULK_RUNS);
            return (FIRST_SECOND + run * ((LAST_SECOND - FIRST_SECOND) / BULK_RUNS)) as i64;
        }
        (FIRST_SECOND + self.below(LAST_SECOND - FIRST_SECOND)) as i64
    }

    /// A moment from `from` on, not after the last one of the demo.
    pub(super) fn instant_after(&mut self, from: i64) -> i64 {
        let other = self.instant();
        if other >= from { other } else { from + self.below(LAST_SECOND - from as u64 + 1) as i64 }
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            let other = self.index(place + 1);
            items.swap(place, other);
        }
    }
}
