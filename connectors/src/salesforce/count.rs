//! What the org has, without reading it: ids with stamps, and numbers.
//!
//! Here: the narrow queries that reconciling needs. Not here: records (`read`, `bulk`).

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use serde::Deserialize;

use super::Salesforce;
use super::client::Call;
use super::json::JsonRow;
use super::read::batch_size;
use super::soql::{self, Rows};
use super::value::{id, instant, is_true, parse_instant};
use crate::connector::{IdPage, IdStamp, Span, Tally};
use crate::error::ConnectorError;
use crate::http::Answer;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdAnswer<'a> {
    total_size: Option<u64>,
    done: bool,
    next_records_url: Option<String>,
    #[serde(borrow)]
    records: Vec<JsonRow<'a>>,
}

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
    /// A page of ids. Their order is that of ids: a record that changes meanwhile keeps its place.
    pub(super) async fn id_page(
        &self,
        kind: RecordKind,
        next: Option<&str>,
    ) -> Result<IdPage, ConnectorError> {
        let object = self.mapped(kind)?.object.as_str();
        let path = match next {
            Some(path) => path.to_owned(),
            None => {
                let soql = format!("SELECT Id,SystemModstamp,IsDeleted FROM {object} ORDER BY Id");
                soql::with_parameters(&self.client.path("/queryAll"), &[("q", &soql)])
            }
        };
        let mut call = Call::get(path.clone(), object);
        call.headers = batch_size(self.client.page_size());
        self.client.call(&call, move |answer| ids(answer, &path)).await
    }

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

fn ids(answer: &Answer, path: &str) -> Result<IdPage, ConnectorError> {
    let page: IdAnswer<'_> = serde_json::from_str(answer.text()?).map_err(|it| answer.unreadable(&it))?;
    if !page.done && page.next_records_url.is_none() {
        return Err(answer.garbled("a page without a next one that is not the last"));
    }
    if page.next_records_url.as_deref() == Some(path) {
        return Err(answer.garbled("a page that is its own next page"));
    }
    let one = |row: &JsonRow<'_>| {
        Some(IdStamp {
            external_id: id(row, "Id")?,
            stamp: instant(row, "SystemModstamp")?,
            is_deleted: is_true(row, "IsDeleted"),
        })
    };
    let ids = page.records.iter().map(one).collect::<Option<Vec<_>>>();
    Ok(IdPage {
        ids: ids.ok_or_else(|| answer.garbled("a record without a readable Id or SystemModstamp"))?,
        next: page.next_records_url.filter(|_| !page.done),
        total: page.total_size,
        server_time: answer.server_time()?,
    })
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
