//! Rows that came as CSV.
//!
//! Here: the header line, and cells by name. Bulk files write null as an empty cell, and empty text is null too.
//! Not here: what a value means (`value`).

use std::borrow::Cow;
use std::collections::HashMap;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::value::{Cell, Row};

/// The columns of a file, by name; related fields are `Relationship.Field`.
#[derive(Debug)]
pub(super) struct Columns(HashMap<String, usize>);

/// One line of a file.
pub(super) struct SheetRow<'a> {
    pub(super) columns: &'a Columns,
    pub(super) cells: &'a ByteRecord,
}

impl Columns {
    /// The reader behind the header line, and the columns; `None` for a file without one.
    pub(super) fn of(body: &[u8]) -> Option<(Reader<&[u8]>, Self)> {
        let mut reader = ReaderBuilder::new().from_reader(body);
        let header = reader.headers().ok()?;
        let columns = header.iter().enumerate().map(|(place, name)| (name.to_owned(), place)).collect();
        Some((reader, Self(columns)))
    }

    /// Whether the file has a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

impl SheetRow<'_> {
    fn cell(&self, name: &str) -> Cell<'_> {
        match self.columns.0.get(name).and_then(|&place| self.cells.get(place)) {
            None => Cell::Absent,
            Some([]) => Cell::Null,
            // A body that is not UTF-8 was refused before.
            Some(bytes) => Cell::Plain(Cow::from(std::str::from_utf8(bytes).unwrap_or_default())),
        }
    }
}

impl Row for SheetRow<'_> {
    fn own(&self, name: &str) -> Cell<'_> {
        self.cell(name)
    }

    fn related(&self, relationship: &str, name: &str) -> Cell<'_> {
        self.cell(&format!("{relationship}.{name}"))
    }
}
