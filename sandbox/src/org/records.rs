//! Create, update, delete, undelete; one stamp per change.
//!
//! Here: the order of steps of each write, and what a deletion takes with it.
//! Not here: the rules themselves (`validate`), conversion and merge (`stewardship`).

use super::derived::derive;
use super::input::Changes;
use super::journal::Operation;
use super::record_id::RecordId;
use super::row::Row;
use super::schema::{Object, Slot};
use super::table::Record;
use super::value::{Value, ValueRef};
use super::{Org, locks, reformat, schema::ObjectSchema};
use crate::rest::error::{ApiError, Code};

impl Org {
    pub(crate) fn create(
        &mut self,
        object: Object,
        changes: Changes,
        by: RecordId,
    ) -> Result<RecordId, Vec<ApiError>> {
        let schema = self.schema(object);
        let now = self.clock.seconds();
        let mut values = defaults(schema, by);
        let touched = apply(schema, &mut values, self.as_stored(schema, changes));
        derive(object, &[], &mut values, now);
        self.validate(object, None, &touched, &values)?;
        self.check_duplicates(object, None, &touched, &values).map_err(|it| vec![it])?;
        self.lock(locks::parents(object, &values)).map_err(|it| vec![it])?;
        let id = RecordId::new(object, self.table(object).next_number());
        let record = Record {
            id,
            created_at: now,
            created_by: by,
            modified_at: now,
            modified_by: by,
            system_modstamp: now,
            is_deleted: false,
            row: Row::pack(&values),
        };
        self.store(record, Operation::Create);
        Ok(id)
    }

    pub(crate) fn update(
        &mut self,
        id: RecordId,
        changes: Changes,
        by: RecordId,
    ) -> Result<(), Vec<ApiError>> {
        let before = self.live(id).map_err(|it| vec![it])?;
        refuse_converted(before).map_err(|it| vec![it])?;
        let before = before.row.unpack(self.schema(id.object).slots);
        let mut values = before.clone();
        let schema = self.schema(id.object);
        let touched = apply(schema, &mut values, self.as_stored(schema, changes));
        derive(id.object, &before, &mut values, self.clock.seconds());
        self.validate(id.object, Some(id), &touched, &values)?;
        self.check_duplicates(id.object, Some(id), &touched, &values).map_err(|it| vec![it])?;
        let mut locked = locks::parents(id.object, &before);
        locked.extend(locks::parents(id.object, &values));
        locked.push(id);
        self.lock(locked).map_err(|it| vec![it])?;
        self.rewrite(id, &values, by, Operation::Update);
        Ok(())
    }

    fn as_stored(&self, schema: &ObjectSchema, changes: Changes) -> Changes {
        if self.request.is_reformatted { reformat::tidied(schema, changes) } else { changes }
    }

    /// Takes the locks that a write needs.
    fn lock(&mut self, records: Vec<RecordId>) -> Result<(), ApiError> {
        if self.request.is_locked_out {
            return Err(locks::locked());
        }
        self.locks.take(self.request.number, &records)
    }

    /// Moves a record, and what hangs on it, to the recycle bin.
    pub(crate) fn delete(&mut self, id: RecordId, by: RecordId) -> Result<(), ApiError> {
        self.live(id)?;
        if !id.object.has_recycle_bin() {
            let message = format!("entity type {} does not support delete", id.object.name());
            return Err(ApiError::new(Code::InsufficientAccess, message));
        }
        let mut doomed = vec![id];
        while let Some(id) = doomed.pop() {
            if self.is_live(id) {
                self.restamp(id, by, Operation::Delete);
                doomed.extend(self.cascading_children(id));
            }
        }
        Ok(())
    }

    /// Takes a record out of the recycle bin again; its children stay there.
    pub(crate) fn undelete(&mut self, id: RecordId, by: RecordId) -> Result<(), ApiError> {
        let record = self.record(id).ok_or_else(ApiError::not_found)?;
        if !record.is_deleted {
            return Err(ApiError::new(Code::InvalidField, "entity is not in the recycle bin"));
        }
        let schema = self.schema(id.object);
        for field in schema.fields.iter().filter(|it| it.unique) {
            let ValueRef::Text(value) = record.get(field.slot) else { continue };
            if !self.table(id.object).with_external_id(field.slot, value).is_empty() {
                let message = format!("duplicate value found: {} is in use again", field.name);
                return Err(ApiError::new(Code::DuplicateValue, message));
            }
        }
        self.restamp(id, by, Operation::Undelete);
        Ok(())
    }

    /// Empties one record from the recycle bin: from now on only `/deleted` knows it.
    pub(crate) fn purge(&mut self, id: RecordId) -> Result<(), ApiError> {
        let record = self.record(id).ok_or_else(ApiError::not_found)?;
        if !record.is_deleted {
            return Err(ApiError::new(Code::InvalidField, "entity is not in the recycle bin"));
        }
        if let Some(journal) = &mut self.journal {
            journal.append_purge(id);
        }
        self.forget(id);
        Ok(())
    }

    /// Empties the whole recycle bin, and forgets that anything was ever deleted.
    pub(crate) fn purge_deleted(&mut self) -> Result<(), ApiError> {
        let is_deleted = |it: &&Record| it.is_deleted;
        let doomed: Vec<_> =
            self.tables.iter().flat_map(|it| it.iter().filter(is_deleted).map(|it| it.id)).collect();
        for id in doomed {
            self.purge(id)?;
        }
        self.tables.iter_mut().for_each(super::table::Table::clear_delete_log);
        self.delete_log_begins_at = self.clock.seconds();
        Ok(())
    }

