//! Values that look personal and are not: a mailbox or a telephone that many names share.
//!
//! Here: the set of such values, as comparing asks for it. Not here: finding them (`blocking::BlockUse`, `batch`).

use foldhash::HashSet;

use super::blocking::BlockingKey;

/// The personal values that belong to nobody. Where two records agree on one, that is no agreement; where one has another
/// value, that is still a difference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hubs(HashSet<BlockingKey>);

impl Hubs {
    /// Whether the mail address is shared by many.
    pub fn has_email(&self, address: &str) -> bool {
        // Most sets are empty, and then nothing needs to be hashed.
        !self.0.is_empty() && self.0.contains(&BlockingKey::email(address))
    }

    /// Whether the telephone is shared by many.
    pub fn has_phone(&self, number: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&BlockingKey::phone(number))
    }
}

impl FromIterator<BlockingKey> for Hubs {
    fn from_iter<T: IntoIterator<Item = BlockingKey>>(keys: T) -> Self {
        Self(keys.into_iter().collect())
    }
}
