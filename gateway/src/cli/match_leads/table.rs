//! Leads from CSV: which columns there are, and what makes a row broken.

use std::cell::Cell;
use std::collections::HashMap;
use std::io;

use csv::{ByteRecord, ErrorKind, ReaderBuilder, StringRecord};
use domain::fields::{Field, lead};
use domain::sources::{SourceSystem, Values};

use crate::cli::progress::Progress;

/// Longest text of a cell, in characters. Real ones are far shorter; a longer one is a quote that never closed.
const LONGEST_CELL: usize = 10_000;
/// How often the progress is told.
const STEP: u64 = 1_000;

/// The columns that say something of the lead itself.
const FIELDS: [(&str, Field); 12] = [
    ("first_name", lead::first_name),
    ("last_name", lead::last_name),
    ("company", lead::company),
    ("email", lead::email),
    ("phone", lead::phone),
    ("street", lead::street),
    ("city", lead::city),
    ("region", lead::region),
    ("postal_code", lead::postal_code),
    ("country", lead::country),
    ("website", lead::website),
    ("corporate_number", lead::corporate_number),
];

/// One row.
#[derive(Debug)]
pub(super) struct Lead {
    /// Where it stands, counted from 1.
    pub(super) line: u64,
    /// Unique in the file.
    pub(super) id: String,
    /// Where it comes from, if that looks like a system's code.
    pub(super) system: Option<SourceSystem>,
    /// What it says.
    pub(super) values: Values,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum TableError {
    #[error("the file has no column `id`; its first line must name the columns")]
    NoId,
    #[error("the file has two columns `{0}`; name each column once")]
    ColumnTwice(String),
    #[error("line {line}: {reason}; mend or remove the row")]
    BrokenRow { line: u64, reason: String },
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
}

/// Rows that are handed on together.
const CHUNK: usize = 20_000;

/// Reads the whole file and hands its rows on in chunks. The first broken row ends it.
pub(super) fn read(
    input: &mut dyn io::Read,
    progress: &mut Progress,
    take: &mut dyn FnMut(Vec<Lead>),
) -> Result<(), TableError> {
    let quotes = Cell::new(0);
    let mut reader = ReaderBuilder::new().from_reader(QuoteCounter { input, quotes: &quotes });
    let columns = Columns::of(reader.headers().map_err(|error| broken(&error))?)?;
    let (mut leads, mut lines) = (Vec::with_capacity(CHUNK), HashMap::new());
    let mut last_line = 1;
    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row).map_err(|error| broken(&error))? {
        let line = row.position().map_or(0, csv::Position::line);
        let lead = columns.lead(line, &row).map_err(|reason| TableError::BrokenRow { line, reason })?;
        if let Some(first) = lines.insert(lead.id.clone(), line) {
            let reason = format!("the id `{}` stands in line {first} already", lead.id);
            return Err(TableError::BrokenRow { line, reason });
        }
        last_line = line;
        leads.push(lead);
        if (leads.len() as u64).is_multiple_of(STEP) {
            progress.advance(STEP);
        }
        if leads.len() == CHUNK {
            take(std::mem::replace(&mut leads, Vec::with_capacity(CHUNK)));
        }
    }
    // The parser takes the end of the file for the end of a quote: a file that was cut off looks complete.
    if quotes.get() % 2 == 1 {
        let reason = "a quote is not closed, here or in a row before".to_owned();
        return Err(TableError::BrokenRow { line: last_line, reason });
    }
    take(leads);
    Ok(())
}

/// Passes bytes on and counts the quotes among them.
struct QuoteCounter<'a> {
    input: &'a mut dyn io::Read,
    quotes: &'a Cell<u64>,
}

impl io::Read for QuoteCounter<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        let quotes = buffer[..length].iter().filter(|it| **it == b'"').count();
        self.quotes.set(self.quotes.get() + quotes as u64);
        Ok(length)
    }
}

