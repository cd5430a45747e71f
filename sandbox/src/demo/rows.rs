//! Building records from values in a fixed order of columns.

use crate::org::Org;
use crate::org::derived::derive;
use crate::org::record_id::RecordId;
use crate::org::records::{Stamps, blank, existing};
use crate::org::schema::{Object, ObjectSchema};
use crate::org::value::Value;

/// Columns of one object, looked up once for many records.
pub(super) struct Columns<const N: usize> {
    object: Object,
    slots: [usize; N],
}

impl<const N: usize> Columns<N> {
    pub(super) fn new(object: Object, names: [&str; N]) -> Columns<N> {
        let schema = ObjectSchema::of(object);
        Columns { object, slots: names.map(|it| schema.slot(it)) }
    }

    /// Puts a record at its number, derived fields included.
    pub(super) fn put(&self, org: &mut Org, number: u32, stamps: Stamps, values: [Value; N]) {
        let mut row = blank(self.object, stamps.created_by);
        for (slot, value) in self.slots.into_iter().zip(values) {
            row[slot] = value;
        }
        derive(self.object, &[], &mut row, stamps.modified_at);
        org.restore(existing(RecordId::new(self.object, number), stamps, false, &row));
    }
}

/// Created and changed by users, at those seconds; the system may have touched it later still.
pub(super) fn stamps(created: (i64, u32), modified: (i64, u32), system_modstamp: i64) -> Stamps {
    let user = |number| RecordId::new(Object::User, number);
    Stamps {
        created_at: created.0,
        created_by: user(created.1),
        modified_at: modified.0,
        modified_by: user(modified.1),
        system_modstamp: system_modstamp.max(modified.0),
    }
}

pub(super) fn text(it: &str) -> Value {
    Value::text(it)
}

pub(super) fn id(object: Object, number: u32) -> Value {
    Value::Id(RecordId::new(object, number))
}

/// Seconds to days since 1970.
pub(super) fn date(seconds: i64) -> Value {
    Value::Date((seconds / 86_400) as i32)
}
