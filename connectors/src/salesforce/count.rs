//! How many records the org has, and how new they are, without reading them.
//!
//! Not here: which ones (`ids`), what they say (`read`, `bulk`).

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use serde::Deserialize;

use super::Salesforce;
use super::client::Call;
use super::soql::{self, Rows};
use super::value::parse_instant;
use crate::connector::{Span, Tally};
use crate::error::ConnectorError;
use crate::http::Answer;

#[derive(Deserialize)]
struct Tallied {
    records: Vec<TalliedRow>,
}

#[derive(Deserialize)]
struct TalliedRow {
    records: u64,
    newest: Option<String>,
}

impl Salesforce {
    /// How many records there are, and how new the newest is.
    pub(super) async fn tally(&self, kind: RecordKind, span: &Span) -> Result<Tally, ConnectorError> {
        let object = self.mapped(kind)?.object.as_str();
        let columns = "COUNT(Id) records, MAX(SystemModstamp) newest";
        let soql = soql::select_unordered(columns, object, &Rows::Within(*span));
        let path = soql::with_parameters(&self.client.path("/queryAll"), &[("q", &soql)]);
        let call = Call::get(path, object);
        self.client.call(&call, tallied).await
    }
}

fn tallied(answer: &Answer) -> Result<Tally, ConnectorError> {
    let row =
        answer.json::<Tallied>()?.records.pop().ok_or_else(|| answer.garbled("a count without a row"))?;
    let read = |it: String| -> Result<DateTime<Utc>, ConnectorError> {
        parse_instant(&it).ok_or_else(|| answer.garbled("a date that is none"))
    };
    Ok(Tally {
        records: row.records,
        newest: row.newest.map(read).transpose()?,
        server_time: answer.server_time()?,
    })
}
