//! From pairs to groups that hold together.
//!
//! Here: what a group is (`Groups`), joining in the order of strength (`forest`), and what stands against joining two
//! groups (`group`). Everything is a function of sets: neither the order of records nor of joins matters.
//! Not here: which pairs are compared (`pairs`), what a pair's evidence is worth (`compare`).

mod forest;
mod group;

use super::evidence::Veto;
use forest::{Given, cluster};

pub use group::{BatchRecord, Decisions, group};
pub(super) use group::{Judge, Ranked, Sorted};

/// Two records that belong together, and how surely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Join<K> {
    /// One record.
    pub a: K,
    /// The other.
    pub b: K,
    /// Weight of the evidence, see [`super::verdict::Verdict`].
    pub weight: i32,
}

/// A join that something in the two groups forbids. A person should look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedJoin<K> {
    /// The record with the smaller key.
    pub a: K,
    /// The other.
    pub b: K,
    /// What forbids it.
    pub veto: Veto,
}

/// What belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups<K> {
    /// Every record in one group, by key; groups by their first key.
    pub groups: Vec<Vec<K>>,
    /// Joins that were not made, in the order of their keys.
    pub refused: Vec<RefusedJoin<K>>,
}

impl<K> Groups<K> {
    /// The same groups under other keys. The keys must keep the order.
    pub fn with_keys<T>(self, key: impl Fn(K) -> T) -> Groups<T> {
        let refused = self.refused.into_iter();
        Groups {
            groups: self.groups.into_iter().map(|it| it.into_iter().map(&key).collect()).collect(),
            refused: refused.map(|it| RefusedJoin { a: key(it.a), b: key(it.b), veto: it.veto }).collect(),
        }
    }
}
