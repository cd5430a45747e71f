//! The queries we send.
//!
//! Here: SOQL built from names that the mapping has checked, stamps, ids, and keys of letters and digits; nothing else
//! gets in.
//! Not here: who sends them (`read`).

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Url;

use super::record_id::RecordId;
use crate::connector::Span;

/// The order of reading. Thousands of rows share one stamp; with the id the order is total.
const ORDER: &str = "ORDER BY SystemModstamp, Id";

/// Which rows of an object.
#[derive(Debug)]
pub(super) enum Rows<'a> {
    /// Everything.
    All,
    /// What changed at or after an instant.
    Since(DateTime<Utc>),
    /// What comes behind a record in the order of reading.
    Behind(DateTime<Utc>, RecordId),
    /// Stamps in a span.
    Within(Span),
    /// What comes behind a record, up to a stamp.
    BehindUntil(DateTime<Utc>, RecordId, DateTime<Utc>),
    /// Some records by id.
    Named(&'a [RecordId]),
    /// The records that carry some of our keys in a field.
    Keyed(&'a str, &'a [&'a str]),
}

/// The query for some rows, in the order of reading.
pub(super) fn select(columns: &str, object: &str, rows: &Rows<'_>) -> String {
    format!("SELECT {columns} FROM {object} {}{ORDER}", condition(rows))
}

/// The query for some rows, in whatever order suits the CRM.
pub(super) fn select_unordered(columns: &str, object: &str, rows: &Rows<'_>) -> String {
    format!("SELECT {columns} FROM {object} {}", condition(rows)).trim_end().to_owned()
}

fn condition(rows: &Rows<'_>) -> String {
    match rows {
        Rows::All => String::new(),
        Rows::Since(stamp) => format!("WHERE SystemModstamp >= {} ", instant(*stamp)),
        Rows::Behind(stamp, id) => {
            let stamp = instant(*stamp);
            format!("WHERE (SystemModstamp = {stamp} AND Id > '{id}') OR SystemModstamp > {stamp} ")
        }
        Rows::BehindUntil(stamp, id, until) => {
            let (stamp, until) = (instant(*stamp), instant(*until));
            format!(
                "WHERE ((SystemModstamp = {stamp} AND Id > '{id}') OR SystemModstamp > {stamp}) AND SystemModstamp < {until} "
            )
        }
        Rows::Within(span) => {
            let from = span.from.map(|it| format!("SystemModstamp >= {}", instant(it)));
            let until = span.until.map(|it| format!("SystemModstamp < {}", instant(it)));
            match from.into_iter().chain(until).collect::<Vec<_>>() {
                bounds if bounds.is_empty() => String::new(),
                bounds => format!("WHERE {} ", bounds.join(" AND ")),
            }
        }
        Rows::Named(ids) => format!("WHERE Id IN ({}) ", quoted(ids.iter())),
        Rows::Keyed(field, keys) => format!("WHERE {field} IN ({}) ", quoted(keys.iter())),
    }
}

fn quoted(texts: impl Iterator<Item = impl std::fmt::Display>) -> String {
    texts.map(|it| format!("'{it}'")).collect::<Vec<_>>().join(",")
}

/// The query for rows behind an id, in the order of ids; all of them, or at most so many.
pub(super) fn select_by_id(
    columns: &str,
    object: &str,
    behind: Option<RecordId>,
    most: Option<u32>,
) -> String {
    let condition = behind.map_or_else(String::new, |id| format!("WHERE Id > '{id}' "));
    let limit = most.map_or_else(String::new, |it| format!(" LIMIT {it}"));
    format!("SELECT {columns} FROM {object} {condition}ORDER BY Id{limit}")
}

/// The query for the oldest stamp.
pub(super) fn select_oldest(object: &str) -> String {
    format!("SELECT SystemModstamp FROM {object} {ORDER} LIMIT 1")
}

/// A path with its query parameters encoded.
pub(super) fn with_parameters(path: &str, parameters: &[(&str, &str)]) -> String {
    // Only an address can encode parameters; its host is dropped again.
    let url = Url::parse_with_params("https://host", parameters).expect("the address is constant");
    format!("{path}?{}", url.query().unwrap_or_default())
}

/// An instant as SOQL and the replication lists take it.
pub(super) fn instant(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_have_a_total_order() {
        let stamp = "2026-04-01T00:00:00Z".parse().unwrap();
        let id = "00Q5g000001abCD".parse().unwrap();
        assert_eq!(
            select("Id", "Lead", &Rows::Behind(stamp, id)),
            "SELECT Id FROM Lead WHERE (SystemModstamp = 2026-04-01T00:00:00.000Z AND Id > '00Q5g000001abCDEAY') \
             OR SystemModstamp > 2026-04-01T00:00:00.000Z ORDER BY SystemModstamp, Id"
        );
        assert_eq!(
            select("Id", "Lead", &Rows::Since(stamp)),
            "SELECT Id FROM Lead WHERE SystemModstamp >= 2026-04-01T00:00:00.000Z ORDER BY SystemModstamp, Id"
        );
    }

    #[test]
    fn parameters_are_encoded() {
        assert_eq!(with_parameters("/query", &[("q", "a >= 'b+c'")]), "/query?q=a+%3E%3D+%27b%2Bc%27");
    }
}
