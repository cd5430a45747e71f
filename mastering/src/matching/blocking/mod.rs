//! Which pairs are worth comparing: records that share a key.
//!
//! Here: what a key is, and what the block of records under it is good for. Which keys a record has is `keys`.
//! A key is a stable 64-bit hash, so a store can index it and two stores agree.

mod keys;

use super::features::Features;
use crate::policy::MatchingPolicy;

pub use keys::{company_keys, company_name_key, keys};
pub(super) use keys::{home_key, own_keys};

/// A key under which a record is found. Any 64 bits, so it fits a signed column; the lowest tells whether the key is a
/// personal value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockingKey(pub i64);

impl BlockingKey {
    /// The key of several facts together.
    fn of(prefix: &str, parts: &[&str]) -> Self {
        Self(stable_hash(prefix, parts) & !1)
    }

    /// The key of a value that belongs to one person, unless too many names share it.
    fn personal(prefix: &str, value: &str) -> Self {
        Self(stable_hash(prefix, &[value]) | 1)
    }

    /// The key of a personal mail address.
    pub(super) fn email(address: &str) -> Self {
        Self::personal("email", address)
    }

    /// The key of a telephone.
    pub(super) fn phone(number: &str) -> Self {
        Self::personal("phone", number)
    }

    /// Whether the key is a value that should belong to one person: an e-mail address, a mobile telephone.
    pub fn is_personal(self) -> bool {
        self.0 & 1 == 1
    }
}

/// `prefix` keeps keys of different meaning apart; 0x1f separates, because no key contains it.
fn stable_hash(prefix: &str, parts: &[&str]) -> i64 {
    // Hashing at once costs half of hashing piece by piece, and a record has a dozen keys.
    let mut text = String::with_capacity(96);
    text.push_str(prefix);
    for part in parts {
        text.push('\x1f');
        text.push_str(part);
    }
    let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(text.as_bytes()).as_bytes();
    i64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// The records that share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// How many there are.
    pub records: usize,
    /// How many different names they bear: distinct name keys other than 0.
    pub names: usize,
}

/// What a block is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockUse {
    /// Its records are compared with each other.
    Pairs,
    /// Too many records to compare. Those that are one meet under a narrower key.
    Crowded,
    /// A personal value that so many names or records share that it belongs to nobody. See [`super::hubs::Hubs`].
    Hub,
}

impl MatchingPolicy {
    /// What the block under a key is good for. It depends on the whole block, never on who came first.
    pub fn use_of(&self, key: BlockingKey, block: Block) -> BlockUse {
        match block {
            _ if key.is_personal() && block.names > self.hub_names => BlockUse::Hub,
            _ if key.is_personal() && block.records > self.largest_block => BlockUse::Hub,
            _ if block.records > self.largest_block => BlockUse::Crowded,
            _ => BlockUse::Pairs,
        }
    }
}

/// The name of a record in any order, as a number; 0 when it names nobody.
pub fn name_key(features: &Features) -> i64 {
    let name = features.person.as_ref().and_then(|it| it.name.as_ref());
    name.map_or(0, |it| stable_hash("whole name", &[&keys::in_any_order(it)]))
}