    /// Removes a record without a line in the journal: for replay.
    pub(super) fn forget(&mut self, id: RecordId) {
        self.tables[id.object as usize].purge(id.number);
    }

    /// The record, if it exists and is not deleted.
    pub(crate) fn live(&self, id: RecordId) -> Result<&Record, ApiError> {
        match self.record(id) {
            None if self.table(id.object).was_deleted(id.number) => Err(ApiError::entity_is_deleted()),
            None => Err(ApiError::not_found()),
            Some(record) if record.is_deleted => Err(ApiError::entity_is_deleted()),
            Some(record) => Ok(record),
        }
    }

    /// Writes new values over an existing record.
    pub(super) fn rewrite(&mut self, id: RecordId, values: &[Value], by: RecordId, operation: Operation) {
        let Some(old) = self.record(id) else { return };
        let now = self.clock.seconds();
        let record = Record {
            id,
            created_at: old.created_at,
            created_by: old.created_by,
            modified_at: now,
            modified_by: by,
            system_modstamp: now,
            is_deleted: operation == Operation::Delete
                || (old.is_deleted && operation != Operation::Undelete),
            row: Row::pack(values),
        };
        self.store(record, operation);
    }

    /// Same values, new stamp; deletes or undeletes as the operation says.
    pub(super) fn restamp(&mut self, id: RecordId, by: RecordId, operation: Operation) {
        let slots = self.schema(id.object).slots;
        if let Some(values) = self.record(id).map(|it| it.row.unpack(slots)) {
            self.rewrite(id, &values, by, operation);
        }
    }

    /// Moves only `SystemModstamp`, as the CRM's own processes do.
    pub(crate) fn touch(&mut self, id: RecordId) -> Result<(), ApiError> {
        let slots = self.schema(id.object).slots;
        let old = self.live(id)?;
        let record = Record {
            id,
            created_at: old.created_at,
            created_by: old.created_by,
            modified_at: old.modified_at,
            modified_by: old.modified_by,
            system_modstamp: self.clock.seconds(),
            is_deleted: false,
            row: Row::pack(&old.row.unpack(slots)),
        };
        self.store(record, Operation::Update);
        Ok(())
    }

    fn store(&mut self, record: Record, operation: Operation) {
        if let Some(journal) = &mut self.journal {
            journal.append(operation, &record);
        }
        let before = self.tables[record.id.object as usize].get(record.id.number);
        self.feed.note(before, &record, operation);
        self.restore(record);
    }

    fn cascading_children(&self, parent: RecordId) -> Vec<RecordId> {
        let relationships = self.schema(parent.object).children().into_iter().filter(|it| it.cascade_delete);
        let of = |child: Object, slot: Slot| {
            let children = self.table(child).iter().filter(move |it| it.get(slot) == ValueRef::Id(parent));
            children.map(|it| it.id).collect::<Vec<_>>()
        };
        relationships.flat_map(|it| of(it.child, self.schema(it.child).known(it.field).slot)).collect()
    }
}

fn defaults(schema: &ObjectSchema, creator: RecordId) -> Vec<Value> {
    let mut values = vec![Value::Null; schema.slots];
    for field in &schema.fields {
        if let (Slot::Stored(slot), Some(default)) = (field.slot, field.default) {
            values[slot as usize] = default.value(creator);
        }
    }
    values
}

/// Writes the changes over the values; says which fields were touched.
fn apply(schema: &ObjectSchema, values: &mut [Value], changes: Changes) -> Vec<usize> {
    let mut touched = Vec::with_capacity(changes.len());
    for (index, value) in changes {
        if let Slot::Stored(slot) = schema.fields[index].slot {
            values[slot as usize] = value;
            touched.push(index);
        }
    }
    touched
}

fn refuse_converted(record: &Record) -> Result<(), ApiError> {
    let schema = ObjectSchema::of(Object::Lead);
    let is_converted = record.id.object == Object::Lead
        && record.get(schema.known("IsConverted").slot) == ValueRef::Bool(true);
    match is_converted {
        true => Err(ApiError::new(Code::CannotUpdateConvertedLead, "cannot reference converted lead")),
        false => Ok(()),
    }
}

/// Builds a record as it lay in the org already, stamps included.
pub(crate) fn existing(id: RecordId, stamps: Stamps, is_deleted: bool, values: &[Value]) -> Record {
    Record {
        id,
        created_at: stamps.created_at,
        created_by: stamps.created_by,
        modified_at: stamps.modified_at,
        modified_by: stamps.modified_by,
        system_modstamp: stamps.system_modstamp,
        is_deleted,
        row: Row::pack(values),
    }
}

/// Who and when, for records that come with their history. Seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamps {
    pub(crate) created_at: i64,
    pub(crate) created_by: RecordId,
    pub(crate) modified_at: i64,
    pub(crate) modified_by: RecordId,
    pub(crate) system_modstamp: i64,
}

/// Values of a new record of `schema`, defaults filled in, ready to be set by name.
pub(crate) fn blank(object: Object, creator: RecordId) -> Vec<Value> {
    defaults(ObjectSchema::of(object), creator)
}
