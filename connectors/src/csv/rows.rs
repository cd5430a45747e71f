//! Where the rows and cells of a text begin and end.
//!
//! Here: commas, quotes and line ends. A quote opens a cell only where the cell begins, so that `5"` is five inches; what
//! opens must close in front of a comma, a line end or the end of the file. Where it does not, the row is broken and
//! reading goes on in the next line: a quote that somebody forgot must not swallow the rows behind it.
//! Not here: what a row must look like (`sheet`).

use std::borrow::Cow;

use csv::StringRecord;

/// The longest quoted cell, in bytes. Real ones are far shorter; a longer one is a quote that never closed.
const LONGEST_QUOTED: usize = 40_000;

/// One row as it stands in the text; `None` when one of its quotes is not closed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawRow {
    /// Where it begins, counted from 1.
    pub(super) line: u64,
    pub(super) cells: Option<StringRecord>,
}

/// The rows of a text, blank lines among them.
pub(super) struct Rows<'a> {
    rest: &'a str,
    line: u64,
}

impl<'a> Rows<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text, line: 1 }
    }

    /// Goes on behind so much of the rest.
    fn advance(&mut self, bytes: usize) {
        let (read, rest) = self.rest.split_at(bytes);
        self.line += line_ends(read);
        self.rest = rest;
    }
}

impl Iterator for Rows<'_> {
    type Item = RawRow;

    fn next(&mut self) -> Option<RawRow> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, begin) = (self.line, self.rest);
        let mut cells = StringRecord::new();
        let mut at = 0;
        loop {
            let Some((cell, end)) = cell(&begin[at..]) else {
                self.advance(at + next_line(&begin[at..]));
                return Some(RawRow { line, cells: None });
            };
            cells.push_field(&cell);
            at += end;
            if begin[at..].starts_with(',') {
                at += 1;
            } else {
                self.advance(at + next_line(&begin[at..]));
                return Some(RawRow { line, cells: Some(cells) });
            }
        }
    }
}

/// The cell at the beginning of a text, and where it ends; `None` when it is a quote that does not close.
fn cell(text: &str) -> Option<(Cow<'_, str>, usize)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', '\r', '\n']).unwrap_or(text.len());
        return Some((Cow::Borrowed(&text[..end]), end));
    };
    let bytes = &quoted.as_bytes()[..quoted.len().min(LONGEST_QUOTED)];
    let mut from = 0;
    loop {
        let quote = from + bytes[from..].iter().position(|it| *it == b'"')?;
        match quoted.as_bytes().get(quote + 1) {
            Some(b'"') => from = (quote + 2).min(bytes.len()),
            None | Some(b',' | b'\r' | b'\n') => {
                return Some((Cow::Owned(quoted[..quote].replace("\"\"", "\"")), quote + 2));
            }
            Some(_) => return None,
        }
    }
}

/// How far it is to the beginning of the next line.
fn next_line(text: &str) -> usize {
    match text.find(['\r', '\n']) {
        None => text.len(),
        Some(end) if text[end..].starts_with("\r\n") => end + 2,
        Some(end) => end + 1,
    }
}

fn line_ends(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let ends = |(at, it): (usize, &u8)| match it {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    bytes.iter().enumerate().filter(|it| ends(*it)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row's line and cells, parted by `|`.
    fn rows(text: &str) -> Vec<(u64, Option<String>)> {
        let cells = |it: StringRecord| it.iter().collect::<Vec<_>>().join("|");
        Rows::of(text).map(|it| (it.line, it.cells.map(cells))).collect()
    }

    fn row(line: u64, cells: &str) -> (u64, Option<String>) {
        (line, Some(cells.to_owned()))
    }

    #[test]
    fn rows_end_where_lines_do_unless_a_quote_is_open() {
        assert_eq!(
            rows("a,b\r\n\"1\r\n2\",\"x\"\"y\"\rz,"),
            [row(1, "a|b"), row(2, "1\r\n2|x\"y"), row(4, "z|"),]
        );
    }

    #[test]
    fn a_quote_inside_a_cell_is_a_quote() {
        assert_eq!(rows("管 5\",x\n6\" 管,y"), [row(1, "管 5\"|x"), row(2, "6\" 管|y")]);
    }

    #[test]
    fn a_quote_that_is_not_closed_breaks_its_own_row_only() {
        assert_eq!(rows("1,\"a\n2,b\n3,\"c\"\n"), [(1, None), row(2, "2|b"), row(3, "3|c")]);
        assert_eq!(rows("1,\"he said \"hi\"\"\n2,b"), [(1, None), row(2, "2|b")]);
        assert_eq!(rows("1,a\n2,\"cut o"), [row(1, "1|a"), (2, None)]);
        let swallowed = format!("1,\"a\n{}3,\"", "2,b\n".repeat(20_000));
        assert_eq!(rows(&swallowed).len(), 20_002);
    }
}
