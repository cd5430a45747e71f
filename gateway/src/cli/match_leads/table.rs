//! Leads from CSV: which columns there are, and what makes a row broken.

use std::collections::HashMap;
use std::io;

use csv::{ByteRecord, ErrorKind, ReaderBuilder, StringRecord};
use domain::fields::{Field, lead, said};
use domain::sources::SourceSystem;
use mastering::matching::features::Said;
use rayon::prelude::*;

use crate::cli::progress::Progress;

/// Longest text of a cell, in characters. Real ones are far shorter; a longer one is a quote that never closed.
const LONGEST_CELL: usize = 10_000;

/// The columns that say something of the lead itself. All of them are texts.
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
pub(super) struct Lead<'a> {
    /// Where it stands, counted from 1.
    pub(super) line: u64,
    /// Unique in the file.
    pub(super) id: &'a str,
    /// Where it comes from, if that looks like a system's code.
    pub(super) system: Option<SourceSystem>,
    /// What it says in each of [`FIELDS`].
    cells: [Option<&'a str>; FIELDS.len()],
}

impl Said for Lead<'_> {
    fn text(&self, field: Field) -> Option<&str> {
        let place = FIELDS.iter().position(|it| it.1 == field)?;
        self.cells[place]
    }
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

/// Rows that are looked at together. While one lot is, the next is read.
const LOT: usize = 5_000;

/// Reads the whole file; what is kept of each row stands in their order. The first broken row ends it.
pub(super) fn read<T: Send>(
    input: &mut (dyn io::Read + Send),
    progress: &mut Progress,
    keep: impl Fn(Lead<'_>) -> T + Sync,
) -> Result<Vec<T>, TableError> {
    let mut reader = ReaderBuilder::new().from_reader(QuoteCounter { input, quotes: 0 });
    let columns = Columns::of(reader.headers().map_err(|error| broken(&error))?)?;
    let (mut kept, mut last_line) = (Vec::new(), 1);
    let (mut lot, mut spare) = (Lot::read(&mut reader, Vec::new()), Vec::new());
    while !lot.rows.is_empty() {
        let (next, leads) = rayon::join(
            || if lot.error.is_none() { Lot::read(&mut reader, spare) } else { Lot::default() },
            || columns.leads(&lot.rows, &keep),
        );
        for lead in leads {
            kept.push(lead?);
        }
        progress.advance(lot.rows.len() as u64);
        last_line = lot.rows.last().map_or(last_line, line);
        lot.error.map_or(Ok(()), |error| Err(broken(&error)))?;
        (lot, spare) = (next, lot.rows);
    }
    lot.error.map_or(Ok(()), |error| Err(broken(&error)))?;
    // The parser takes the end of the file for the end of a quote: a file that was cut off looks complete.
    if reader.get_ref().quotes % 2 == 1 {
        let reason = "a quote is not closed, here or in a row before".to_owned();
        return Err(TableError::BrokenRow { line: last_line, reason });
    }
    Ok(kept)
}

/// Refuses two rows with one id. The ids are sorted, and among equals the lines.
pub(super) fn require_different<'a>(
    leads: impl Iterator<Item = (&'a str, u64)> + Clone,
) -> Result<(), TableError> {
    let twice = leads.clone().zip(leads.skip(1)).filter(|(first, again)| first.0 == again.0);
    let Some((first, again)) = twice.min_by_key(|it| it.1.1) else { return Ok(()) };
    let reason = format!("the id `{}` stands in line {} already", first.0, first.1);
    Err(TableError::BrokenRow { line: again.1, reason })
}

/// Some rows, and what came instead of the next one.
#[derive(Default)]
struct Lot {
    rows: Vec<ByteRecord>,
    error: Option<csv::Error>,
}

impl Lot {
    /// Reads into rows that were looked at already: a new one would have to find room for its cells.
    fn read(reader: &mut csv::Reader<QuoteCounter<'_>>, mut rows: Vec<ByteRecord>) -> Self {
        rows.resize_with(LOT, ByteRecord::new);
        for place in 0..LOT {
            let error = match reader.read_byte_record(&mut rows[place]) {
                Ok(true) => continue,
                Ok(false) => None,
                Err(error) => Some(error),
            };
            rows.truncate(place);
            return Self { rows, error };
        }
        Self { rows, error: None }
    }
}

/// Passes bytes on and counts the quotes among them.
struct QuoteCounter<'a> {
    input: &'a mut (dyn io::Read + Send),
    quotes: u64,
}

impl io::Read for QuoteCounter<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.quotes += buffer[..length].iter().filter(|it| **it == b'"').count() as u64;
        Ok(length)
    }
}

