//! What came back for each record of a batch.
//!
//! Here: results in the order of the request, and records read back. Not here: what a refusal means (`refusal`).

use chrono::{DateTime, Utc};
use domain::sources::{SourceRecord, Values};
use serde::Deserialize;

use super::super::decode::Decoder;
use super::super::json::JsonRow;
use super::super::record_id::RecordId;
use super::super::value::{Reading, instant, read};
use super::refusal::{self, RecordFault};
use crate::connector::{WriteRefusal, Written};
use crate::error::ConnectorError;
use crate::http::Answer;
use crate::mapping::ObjectMapping;

/// What became of one record.
#[derive(Debug)]
pub(super) enum Outcome {
    Done { id: String, is_created: bool },
    Refused(WriteRefusal),
}

#[derive(Deserialize)]
struct SaveResult {
    id: Option<String>,
    success: bool,
    /// Only upserts tell.
    created: Option<bool>,
    #[serde(default)]
    errors: Vec<RecordFault>,
}

/// A record as it stands after a write.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) stamp: Option<DateTime<Utc>>,
    pub(super) modified_at: Option<DateTime<Utc>>,
    values: Values,
}

impl Stored {
    /// Reads what is there of the mapped fields.
    pub(super) fn of(mapping: &ObjectMapping, row: &JsonRow<'_>) -> Self {
        let said = |it: &crate::mapping::FieldMapping| match read(it, row) {
            Ok(Reading::Said(value)) => Some((it.field, value)),
            _ => None,
        };
        Self {
            stamp: instant(row, "SystemModstamp"),
            modified_at: instant(row, "LastModifiedDate"),
            values: mapping.fields.iter().filter_map(said).collect(),
        }
    }

    /// Tells a write what the CRM made of it.
    pub(super) fn note_on(self, written: &mut Written, sent: &Values) {
        written.stamp = self.stamp;
        written.modified_at = self.modified_at;
        let of_sent = |it| self.values.iter().find(|(field, _)| *field == it);
        let stored = sent.iter().filter_map(|(field, _)| of_sent(field));
        written.stored = stored.map(|(field, value)| (field, value.map(str::to_owned))).collect();
    }
}

/// One outcome for each record that was sent.
pub(super) fn outcomes(
    answer: &Answer,
    sent: usize,
    is_create: bool,
) -> Result<Vec<Outcome>, ConnectorError> {
    let results: Vec<SaveResult> = answer.json()?;
    if results.len() != sent {
        return Err(answer.garbled("another number of results than of records"));
    }
    let outcome = |result: SaveResult| match (result.success, result.id) {
        (true, Some(id)) => {
            let id = id.parse::<RecordId>().map_err(|_| answer.garbled("an id that is none"))?;
            Ok(Outcome::Done { id: id.into(), is_created: result.created.unwrap_or(is_create) })
        }
        (true, None) => Err(answer.garbled("a success without an id")),
        (false, _) => {
            Ok(Outcome::Refused(refusal::of_fault(result.errors.into_iter().next().unwrap_or_default())))
        }
    };
    results.into_iter().map(outcome).collect()
}

/// Whole records in the order they were asked for.
pub(super) fn records(
    answer: &Answer,
    asked: usize,
    decoder: &Decoder,
) -> Result<Vec<Option<SourceRecord>>, ConnectorError> {
    let rows = rows(answer, asked)?;
    Ok(rows.into_iter().map(|row| decoder.alone(&row?)).collect())
}

fn rows<'a>(answer: &'a Answer, asked: usize) -> Result<Vec<Option<JsonRow<'a>>>, ConnectorError> {
    let rows: Vec<Option<JsonRow<'a>>> =
        serde_json::from_str(answer.text()?).map_err(|it| answer.unreadable(&it))?;
    match rows.len() == asked {
        true => Ok(rows),
        false => Err(answer.garbled("another number of records than was asked for")),
    }
}

/// Records in the order they were asked for.
pub(super) fn stored(
    answer: &Answer,
    asked: usize,
    mapping: &ObjectMapping,
) -> Result<Vec<Option<Stored>>, ConnectorError> {
    Ok(rows(answer, asked)?.into_iter().map(|row| row.map(|it| Stored::of(mapping, &it))).collect())
}