/// Where each column stands.
struct Columns {
    id: usize,
    source: Option<usize>,
    fields: Vec<(usize, Field)>,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, TableError> {
        let mut places: HashMap<String, usize> = HashMap::new();
        for (place, name) in header.iter().enumerate() {
            let name = name.trim().to_lowercase();
            if !name.is_empty() && places.insert(name.clone(), place).is_some() {
                return Err(TableError::ColumnTwice(name));
            }
        }
        let place = |name: &str| places.get(name).copied();
        let fields = FIELDS.into_iter().filter_map(|(name, field)| Some((place(name)?, field))).collect();
        Ok(Self { id: place("id").ok_or(TableError::NoId)?, source: place("source"), fields })
    }

    fn lead(&self, line: u64, row: &ByteRecord) -> Result<Lead, String> {
        let id = text(row, self.id)?.trim().to_owned();
        if id.is_empty() {
            return Err("the id is empty".to_owned());
        }
        let source = self.source.map(|place| text(row, place)).transpose()?;
        let system = source.and_then(|it| it.trim().to_uppercase().parse().ok());
        let mut values = Values::new();
        for &(place, field) in &self.fields {
            values.set(field, text(row, place)?).map_err(|error| error.to_string())?;
        }
        Ok(Lead { line, id, system, values })
    }
}

fn text(row: &ByteRecord, place: usize) -> Result<&str, String> {
    let text = str::from_utf8(row.get(place).unwrap_or_default())
        .map_err(|_| "it is not UTF-8 (was the file saved as Shift_JIS?)".to_owned())?;
    match text {
        _ if text.contains('\0') => Err("it holds a zero byte".to_owned()),
        _ if text.chars().nth(LONGEST_CELL).is_some() => {
            Err(format!("a cell is longer than {LONGEST_CELL} characters (is a quote not closed?)"))
        }
        _ => Ok(text),
    }
}

fn broken(error: &csv::Error) -> TableError {
    let (line, reason) = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            (error.position(), format!("it has {len} cells where the first line has {expected_len}"))
        }
        ErrorKind::Utf8 { .. } => {
            (error.position(), "it is not UTF-8 (was the file saved as Shift_JIS?)".to_owned())
        }
        _ => return TableError::Unreadable(error.to_string()),
    };
    TableError::BrokenRow { line: line.map_or(1, csv::Position::line), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Output;

    fn rows(csv: &[u8]) -> Result<Vec<Lead>, String> {
        let mut progress = Progress::begin(Output::new(false), "test", None);
        let mut leads = Vec::new();
        let read = read(&mut &csv[..], &mut progress, &mut |it| leads.extend(it));
        read.map(|()| leads).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(csv: &[u8], expected: &str) {
        let error = rows(csv).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_do_not_matter() {
        let leads = rows("\u{feff}ID,Company\r\na,\"株式会社　極洋\"\r\n".as_bytes()).unwrap();
        assert_eq!(leads[0].id, "a");
        assert_eq!(leads[0].values.text(lead::company), Some("株式会社　極洋"));
    }

    #[test]
    fn columns_may_be_missing_further_and_in_any_order() {
        let leads = rows(b"colour,source,id\nred,crm,a\nblue,a long free text,b\n").unwrap();
        assert_eq!(leads[0].system, "CRM".parse().ok());
        assert_eq!(leads[1].system, None);
    }

    #[test]
    fn a_broken_row_is_told_by_its_line() {
        refused(b"id,company\na,x\nb\n", "line 3: it has 1 cells where the first line has 2");
        refused(b"id,company\na,x\n,y\n", "line 3: the id is empty");
        refused(b"id,company\na,x\nb,y\na,z\n", "line 4: the id `a` stands in line 2 already");
        refused(b"id,company\na,\"x\ny\"\nb,\x8f\xe6\n", "line 4: it is not UTF-8");
        refused(b"id,company\na,x\0\n", "line 2: it holds a zero byte");
        refused(b"id,company\na,\"x\nb,y\nc,z\n", "line 2: a quote is not closed");
        refused(b"id,company\na,x\nb,\"cut o", "line 3: a quote is not closed");
    }

    #[test]
    fn a_file_without_ids_is_refused() {
        refused(b"", "no column `id`");
        refused(b"company\nx\n", "no column `id`");
        refused(b"id,id\na,b\n", "two columns `id`");
    }
}
