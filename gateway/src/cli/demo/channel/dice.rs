//! Chance that falls the same way each time: for what the demo's people do.

use blake3::{Hasher, OutputReader};

/// Dice for one purpose.
pub(super) struct Dice(OutputReader);

impl Dice {
    /// The dice of this purpose; the same purpose, the same throws.
    pub(super) fn of(purpose: &str) -> Self {
        Self(Hasher::new().update(purpose.as_bytes()).finalize_xof())
    }

    /// A number from 0 to one less than `sides`, of which there is at least one.
    pub(super) fn throw(&mut self, sides: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % sides.max(1)
    }

    /// One of several.
    pub(super) fn choose<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let place = self.throw(from.len() as u64);
        from.get(usize::try_from(place).unwrap_or_default())
    }
}
