//! The records of one object, and the indexes that keep large orgs fast.
//!
//! Here: storage by number, order by (SystemModstamp, Id), lookup by external id, the delete log.
//! Not here: whether a change is allowed (`validate`), what else follows from it (`records`).

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;

use super::record_id::RecordId;
use super::row::Row;
use super::schema::{ObjectSchema, Slot};
use super::value::ValueRef;

/// A record as it stands. Stamps are whole seconds since 1970.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: RecordId,
    pub(crate) created_at: i64,
    pub(crate) created_by: RecordId,
    pub(crate) modified_at: i64,
    pub(crate) modified_by: RecordId,
    pub(crate) system_modstamp: i64,
    pub(crate) is_deleted: bool,
    pub(crate) row: Row,
}

impl Record {
    /// The value in any slot; addresses have none of their own.
    pub(crate) fn get(&self, slot: Slot) -> ValueRef<'_> {
        match slot {
            Slot::Id => ValueRef::Id(self.id),
            Slot::IsDeleted => ValueRef::Bool(self.is_deleted),
            Slot::CreatedDate => ValueRef::DateTime(self.created_at),
            Slot::CreatedById => ValueRef::Id(self.created_by),
            Slot::LastModifiedDate => ValueRef::DateTime(self.modified_at),
            Slot::LastModifiedById => ValueRef::Id(self.modified_by),
            Slot::SystemModstamp => ValueRef::DateTime(self.system_modstamp),
            Slot::Stored(slot) => self.row.get(slot),
            Slot::Address(_) | Slot::Unassigned => ValueRef::Null,
        }
    }
}

/// All records of one object, deleted ones included until they are purged.
#[derive(Debug)]
pub(crate) struct Table {
    /// Record number n lies at n - 1; `None` where one was purged.
    records: Vec<Option<Record>>,
    by_stamp: BTreeSet<(i64, u32)>,
    external: Vec<ExternalIndex>,
    /// When each deleted record was deleted, purged ones included.
    delete_log: HashMap<u32, i64>,
}

/// Values of one external id field, in lower case, and the records that carry them.
#[derive(Debug)]
struct ExternalIndex {
    slot: Slot,
    numbers: HashMap<Box<str>, Vec<u32>>,
}

impl Table {
    pub(crate) fn new(schema: &ObjectSchema) -> Table {
        let external = schema.fields.iter().filter(|it| it.external_id);
        let external = external.map(|it| ExternalIndex { slot: it.slot, numbers: HashMap::new() }).collect();
        Table { records: Vec::new(), by_stamp: BTreeSet::new(), external, delete_log: HashMap::new() }
    }

    /// The number the next record gets.
    pub(crate) fn next_number(&self) -> u32 {
        self.records.len() as u32 + 1
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Record> {
        self.records.get(number.checked_sub(1)? as usize)?.as_ref()
    }

    /// Every record, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().flatten()
    }

    /// Numbers in the order (SystemModstamp, Id), of the stamps in `range`.
    pub(crate) fn by_stamp(&self, range: RangeInclusive<i64>) -> impl DoubleEndedIterator<Item = u32> {
        // An empty range must not reach `BTreeSet::range`, which panics on one.
        let (low, high) = (*range.start(), *range.end());
        let high = high.max(low);
        let bounds = (low, 0)..=(high, u32::MAX);
        self.by_stamp.range(bounds).map(|(_, number)| *number).filter(move |_| !range.is_empty())
    }

    /// Latest stamp of any record.
    pub(crate) fn latest_stamp(&self) -> Option<i64> {
        self.by_stamp.last().map(|(stamp, _)| *stamp)
    }

    /// Live records whose external id in `slot` is `value`, whatever its letter case.
    pub(crate) fn with_external_id(&self, slot: Slot, value: &str) -> Vec<u32> {
        let index = self.external.iter().find(|it| it.slot == slot);
        let numbers = index.and_then(|it| it.numbers.get(value.to_lowercase().as_str()));
        let live = |number: &&u32| self.get(**number).is_some_and(|it| !it.is_deleted);
        numbers.into_iter().flatten().filter(live).copied().collect()
    }

    /// Deletions and when they happened, in no order.
    pub(crate) fn delete_log(&self) -> impl Iterator<Item = (u32, i64)> {
        self.delete_log.iter().map(|(number, at)| (*number, *at))
    }

    /// Whether this record lies, or lay, in the recycle bin.
    pub(crate) fn was_deleted(&self, number: u32) -> bool {
        self.delete_log.contains_key(&number)
    }

    /// Stores a record in place of any earlier state of it.
    pub(crate) fn put(&mut self, record: Record) {
        let number = record.id.number;
        self.unindex(number);
        self.by_stamp.insert((record.system_modstamp, number));
        for index in &mut self.external {
            if let ValueRef::Text(value) = record.get(index.slot) {
                index.numbers.entry(value.to_lowercase().into()).or_default().push(number);
            }
        }
        match record.is_deleted {
            true => self.delete_log.insert(number, record.system_modstamp),
            false => self.delete_log.remove(&number),
        };
        let place = number as usize - 1;
        if self.records.len() <= place {
            self.records.resize_with(place + 1, || None);
        }
        self.records[place] = Some(record);
    }

    /// Forgets when anything was deleted.
    pub(crate) fn clear_delete_log(&mut self) {
        self.delete_log.clear();
    }

    /// Forgets a record for good; only the delete log remembers it.
    pub(crate) fn purge(&mut self, number: u32) {
        self.unindex(number);
        if let Some(place) = number.checked_sub(1).and_then(|it| self.records.get_mut(it as usize)) {
            *place = None;
        }
    }

    fn unindex(&mut self, number: u32) {
        let Some(record) = number.checked_sub(1).and_then(|it| self.records.get(it as usize)?.as_ref())
        else {
            return;
        };
        self.by_stamp.remove(&(record.system_modstamp, number));
        for index in &mut self.external {
            if let ValueRef::Text(value) = record.get(index.slot) {
                let value = value.to_lowercase();
                if let Some(numbers) = index.numbers.get_mut(value.as_str()) {
                    numbers.retain(|it| *it != number);
                }
            }
        }
    }
}
