//! The org: objects, records, stamps, recycle bin.
//!
//! Here: the state every request reads or changes, under one lock. Knows no HTTP.

pub(crate) mod derived;
pub(crate) mod duplicates;
pub(crate) mod input;
pub(crate) mod journal;
pub(crate) mod locks;
pub(crate) mod record_id;
pub(crate) mod records;
mod reformat;
mod row;
pub(crate) mod schema;
mod stewardship;
pub(crate) mod table;
mod validate;
pub(crate) mod value;

use std::collections::HashSet;
use std::sync::Arc;

use crate::clock::Clock;
use crate::push::Feed;
use duplicates::ActiveRule;
use journal::Journal;
use locks::RowLocks;
use record_id::RecordId;
use schema::{Field, Object, ObjectSchema};
use table::{Record, Table};

/// All data of one org.
#[derive(Debug)]
pub(crate) struct Org {
    tables: Vec<Table>,
    /// Fields taken away by field-level security: as if they did not exist.
    hidden: HashSet<(Object, usize)>,
    clock: Arc<Clock>,
    journal: Option<Journal>,
    duplicate_rules: Vec<ActiveRule>,
    pub(crate) locks: RowLocks,
    /// Who is told of changes.
    pub(crate) feed: Feed,
    /// Deletions before this instant are no longer listed, in seconds since 1970.
    pub(crate) delete_log_begins_at: i64,
    /// The request that is writing.
    pub(crate) request: WriteRequest,
}

/// What a request that writes brings along. The default is what the CRM's own people do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WriteRequest {
    /// Tells requests apart: one never waits for its own locks.
    pub(crate) number: u64,
    /// Saves what a duplicate rule only warns of.
    pub(crate) forces_save: bool,
    /// Every row it touches is locked by somebody else.
    pub(crate) is_locked_out: bool,
    /// What it writes is tidied up.
    pub(crate) is_reformatted: bool,
}

impl Org {
    /// An org without any record.
    pub(crate) fn empty(clock: Arc<Clock>) -> Org {
        let tables = Object::ALL.into_iter().map(|it| Table::new(ObjectSchema::of(it))).collect();
        Org {
            tables,
            hidden: HashSet::new(),
            clock,
            journal: None,
            duplicate_rules: Vec::new(),
            locks: RowLocks::default(),
            feed: Feed::default(),
            delete_log_begins_at: 0,
            request: WriteRequest::default(),
        }
    }

    pub(crate) fn schema(&self, object: Object) -> &'static ObjectSchema {
        ObjectSchema::of(object)
    }

    pub(crate) fn table(&self, object: Object) -> &Table {
        &self.tables[object as usize]
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// A record, deleted or not.
    pub(crate) fn record(&self, id: RecordId) -> Option<&Record> {
        self.table(id.object).get(id.number)
    }

    pub(crate) fn is_live(&self, id: RecordId) -> bool {
        self.record(id).is_some_and(|it| !it.is_deleted)
    }

    /// The place of a field the caller may see.
    pub(crate) fn field_index(&self, object: Object, name: &str) -> Option<usize> {
        let index = self.schema(object).index_of(name)?;
        (!self.hidden.contains(&(object, index))).then_some(index)
    }

    /// A field the caller may see.
    pub(crate) fn field(&self, object: Object, name: &str) -> Option<&'static Field> {
        self.field_index(object, name).map(|index| &self.schema(object).fields[index])
    }

    pub(crate) fn visible_fields(&self, object: Object) -> impl Iterator<Item = &'static Field> {
        let fields = self.schema(object).fields.iter().enumerate();
        fields.filter(move |(index, _)| !self.hidden.contains(&(object, *index))).map(|(_, field)| field)
    }

    /// Hides or shows a field. `false` when there is no such field.
    pub(crate) fn set_visibility(&mut self, object: Object, name: &str, visible: bool) -> bool {
        let Some(index) = self.schema(object).index_of(name) else { return false };
        match visible {
            true => self.hidden.remove(&(object, index)),
            false => self.hidden.insert((object, index)),
        };
        true
    }

    /// Puts a finished record in its place without any check: for seeded data and replay.
    pub(crate) fn restore(&mut self, record: Record) {
        self.tables[record.id.object as usize].put(record);
    }

    /// From now on, every write is also appended to `journal`.
    pub(crate) fn keep_journal(&mut self, journal: Journal) {
        self.journal = Some(journal);
    }

    /// No later stamp may precede one that is already there.
    pub(crate) fn settle_clock(&self) {
        let latest = self.tables.iter().filter_map(Table::latest_stamp).max();
        self.clock.not_before(latest.unwrap_or(0));
    }
}
