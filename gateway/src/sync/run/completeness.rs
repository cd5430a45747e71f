//! Whether everything came that the source said it would send.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use connectors::Page;

use super::SyncFailure;

/// Counts the records of one query, each once: a page may come twice.
#[derive(Debug, Default)]
pub(super) struct Completeness {
    hasher: RandomState,
    /// A number for each record: a set of ids of millions of records would not fit.
    seen: HashSet<u64>,
    /// Records without a readable id.
    nameless: u64,
    expected: Option<u64>,
}

impl Completeness {
    /// Counts a page. The source says once how many records the query has, and may say so on every page.
    pub(super) fn add(&mut self, page: &Page) {
        self.expected = self.expected.or(page.total);
        for record in &page.records {
            let id = match record {
                Ok(record) => Some(record.key.external_id.as_str()),
                Err(error) => error.external_id.as_deref(),
            };
            match id {
                Some(id) => drop(self.seen.insert(self.hasher.hash_one(id))),
                None => self.nameless += 1,
            }
        }
    }

    /// Counts an id.
    pub(super) fn add_id(&mut self, id: &str) {
        self.seen.insert(self.hasher.hash_one(id));
    }

    /// Whether an id was counted.
    pub(super) fn has(&self, id: &str) -> bool {
        self.seen.contains(&self.hasher.hash_one(id))
    }

    /// How many records the source said it would send.
    pub(super) fn expect(&mut self, total: Option<u64>) {
        self.expected = self.expected.or(total);
    }

    /// How many came.
    pub(super) fn received(&self) -> u64 {
        self.seen.len() as u64 + self.nameless
    }

    /// How many were announced.
    pub(super) fn expected(&self) -> Option<u64> {
        self.expected
    }

    /// Refuses a reading in which something is missing.
    pub(super) fn check(&self, object: &str) -> Result<(), SyncFailure> {
        let received = self.received();
        match self.expected {
            Some(expected) if received < expected => {
                Err(SyncFailure::Incomplete { object: object.to_owned(), received, expected })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(ids: &[&str], expected: u64) -> Completeness {
        let mut completeness = Completeness::default();
        completeness.expect(Some(expected));
        ids.iter().for_each(|it| completeness.add_id(it));
        completeness
    }

    #[test]
    fn a_record_that_came_twice_does_not_stand_for_one_that_is_missing() {
        assert!(counted(&["a", "b"], 2).check("Lead").is_ok());
        let missing = counted(&["a", "a"], 2).check("Lead").unwrap_err();
        assert_eq!(
            missing.to_string(),
            "Lead is incomplete: 1 of 2 records came; the next run reads them again"
        );
    }
}
