//! The cells of a row, read by what stands in them: dates, codes or labels, lists, yes and no.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::NaiveDate;
use connectors::csv::{Sheet, UnusableFile};
use csv::StringRecord;
use domain::calendar::parse_date;
use domain::text::Language;

use super::columns::Column;
use super::formulas::unquoted;
use crate::error::{Error, Refusal, Result};

/// A cell that cannot be understood. What stands in it is not repeated: it may be personal.
#[derive(Debug, Clone, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum CellRefusal {
    /// Nothing in it.
    #[error("`{column}` is blank; fill it in")]
    CellBlank {
        /// Its column.
        column: &'static str,
    },
    /// Something else than it should hold.
    #[error("`{column}` cannot be read: {problem}")]
    CellUnreadable {
        /// Its column.
        column: &'static str,
        /// What is wrong.
        problem: String,
    },
}

impl Refusal for CellRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Where the columns stand that a file has.
pub(super) struct Places(Vec<(Column, usize)>);

impl Places {
    /// Finds the columns of a sheet by either of their names; one that all rows need must be there.
    pub(super) fn of(
        sheet: &Sheet,
        columns: &[Column],
        needed: &[Column],
    ) -> std::result::Result<Self, UnusableFile> {
        let place = |it: &Column| sheet.column(it.name).or_else(|_| sheet.column(it.ja));
        if let Some(missing) = needed.iter().find(|it| place(it).is_err()) {
            return Err(sheet.column(missing.name).expect_err("it is missing"));
        }
        Ok(Self(columns.iter().filter_map(|it| Some((*it, place(it).ok()?))).collect()))
    }
}

/// The cells of one row.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    pub(super) places: &'a Places,
    pub(super) record: &'a StringRecord,
}

impl<'a> Cells<'a> {
    /// What stands in a cell: `None` when the file has no such column, `Some(None)` when it is blank.
    pub(super) fn cell(self, column: Column) -> Option<Option<&'a str>> {
        let place = self.places.0.iter().find(|it| it.0 == column)?.1;
        Some(self.record.get(place).map(|it| unquoted(it.trim())).filter(|it| !it.is_empty()))
    }

    /// The text of a cell; `None` when it is blank or missing.
    pub(super) fn text(self, column: Column) -> Option<&'a str> {
        self.cell(column).flatten()
    }

    /// The text of a cell that must have one.
    pub(super) fn needed(self, column: Column) -> Result<&'a str> {
        Ok(self.text(column).ok_or(CellRefusal::CellBlank { column: column.name })?)
    }

    /// What a cell says, where the file has it; else what was there before.
    pub(super) fn over<T: FromStr<Err: std::fmt::Display>>(
        self,
        column: Column,
        before: Option<T>,
    ) -> Result<Option<T>> {
        match self.cell(column) {
            None => Ok(before),
            Some(text) => text.map(|it| read(column, it.parse())).transpose(),
        }
    }

    /// What a cell says, if it says anything.
    pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(self, column: Column) -> Result<Option<T>> {
        self.text(column).map(|it| read(column, it.parse())).transpose()
    }

    /// A date in any of the forms that spreadsheets hold.
    pub(super) fn date(self, column: Column) -> Result<Option<NaiveDate>> {
        self.text(column).map(|it| read(column, parse_date(it))).transpose()
    }

    /// A date that must be there.
    pub(super) fn needed_date(self, column: Column) -> Result<NaiveDate> {
        read(column, parse_date(self.needed(column)?))
    }

    /// Yes or no; no when it is blank.
    pub(super) fn yes(self, column: Column) -> Result<bool> {
        match self.text(column).map(str::to_lowercase).as_deref() {
            Some("1" | "true" | "yes" | "はい" | "○" | "有" | "あり") => Ok(true),
            None | Some("0" | "false" | "no" | "いいえ" | "×" | "無" | "なし" | "-") => Ok(false),
            Some(_) => Err(unreadable(column, "write `true` or `false`, はい or いいえ, ○ or ×")),
        }
    }

    /// The things of a list, each by its code or its label.
    pub(super) fn several<T: Ord>(
        self,
        column: Column,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<BTreeSet<T>> {
        let found = self.words(column).map(|it| find(it).ok_or_else(|| unreadable(column, ONE_OF_CODES)));
        found.collect()
    }

    /// The words of a list.
    pub(super) fn words(self, column: Column) -> impl Iterator<Item = &'a str> {
        let separators = [',', ';', '、', '，', '；', '\n'];
        let words = self.text(column).unwrap_or_default().split(separators);
        words.map(str::trim).filter(|it| !it.is_empty())
    }
}

const ONE_OF_CODES: &str = "use the codes or labels of schema.graphql and docs/channel.md";

/// The value with that code or label in a closed list.
pub(super) fn by_code_or_label<T: Copy>(
    all: impl IntoIterator<Item = T>,
    text: &str,
    names: impl Fn(T) -> [String; 3],
) -> Option<T> {
    all.into_iter().find(|it| names(*it).iter().any(|name| name.eq_ignore_ascii_case(text)))
}

/// The names of a value of a closed list: its code and its labels.
macro_rules! names {
    () => {
        |it| {
            use domain::text::Language::{En, Ja};
            [it.to_string(), it.label(Ja).to_owned(), it.label(En).to_owned()]
        }
    };
}
pub(super) use names;

/// A prefecture by its code, its number or its name.
pub(super) fn prefecture(text: &str) -> Option<domain::territories::Prefecture> {
    let all = domain::territories::Prefecture::all;
    let named = by_code_or_label(all(), text, names!());
    named.or_else(|| all().find(|it| it.label(Language::Ja).strip_suffix(['都', '府', '県']) == Some(text)))
}

/// An industry by its letter or its name.
pub(super) fn industry(text: &str) -> Option<domain::territories::Industry> {
    by_code_or_label(domain::territories::Industry::all(), text, names!())
}

/// One value of a closed list by its code or its label; blank gives `None`.
macro_rules! coded {
    ($cells:expr, $column:expr, $list:ty) => {
        match $cells.text($column) {
            None => Ok(None),
            Some(text) => {
                let all = <$list>::ALL.iter().copied();
                let found = $crate::spreadsheets::cells::by_code_or_label(
                    all,
                    text,
                    $crate::spreadsheets::cells::names!(),
                );
                match found {
                    Some(it) => Ok(Some(it)),
                    None => text.parse::<$list>().map(Some).map_err($crate::error::Error::from),
                }
            }
        }
    };
}
pub(super) use coded;

fn read<T, E: std::fmt::Display>(column: Column, parsed: std::result::Result<T, E>) -> Result<T> {
    parsed.map_err(|it| unreadable(column, &it.to_string()))
}

pub(super) fn unreadable(column: Column, problem: &str) -> Error {
    CellRefusal::CellUnreadable { column: column.name, problem: problem.to_owned() }.into()
}
