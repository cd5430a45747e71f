//! Single values of Salesforce records.
//!
//! Here: a cell of a row → canonical text, whatever the row came as.
//! Not here: rows (`json`, `sheet`), records and pages (`decode`).

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use domain::fields::FieldKind;

use super::record_id::RecordId;
use crate::mapping::{CrmPath, FieldMapping};

/// A record as it stands in an answer.
pub(super) trait Row {
    /// A field of the record.
    fn own(&self, name: &str) -> Cell<'_>;
    /// A field of the record that this one refers to. Without that record, null.
    fn related(&self, relationship: &str, name: &str) -> Cell<'_>;
}

/// What stands in one place of a row.
pub(super) enum Cell<'a> {
    /// Nothing was supplied.
    Absent,
    /// Explicitly nothing.
    Null,
    /// A string, a number as it was written, or a boolean.
    Plain(Cow<'a, str>),
    /// Something with parts.
    Compound,
}

impl<'a> Cell<'a> {
    fn plain(self) -> Option<Cow<'a, str>> {
        match self {
            Cell::Plain(text) => Some(text),
            _ => None,
        }
    }
}

/// What one field says.
pub(super) enum Reading {
    /// Nothing: it was not supplied.
    Absent,
    /// A value that nobody has mapped.
    Unmapped(String),
    /// A canonical value, or explicitly nothing.
    Said(Option<String>),
}

/// What a field says of a record; a value that cannot be right is told by its key, never by itself.
pub(super) fn read(field: &FieldMapping, row: &impl Row) -> Result<Reading, String> {
    let decides = |name: &str| row.own(name).plain();
    if let Some(it) = field.overrides.iter().find(|it| decides(&it.field).as_deref() == Some(&it.equals)) {
        return Ok(Reading::Said(Some(it.gives.clone())));
    }
    let cell = match &field.source {
        CrmPath::Own(name) => row.own(name),
        CrmPath::Related(relationship, name) => row.related(relationship, name),
    };
    match cell {
        Cell::Absent => Ok(Reading::Absent),
        Cell::Null => Ok(Reading::Said(None)),
        Cell::Plain(text) => translate(field, &text),
        Cell::Compound => Err(format!("`{}` is not a plain value in the CRM", field.key())),
    }
}

fn translate(field: &FieldMapping, text: &str) -> Result<Reading, String> {
    let Some(ours) = field.from_crm(text) else {
        let is_blank = text.trim().is_empty();
        return Ok(if is_blank { Reading::Said(None) } else { Reading::Unmapped(text.to_owned()) });
    };
    let invalid = |why: String| format!("`{}` cannot be read: {why}; correct it in the CRM", field.key());
    let canonical = field.field.canonical(ours).map_err(|it| invalid(it.to_string()))?;
    let FieldKind::Reference(_) = field.field.kind() else { return Ok(Reading::Said(canonical)) };
    let id = canonical.map(|it| it.parse::<RecordId>()).transpose();
    let id = id.map_err(|_| invalid("it is no record id".to_owned()))?;
    Ok(Reading::Said(id.map(String::from)))
}

/// An id, in 18 characters.
pub(super) fn id(row: &impl Row, name: &str) -> Option<String> {
    row.own(name).plain()?.parse::<RecordId>().ok().map(String::from)
}

/// A text as it stands there.
pub(super) fn text(row: &impl Row, name: &str) -> Option<String> {
    row.own(name).plain().map(Cow::into_owned)
}

/// A stamp of a record.
pub(super) fn instant(row: &impl Row, name: &str) -> Option<DateTime<Utc>> {
    parse_instant(&row.own(name).plain()?)
}

/// Whether a boolean is there and true.
pub(super) fn is_true(row: &impl Row, name: &str) -> bool {
    row.own(name).plain().as_deref() == Some("true")
}

/// REST writes `+0000` without a colon, which strict parsers refuse; bulk files write `Z`.
pub(super) fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let parsed = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    parsed.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|it| it.with_timezone(&Utc))
}
