//! Whether everything came that the source said it would send.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use connectors::Page;

use super::SyncFailure;

/// Counts the records of a reading, each once: a page may come twice. A reading that the source does in parts is proven
/// part by part, for a record that changes meanwhile is in two of them.
#[derive(Debug, Default)]
pub(super) struct Completeness {
    hasher: RandomState,
    /// A number for each record of the part under way: a set of ids of millions of records would not fit.
    seen: HashSet<u64>,
    /// Records of the part under way without a readable id.
    nameless: u64,
    expected: Option<u64>,
    part: u32,
    /// What came in the parts before, and what was announced.
    before: (u64, u64),
}

impl Completeness {
    /// Counts a page. The source says once how many records a query has, and may say so on every page. Refuses the parts
    /// before it if something is missing in them.
    pub(super) fn add(&mut self, page: &Page, object: &str) -> Result<(), SyncFailure> {
        if page.part != self.part {
            self.check(object)?;
            let before = (self.received(), self.expected().unwrap_or_default());
            (self.seen, self.nameless, self.expected) = Default::default();
            (self.part, self.before) = (page.part, before);
        }
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
        Ok(())
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
        self.before.0 + self.seen.len() as u64 + self.nameless
    }

    /// How many were announced.
    pub(super) fn expected(&self) -> Option<u64> {
        self.expected.map(|it| self.before.1 + it)
    }

    /// Refuses a reading in which something is missing.
    pub(super) fn check(&self, object: &str) -> Result<(), SyncFailure> {
        let received = self.received();
        match self.expected() {
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

    /// A page of a part that has so many records.
    fn page(part: u32, total: u64, nameless: usize) -> Page {
        let error = connectors::RecordError {
            external_id: None,
            stamp: None,
            category: domain::sync::SyncErrorCategory::Schema,
            code: "NO_IDENTITY",
            message: String::new(),
            payload: None,
        };
        let records = vec![Err(error); nameless];
        let server_time = chrono::DateTime::UNIX_EPOCH;
        Page { records, warnings: Vec::new(), next: None, last: None, total: Some(total), part, server_time }
    }

    #[test]
    fn what_is_too_many_in_one_part_does_not_stand_for_what_is_missing_in_another() {
        let mut all = Completeness::default();
        all.add(&page(1, 3, 2), "Lead").unwrap();
        all.add(&page(1, 3, 1), "Lead").unwrap();
        all.add(&page(2, 2, 1), "Lead").unwrap();
        assert_eq!((all.received(), all.expected()), (4, Some(5)));
        assert!(all.add(&page(3, 1, 2), "Lead").is_err());
        assert!(all.check("Lead").is_err());
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