/// Where each column stands.
struct Columns {
    id: usize,
    source: Option<usize>,
    fields: [Option<usize>; FIELDS.len()],
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
        let fields = FIELDS.map(|(name, _)| place(name));
        Ok(Self { id: place("id").ok_or(TableError::NoId)?, source: place("source"), fields })
    }

    fn leads<T: Send>(
        &self,
        rows: &[ByteRecord],
        keep: impl Fn(Lead<'_>) -> T + Sync,
    ) -> Vec<Result<T, TableError>> {
        let broken = |row, reason| TableError::BrokenRow { line: line(row), reason };
        let lead = |row| self.lead(row).map_err(|reason| broken(row, reason));
        rows.par_iter().map(|row| lead(row).map(&keep)).collect()
    }

    fn lead<'a>(&self, row: &'a ByteRecord) -> Result<Lead<'a>, String> {
        let id = text(row, self.id)?.trim();
        if id.is_empty() {
            return Err("the id is empty".to_owned());
        }
        let source = self.source.map(|place| text(row, place)).transpose()?;
        let system = source.and_then(|it| it.trim().to_uppercase().parse().ok());
        let mut cells = [None; FIELDS.len()];
        for (cell, place) in cells.iter_mut().zip(self.fields) {
            *cell = place.map(|it| text(row, it)).transpose()?.and_then(said);
        }
        Ok(Lead { line: line(row), id, system, cells })
    }
}

fn line(row: &ByteRecord) -> u64 {
    row.position().map_or(0, csv::Position::line)
}

fn text(row: &ByteRecord, place: usize) -> Result<&str, String> {
    let text = str::from_utf8(row.get(place).unwrap_or_default())
        .map_err(|_| "it is not UTF-8 (was the file saved as Shift_JIS?)".to_owned())?;
    match text {
        _ if text.contains('\0') => Err("it holds a zero byte".to_owned()),
        _ if text.len() > LONGEST_CELL && text.chars().nth(LONGEST_CELL).is_some() => {
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

    /// Id, system and company of each row.
    type Row = (String, Option<SourceSystem>, Option<String>);

    fn rows(csv: &[u8]) -> Result<Vec<Row>, String> {
        let mut progress = Progress::begin(Output::new(false), "test", None);
        let row = |it: Lead<'_>| {
            let company = it.text(lead::company).map(str::to_owned);
            (it.id.to_owned(), it.system, company)
        };
        read(&mut &csv[..], &mut progress, row).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(csv: &[u8], expected: &str) {
        let error = rows(csv).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_do_not_matter() {
        let leads = rows("\u{feff}ID,Company\r\na,\"株式会社　極洋\"\r\n".as_bytes()).unwrap();
        assert_eq!(leads, [("a".to_owned(), None, Some("株式会社　極洋".to_owned()))]);
    }

    #[test]
    fn columns_may_be_missing_further_and_in_any_order() {
        let leads = rows(b"colour,source,id\nred,crm,a\nblue,a long free text,b\n").unwrap();
        assert_eq!(leads[0].1, "CRM".parse().ok());
        assert_eq!(leads[1].1, None);
    }

    #[test]
    fn a_broken_row_is_told_by_its_line() {
        refused(b"id,company\na,x\nb\n", "line 3: it has 1 cells where the first line has 2");
        refused(b"id,company\na,x\n,y\n", "line 3: the id is empty");
        refused(b"id,company\na,\"x\ny\"\nb,\x8f\xe6\n", "line 4: it is not UTF-8");
        refused(b"id,company\na,x\0\n", "line 2: it holds a zero byte");
        refused(b"id,company\na,\"x\nb,y\nc,z\n", "line 2: a quote is not closed");
        refused(b"id,company\na,x\nb,\"cut o", "line 3: a quote is not closed");
    }

    #[test]
    fn an_id_is_no_other_rows() {
        let twice = [("a", 2), ("a", 5), ("b", 3), ("b", 4), ("c", 6)];
        let error = require_different(twice.into_iter()).unwrap_err().to_string();
        assert!(error.contains("line 4: the id `b` stands in line 3 already"), "{error}");
        assert!(require_different([("a", 2), ("b", 3)].into_iter()).is_ok());
    }

    #[test]
    fn a_broken_row_is_told_wherever_it_stands() {
        let rows: String = (0..2 * LOT).map(|it| format!("{it},x\n")).collect();
        let line = 2 * LOT + 2;
        refused(format!("id,company\n{rows}y\n").as_bytes(), &format!("line {line}: it has 1 cells"));
        refused(format!("id,company\n{rows},y\n").as_bytes(), &format!("line {line}: the id is empty"));
    }

    #[test]
    fn a_file_without_ids_is_refused() {
        refused(b"", "no column `id`");
        refused(b"company\nx\n", "no column `id`");
        refused(b"id,id\na,b\n", "two columns `id`");
    }
}
