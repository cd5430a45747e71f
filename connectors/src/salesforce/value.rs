//! Single values of Salesforce records.
//!
//! Here: raw JSON → canonical text. Values stay raw slices of the body until the mapping asks for them, so that a
//! number keeps its digits, a record with one bad value fails alone, and nothing is parsed that nobody reads.
//! Not here: records and pages (`decode`).

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::fields::FieldKind;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::record_id::RecordId;
use crate::mapping::{CrmPath, FieldMapping};

/// A record as it stands in the body.
pub(super) type Row<'a> = HashMap<&'a str, &'a RawValue>;

/// What one field says.
pub(super) enum Reading {
    /// Nothing: it was not supplied.
    Absent,
    /// A value that nobody has mapped.
    Unmapped(String),
    /// A canonical value, or explicitly nothing.
    Said(Option<String>),
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// What a field says of a record; a value that cannot be right is told by its key, never by itself.
pub(super) fn read(field: &FieldMapping, row: &Row<'_>) -> Result<Reading, String> {
    let decides = |name: &str| row.get(name).and_then(|it| scalar(it));
    if let Some(it) = field.overrides.iter().find(|it| decides(&it.field).as_deref() == Some(&it.equals)) {
        return Ok(Reading::Said(Some(it.gives.clone())));
    }
    let raw = match &field.source {
        CrmPath::Own(name) => row.get(name.as_str()).copied(),
        CrmPath::Related(relationship, name) => related(row, relationship, name),
    };
    match raw {
        None => Ok(Reading::Absent),
        Some(raw) if raw.get() == "null" => Ok(Reading::Said(None)),
        Some(raw) => {
            let text =
                scalar(raw).ok_or_else(|| format!("`{}` is not a plain value in the CRM", field.key()))?;
            translate(field, &text)
        }
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

/// A field of the record that this one refers to: `"Owner": {"Name": …}`. Without that record, empty.
fn related<'a>(row: &Row<'a>, relationship: &str, name: &str) -> Option<&'a RawValue> {
    let parent = *row.get(relationship)?;
    if parent.get() == "null" {
        return Some(parent);
    }
    let parent: Row<'a> = serde_json::from_str(parent.get()).ok()?;
    parent.get(name).copied()
}

/// The text of a string, number or boolean; `None` for anything compound.
fn scalar<'a>(raw: &'a RawValue) -> Option<Cow<'a, str>> {
    match raw.get().as_bytes().first()? {
        b'"' => serde_json::from_str::<Text<'a>>(raw.get()).ok().map(|it| it.0),
        b'{' | b'[' => None,
        _ => Some(Cow::Borrowed(raw.get())),
    }
}

/// An id, in 18 characters.
pub(super) fn id(row: &Row<'_>, name: &str) -> Option<String> {
    scalar(row.get(name)?)?.parse::<RecordId>().ok().map(String::from)
}

/// A stamp of a record.
pub(super) fn instant(row: &Row<'_>, name: &str) -> Option<DateTime<Utc>> {
    parse_instant(&scalar(row.get(name)?)?)
}

/// REST writes `+0000` without a colon, which strict parsers refuse.
pub(super) fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let parsed = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    parsed.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|it| it.with_timezone(&Utc))
}
