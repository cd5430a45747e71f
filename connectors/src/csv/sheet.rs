//! The rows of a file: which bytes are which characters, which cells belong to which column, which rows are broken.
//!
//! Not here: where rows and cells end (`rows`), what a cell means (`decode`).

use std::collections::HashMap;

use csv::StringRecord;

use super::rows::{RawRow, Rows};

/// Longest text of a cell, in characters. Real ones are far shorter; a longer one is a quote that never closed.
const LONGEST_CELL: usize = 10_000;

/// The characters of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8 where the bytes are, with or without a mark; else CP932.
    #[default]
    Detect,
    /// UTF-8, with or without a mark.
    Utf8,
    /// Windows code page 932 (Shift_JIS as Excel writes it).
    Cp932,
}

/// Why no row of a file can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableFile {
    /// Its bytes are no characters.
    #[error("the file is not {0}; save it as UTF-8, or name its encoding")]
    Encoding(&'static str),
    /// There is no first line.
    #[error("the file is empty; its first line must name the columns")]
    Empty,
    /// The columns cannot be told.
    #[error("a quote in the first line is not closed; its first line must name the columns")]
    BrokenHeader,
    /// It would not be clear which one is meant.
    #[error("the file has two columns `{0}`; name each column once")]
    ColumnTwice(String),
    /// A column that the mapping names.
    #[error("the file has no column `{0}`; its first line names: {1}")]
    NoColumn(String, String),
}

/// A file, taken apart.
#[derive(Debug)]
pub struct Sheet {
    columns: HashMap<String, usize>,
    header: String,
    rows: Vec<Row>,
}

/// One row, or why it is broken.
#[derive(Debug)]
pub struct Row {
    /// Where it begins, counted from 1.
    pub line: u64,
    /// Its cells.
    pub cells: Result<StringRecord, String>,
}

impl Sheet {
    /// Takes a file apart. A broken row is one row; what follows it is read all the same.
    pub fn parse(bytes: &[u8], encoding: Encoding) -> Result<Self, UnusableFile> {
        let text = encoding.decode(bytes)?;
        let mut raw = Rows::of(&text).filter(|it| !is_blank(it));
        let header = raw.next().ok_or(UnusableFile::Empty)?.cells.ok_or(UnusableFile::BrokenHeader)?;
        let mut columns = HashMap::new();
        for (place, name) in header.iter().enumerate() {
            let name = column_key(name);
            if !name.is_empty() && columns.insert(name.clone(), place).is_some() {
                return Err(UnusableFile::ColumnTwice(name));
            }
        }
        let checked = |it: RawRow| Row { line: it.line, cells: check(it.cells, header.len()) };
        let rows = raw.map(checked).collect();
        let header = header.iter().collect::<Vec<_>>().join(", ");
        Ok(Self { columns, header, rows })
    }

    /// Where a column stands.
    pub fn column(&self, name: &str) -> Result<usize, UnusableFile> {
        let place = self.columns.get(&column_key(name)).copied();
        place.ok_or_else(|| UnusableFile::NoColumn(name.to_owned(), self.header.clone()))
    }

    /// Its rows, in the order of the file.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// Columns are the same whatever their case and the blanks around them.
fn column_key(name: &str) -> String {
    name.trim_matches(|it: char| it.is_whitespace() || it == '\u{feff}').to_lowercase()
}

fn is_blank(row: &RawRow) -> bool {
    row.cells.as_ref().is_some_and(|it| it.iter().all(|it| it.trim().is_empty()))
}

fn check(cells: Option<StringRecord>, expected: usize) -> Result<StringRecord, String> {
    let Some(record) = cells else {
        return Err("a quote is not closed, or not doubled inside a quoted cell".to_owned());
    };
    if record.len() != expected {
        return Err(format!("it has {} cells where the first line has {expected}", record.len()));
    }
    if record.iter().any(|it| it.contains('\0')) {
        return Err("it holds a zero byte".to_owned());
    }
    if record.iter().any(|it| it.chars().nth(LONGEST_CELL).is_some()) {
        return Err(format!("a cell is longer than {LONGEST_CELL} characters (is a quote not closed?)"));
    }
    Ok(record)
}

impl Encoding {
    fn decode(self, bytes: &[u8]) -> Result<String, UnusableFile> {
        let utf8 = || {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            str::from_utf8(bytes).map(str::to_owned).map_err(|_| UnusableFile::Encoding("UTF-8"))
        };
        let cp932 = || {
            let (text, _, had_errors) = encoding_rs::SHIFT_JIS.decode(bytes);
            if had_errors { Err(UnusableFile::Encoding("CP932")) } else { Ok(text.into_owned()) }
        };
        match self {
            Self::Utf8 => utf8(),
            Self::Cp932 => cp932(),
            Self::Detect => utf8().or_else(|_| cp932()).map_err(|_| UnusableFile::Encoding("UTF-8 or CP932")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Result<Vec<String>, String>> {
        let sheet = Sheet::parse(bytes, Encoding::Detect).unwrap();
        let texts = |it: &StringRecord| it.iter().map(str::to_owned).collect();
        sheet.rows().iter().map(|it| it.cells.as_ref().map(texts).map_err(Clone::clone)).collect()
    }

    #[test]
    fn encodings_do_not_matter() {
        let expected = vec![Ok(vec!["1".to_owned(), "髙橋㈱".to_owned()])];
        assert_eq!(cells("id,会社\n1,髙橋㈱\n".as_bytes()), expected);
        assert_eq!(cells("\u{feff}id,会社\r\n1,髙橋㈱\r\n".as_bytes()), expected);
        assert_eq!(cells(&encoding_rs::SHIFT_JIS.encode("id,会社\n1,髙橋㈱\n").0), expected);
    }

    #[test]
    fn a_broken_row_is_one_row() {
        let rows = cells(b"id,company\n1,a\n2\n3,\"x\ny\"\n");
        assert_eq!(rows[1], Err("it has 1 cells where the first line has 2".to_owned()));
        assert_eq!(rows[2], Ok(vec!["3".to_owned(), "x\ny".to_owned()]));
    }

    #[test]
    fn a_file_that_was_cut_off_does_not_look_complete() {
        let rows = cells(b"id,company\n1,a\n2,\"cut o");
        assert!(rows[1].as_ref().unwrap_err().contains("not closed"));
    }

    #[test]
    fn inches_are_no_quotes() {
        let rows = cells("id,company\n1,管 5\"\n2,b\n".as_bytes());
        assert_eq!(rows[0], Ok(vec!["1".to_owned(), "管 5\"".to_owned()]));
        assert!(rows[1].is_ok());
    }

    #[test]
    fn a_file_without_columns_is_refused() {
        let refused = |bytes: &[u8]| Sheet::parse(bytes, Encoding::Detect).map(drop).unwrap_err();
        assert_eq!(refused(b""), UnusableFile::Empty);
        assert_eq!(refused(b"id,\"company\n1,x\n"), UnusableFile::BrokenHeader);
        assert_eq!(refused(b"Id,id\n"), UnusableFile::ColumnTwice("id".to_owned()));
        assert_eq!(refused(b"id\n\x81\xff\n"), UnusableFile::Encoding("UTF-8 or CP932"));
    }
}
