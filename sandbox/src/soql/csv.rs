//! Records as CSV, for bulk results: one column for each path, whatever the depth.
//!
//! Here: columns made of a projection, rows written straight into a buffer. Not here: JSON (`render`).

use super::fields::{Column, Projection};
use super::plan::{Output, Plan, Scope};
use crate::json::write_bare;
use crate::org::Org;
use crate::org::schema::{Field, Kind, Object, Slot};
use crate::org::table::Record;
use crate::org::value::ValueRef;
use crate::rest::error::{ApiError, Code};

/// How a job wants its file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) line_end: &'static [u8],
}

/// The columns of a bulk result.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    columns: Vec<(String, Source)>,
}

/// Where a column's values come from.
#[derive(Debug, Clone)]
enum Source {
    Own(&'static Field),
    Parent { slot: Slot, by_object: Vec<(Object, Source)> },
}

impl Sheet {
    /// The columns of a query; what has no place in a flat file is refused.
    pub(crate) fn of(plan: &Plan) -> Result<Sheet, ApiError> {
        let Output::Records(projection) = &plan.output else {
            return Err(unsupported("Aggregate Relationships not supported in Bulk Query"));
        };
        Ok(Sheet { columns: flatten(projection)? })
    }

    /// The line of names.
    pub(crate) fn header(&self, dialect: Dialect, out: &mut Vec<u8>) {
        for (place, (name, _)) in self.columns.iter().enumerate() {
            separate(dialect, place, out);
            quote(name, out);
        }
        out.extend_from_slice(dialect.line_end);
    }

    /// Writes the records that are still there; answers how many.
    pub(crate) fn rows(
        &self,
        org: &Org,
        plan: &Plan,
        numbers: &[u32],
        dialect: Dialect,
        out: &mut Vec<u8>,
    ) -> usize {
        let table = org.table(plan.object);
        let is_seen = |it: &&Record| plan.scope == Scope::All || !it.is_deleted;
        let mut written = 0;
        for record in numbers.iter().filter_map(|it| table.get(*it)).filter(is_seen) {
            for (place, (_, source)) in self.columns.iter().enumerate() {
                separate(dialect, place, out);
                source.write(org, record, out);
            }
            out.extend_from_slice(dialect.line_end);
            written += 1;
        }
        written
    }
}

impl Source {
    /// Null is an empty cell, without quotes.
    fn write(&self, org: &Org, record: &Record, out: &mut Vec<u8>) {
        match self {
            Source::Own(field) => match record.get(field.slot) {
                ValueRef::Null => {}
                ValueRef::Text(text) => quote(text, out),
                value => write_bare(out, field.kind, value),
            },
            Source::Parent { slot, by_object } => {
                let ValueRef::Id(id) = record.get(*slot) else { return };
                let source = by_object.iter().find(|(object, _)| *object == id.object).map(|(_, it)| it);
                if let (Some(parent), Some(source)) = (org.record(id), source) {
                    source.write(org, parent, out);
                }
            }
        }
    }
}

fn flatten(projection: &Projection) -> Result<Vec<(String, Source)>, ApiError> {
    let mut columns: Vec<(String, Source)> = Vec::new();
    for column in &projection.columns {
        match column {
            Column::Value { field, .. } if field.kind == Kind::Address => {
                return Err(unsupported("Selecting compound data not supported in Bulk Query"));
            }
            Column::Value { field, .. } => columns.push((field.name.to_owned(), Source::Own(field))),
            Column::Parent { key, slot, branches } => {
                let relationship = String::from_utf8_lossy(&key.0).replace(['"', ':'], "");
                add_parent(&mut columns, &relationship, *slot, branches)?;
            }
            Column::Shown { .. } | Column::Children { .. } => {
                return Err(unsupported("Subqueries and functions are not supported in Bulk Query"));
            }
        }
    }
    Ok(columns)
}

fn add_parent(
    columns: &mut Vec<(String, Source)>,
    relationship: &str,
    slot: Slot,
    branches: &[(Object, Projection)],
) -> Result<(), ApiError> {
    for (object, projection) in branches {
        for (name, source) in flatten(projection)? {
            let name = format!("{relationship}.{name}");
            match columns.iter_mut().find(|(known, _)| *known == name) {
                Some((_, Source::Parent { by_object, .. })) => by_object.push((*object, source)),
                _ => columns.push((name, Source::Parent { slot, by_object: vec![(*object, source)] })),
            }
        }
    }
    Ok(())
}

fn separate(dialect: Dialect, place: usize, out: &mut Vec<u8>) {
    if place > 0 {
        out.push(dialect.delimiter);
    }
}

/// Writes a cell in quotes.
pub(crate) fn quote(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut parts = text.split('"');
    out.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

fn unsupported(message: &str) -> ApiError {
    ApiError::new(Code::ApiError, message)
}
