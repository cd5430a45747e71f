//! Where an open query stands.
//!
//! Here: the token of the next page. Which rows a query has is decided when it runs, but their values are read
//! page by page: a record changed meanwhile stands at its old place with its new stamp. Whoever resumed behind
//! that stamp would skip everything between, so a token remembers when its query was opened.
//! Not here: what a page holds (`decode`).

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::error::ConnectorError;

/// The rest of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The CRM's clock when it had run the query.
    pub(super) opened_at: DateTime<Utc>,
    /// `nextRecordsUrl`, to be followed as it stands.
    pub(super) path: String,
}

impl Cursor {
    /// Whether a record of a later page still has the stamp by which the query placed it.
    pub(super) fn is_in_place(&self, stamp: DateTime<Utc>) -> bool {
        stamp < self.opened_at
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.opened_at.to_rfc3339_opts(SecondsFormat::Secs, true), self.path)
    }
}

impl FromStr for Cursor {
    type Err = ConnectorError;

    /// A token that is none of ours is like one the CRM forgot: go on by keyset.
    fn from_str(token: &str) -> Result<Self, Self::Err> {
        let (opened_at, path) = token.split_once(' ').ok_or(ConnectorError::CursorEnded)?;
        let opened_at = opened_at.parse().map_err(|_| ConnectorError::CursorEnded)?;
        Ok(Self { opened_at, path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn a_token_survives_being_stored() {
        let path = "/services/data/v62.0/query/01g-2000".to_owned();
        let cursor = Cursor { opened_at: "2026-04-01T00:00:00Z".parse().unwrap(), path };
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        assert!("/services/data".parse::<Cursor>().is_err());
    }
}
