//! Rows that came as JSON.
//!
//! Values stay raw slices of the body until the mapping asks for them, so that a number keeps its digits, a record
//! with one bad value fails alone, and nothing is parsed that nobody reads.
//! Not here: what a value means (`value`).

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::value::{Cell, Row};

/// A record as it stands in a body.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct JsonRow<'a> {
    #[serde(borrow)]
    members: HashMap<&'a str, &'a RawValue>,
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Row for JsonRow<'_> {
    fn own(&self, name: &str) -> Cell<'_> {
        self.members.get(name).map_or(Cell::Absent, |it| cell(it))
    }

    /// `"Owner": {"Name": …}`.
    fn related(&self, relationship: &str, name: &str) -> Cell<'_> {
        let Some(parent) = self.members.get(relationship) else { return Cell::Absent };
        if parent.get() == "null" {
            return Cell::Null;
        }
        let Ok(parent) = serde_json::from_str::<JsonRow<'_>>(parent.get()) else { return Cell::Absent };
        parent.members.get(name).map_or(Cell::Absent, |it| cell(it))
    }
}

fn cell(raw: &RawValue) -> Cell<'_> {
    match raw.get().as_bytes().first() {
        None | Some(b'{' | b'[') => Cell::Compound,
        Some(b'"') => {
            serde_json::from_str::<Text<'_>>(raw.get()).map_or(Cell::Compound, |it| Cell::Plain(it.0))
        }
        Some(b'n') => Cell::Null,
        Some(_) => Cell::Plain(Cow::Borrowed(raw.get())),
    }
}
