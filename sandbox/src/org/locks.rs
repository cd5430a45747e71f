//! Row locks: writers of records that share a parent stand in each other's way.
//!
//! Here: who holds which parent, and for how long. Off unless the admin says how long a writer takes.
//! Not here: what is written (`records`).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::record_id::RecordId;
use super::schema::{Kind, Object, ObjectSchema};
use super::value::Value;
use crate::rest::error::{ApiError, Code};

/// Parents that are locked, by the request that locked them.
#[derive(Debug, Default)]
pub(crate) struct RowLocks {
    /// How long a request keeps its locks after it wrote.
    pub(crate) hold: Duration,
    held: HashMap<RecordId, (u64, Instant)>,
}

impl RowLocks {
    /// Locks the parents for a request, or is refused because another one holds one of them.
    pub(super) fn take(&mut self, request: u64, parents: &[RecordId]) -> Result<(), ApiError> {
        if self.hold.is_zero() {
            return Ok(());
        }
        let now = Instant::now();
        self.held.retain(|_, (_, until)| *until > now);
        let is_taken = |it: &RecordId| self.held.get(it).is_some_and(|(holder, _)| *holder != request);
        if parents.iter().any(is_taken) {
            return Err(locked());
        }
        let until = now + self.hold;
        self.held.extend(parents.iter().map(|it| (*it, (request, until))));
        Ok(())
    }
}

pub(super) fn locked() -> ApiError {
    ApiError::new(Code::UnableToLockRow, "unable to obtain exclusive access to this record")
}

/// The records that a record hangs on. Users are shared by everybody and never locked.
pub(super) fn parents(object: Object, values: &[Value]) -> Vec<RecordId> {
    let schema = ObjectSchema::of(object);
    let is_parent = |kind: Kind| matches!(kind, Kind::Reference { to, .. } if !to.contains(&Object::User));
    let fields = schema.fields.iter().filter(|it| is_parent(it.kind) && it.updateable);
    fields
        .filter_map(|it| if let Value::Id(id) = values[schema.slot(it.name)] { Some(id) } else { None })
        .collect()
}
