//! Where an open query stands.
//!
//! Here: the token of the next page. Which rows a query has is decided when it runs, but their values are read
//! page by page: a record changed meanwhile stands at its old place with its new stamp. Whoever resumed behind
//! that stamp would skip everything between, so a token remembers when its query was opened. A reading that is cut
//! into slices of time also remembers where its slice ends.
//! Not here: what a page holds (`decode`), how slices are cut (`slices`).

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::error::ConnectorError;

/// What comes next in a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// The next page of an open query.
    Page(Cursor),
    /// The first page of the next slice.
    Slice(Slice),
}

/// The rest of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The CRM's clock when it had run the query.
    pub(super) opened_at: DateTime<Utc>,
    /// `nextRecordsUrl`, to be followed as it stands.
    pub(super) path: String,
    /// The part of the reading that the query is.
    pub(super) piece: Piece,
}

/// What a query is of a reading: all of it, or a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Piece {
    /// The slice's number, counted from 1; 0 is all of it.
    pub(super) part: u32,
    /// The slice that follows.
    pub(super) then: Option<Slice>,
}

/// A stretch of stamps that is read by a query of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    /// Its first stamp.
    pub(super) from: DateTime<Utc>,
    /// How long it is at most.
    pub(super) width: TimeDelta,
    /// Its number, counted from 1.
    pub(super) part: u32,
}

impl Cursor {
    /// Whether a record of a later page still has the stamp by which the query placed it.
    pub(super) fn is_in_place(&self, stamp: DateTime<Utc>) -> bool {
        stamp < self.opened_at
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Next::Slice(slice) => write!(f, "{slice}"),
            Next::Page(Cursor { opened_at, path, piece: Piece { part, then } }) => {
                write!(f, "{} {part} {path}", seconds(*opened_at))?;
                then.map_or(Ok(()), |it| write!(f, " {it}"))
            }
        }
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slice {} {} {}", seconds(self.from), self.width.num_seconds(), self.part)
    }
}

fn seconds(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl FromStr for Next {
    type Err = ConnectorError;

    /// A token that is none of ours is like one the CRM forgot: go on by keyset.
    fn from_str(token: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = token.split(' ').collect();
        let read = || -> Option<Self> {
            let slice = |from: &str, width: &str, part: &str| {
                let width = TimeDelta::try_seconds(width.parse().ok()?)?;
                Some(Slice { from: from.parse().ok()?, width, part: part.parse().ok()? })
            };
            let page = |opened_at: &str, part: &str, path: &str, then| {
                let (opened_at, piece) = (opened_at.parse().ok()?, Piece { part: part.parse().ok()?, then });
                Some(Next::Page(Cursor { opened_at, path: path.to_owned(), piece }))
            };
            match parts[..] {
                ["slice", from, width, number] => slice(from, width, number).map(Next::Slice),
                [opened_at, part, path] => page(opened_at, part, path, None),
                [opened_at, part, path, "slice", from, width, number] => {
                    page(opened_at, part, path, Some(slice(from, width, number)?))
                }
                _ => None,
            }
        };
        read().ok_or(ConnectorError::CursorEnded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_being_stored() {
        let at = || "2026-04-01T00:00:00Z".parse().unwrap();
        let slice = Slice { from: at(), width: TimeDelta::hours(2), part: 3 };
        let path = "/services/data/v62.0/query/01g-2000".to_owned();
        let page =
            |then| Next::Page(Cursor { opened_at: at(), path: path.clone(), piece: Piece { part: 2, then } });
        for next in [page(None), page(Some(slice)), Next::Slice(slice)] {
            assert_eq!(next.to_string().parse::<Next>().unwrap(), next);
        }
        assert!("/services/data".parse::<Next>().is_err());
    }
}
