//! Bulk readings: query jobs of the Bulk API 2.0.
//!
//! Here: opening a job, waiting for it, its result pages, closing it. A job and a locator outlive our process for
//! seven days, so together they are a place to resume from. The query has no order: ordering would keep the CRM
//! from working on it in parallel.
//! Not here: when bulk is worth it (the gateway's sync), what a row means (`decode`).

use std::time::Duration;

use chrono::{DateTime, Utc};
use csv::ByteRecord;
use domain::fields::RecordKind;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::Salesforce;
use super::client::Call;
use super::cursor::Piece;
use super::decode::Decoder;
use super::sheet::{Columns, SheetRow};
use super::soql::{self, Rows};
use crate::connector::{BulkPage, BulkPlace, Page};
use crate::error::ConnectorError;
use crate::http::Answer;

/// The place of the next page; the text `null` on the last one.
const LOCATOR: &str = "sforce-locator";
/// How many records a page has, by which a cut-off one is known.
const RECORDS: &str = "sforce-numberofrecords";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    id: String,
    state: String,
    number_records_processed: Option<u64>,
}

/// A page of results before it has its place in the reading.
struct Results {
    page: Page,
    locator: Option<String>,
}

impl Salesforce {
    /// Opens a job. One that was opened by a lost answer is left to the CRM, which forgets it.
    pub(super) async fn open_job(
        &self,
        kind: RecordKind,
        since: Option<DateTime<Utc>>,
    ) -> Result<BulkPlace, ConnectorError> {
        match self.create_job(kind, since).await {
            Err(ConnectorError::Rejected { code, .. }) if code == "INVALID_FIELD" => {
                self.schema.forget().await;
                self.create_job(kind, since).await
            }
            answered => answered,
        }
    }

    async fn create_job(
        &self,
        kind: RecordKind,
        since: Option<DateTime<Utc>>,
    ) -> Result<BulkPlace, ConnectorError> {
        let mapping = self.mapped(kind)?;
        let selection = self.schema.of(&self.client, mapping).await?;
        let rows = since.map_or(Rows::All, Rows::Since);
        let query = soql::select_unordered(&selection.columns, &mapping.object, &rows);
        let question = json!({
            "operation": "queryAll", "query": query, "contentType": "CSV", "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        });
        let call = Call::question(self.client.path("/jobs/query"), mapping.object.as_str(), &question);
        let opened = self.client.call(&call, |answer| Ok((answer.json::<Job>()?, answer.server_time()?)));
        let (job, opened_at) = opened.await.map_err(|it| unavailable(it, &mapping.object))?;
        Ok(BulkPlace { job: job.id, opened_at, locator: None, total: None, received: 0 })
    }

    /// The page at a place, as soon as the job is done.
    pub(super) async fn job_page(
        &self,
        kind: RecordKind,
        at: &BulkPlace,
    ) -> Result<BulkPage, ConnectorError> {
        let object = self.mapped(kind)?.object.clone();
        let total = match at.total {
            Some(total) => total,
            None => self.finished(&at.job, &object).await?,
        };
        let Results { mut page, locator } = self.results(kind, at).await.map_err(|it| ended(it, &object))?;
        page.total = Some(total);
        let received = at.received + page.records.len() as u64;
        let next =
            locator.map(|it| BulkPlace { locator: Some(it), total: Some(total), received, ..at.clone() });
        Ok(BulkPage { page, next, received })
    }

    /// Waits until a job is done; tells how many records it has.
    async fn finished(&self, job: &str, object: &str) -> Result<u64, ConnectorError> {
        let started = Instant::now();
        let mut pause = self.bulk.first_pause;
        loop {
            let call = Call::get(self.client.path(&format!("/jobs/query/{job}")), object);
            let now = self.client.call(&call, |answer| answer.json::<Job>()).await;
            let now = now.map_err(|it| ended(it, object))?;
            match (now.state.as_str(), now.number_records_processed) {
                ("JobComplete", Some(total)) => return Ok(total),
                ("UploadComplete" | "InProgress", _) => {}
                (state, _) => return Err(lost(object, state)),
            }
            if started.elapsed() + pause > self.bulk.patience {
                return Err(ConnectorError::BulkUnfinished { object: object.to_owned() });
            }
            tokio::time::sleep(pause).await;
            pause = longer(pause).min(self.bulk.longest_pause);
        }
    }

    async fn results(&self, kind: RecordKind, at: &BulkPlace) -> Result<Results, ConnectorError> {
        let mapping = self.mapped(kind)?;
        let most = self.bulk.page_size.to_string();
        let mut parameters = vec![("maxRecords", most.as_str())];
        parameters.extend(at.locator.as_deref().map(|it| ("locator", it)));
        let path = self.client.path(&format!("/jobs/query/{}/results", at.job));
        let call = Call::get(soql::with_parameters(&path, &parameters), mapping.object.as_str());
        let decoder = Decoder {
            system: self.system.clone(),
            mapping: self.mapping.clone(),
            kind,
            cursor: None,
            piece: Piece::default(),
        };
        let asked = at.locator.clone();
        self.client.call(&call, move |answer| decoder.results(answer, asked.as_deref())).await
    }

    /// Gives a job up. It is deleted when it is over, and aborted when it is not.
    pub(super) async fn close_job(&self, at: &BulkPlace) -> Result<(), ConnectorError> {
        let path = self.client.path(&format!("/jobs/query/{}", at.job));
        let delete = Call { method: Method::DELETE, ..Call::get(path.clone(), "the bulk job") };
        let closed = match self.client.call(&delete, |_| Ok(())).await {
            Err(ConnectorError::Rejected { .. }) => {
                let body = json!({"state": "Aborted"}).to_string();
                let abort = Call::change(Method::PATCH, path, "the bulk job", body);
                self.client.call(&abort, |_| Ok(())).await
            }
            answered => answered,
        };
        match closed {
            Err(ConnectorError::NotFound { .. }) => Ok(()),
            other => other,
        }
    }
}

impl Decoder {
    /// The page in a file of results, row by row.
    fn results(&self, answer: &Answer, asked: Option<&str>) -> Result<Results, ConnectorError> {
        let mapping = self.mapping.of(self.kind).ok_or(ConnectorError::NotMapped { kind: self.kind })?;
        let locator = answer.header(LOCATOR).ok_or_else(|| answer.garbled("no Sforce-Locator header"))?;
        let locator = Some(locator).filter(|it| *it != "null");
        if locator.is_some() && locator == asked {
            return Err(answer.garbled("a page that is its own next page"));
        }
        let announced = answer.header(RECORDS).and_then(|it| it.parse::<usize>().ok());
        let announced = announced.ok_or_else(|| answer.garbled("no Sforce-NumberOfRecords header"))?;
        let page = self.sheet(mapping, answer, announced)?;
        Ok(Results { page, locator: locator.map(str::to_owned) })
    }

    fn sheet(
        &self,
        mapping: &crate::mapping::ObjectMapping,
        answer: &Answer,
        announced: usize,
    ) -> Result<Page, ConnectorError> {
        let not_csv = || answer.garbled("not the CSV we expect");
        let (mut reader, columns) = Columns::of(answer.text()?.as_bytes()).ok_or_else(not_csv)?;
        if !columns.has("Id") {
            return Err(answer.garbled("CSV without an Id column"));
        }
        let mut page = Page {
            records: Vec::with_capacity(announced),
            warnings: Vec::new(),
            next: None,
            last: None,
            total: None,
            part: 0,
            server_time: answer.server_time()?,
        };
        let mut cells = ByteRecord::new();
        while reader.read_byte_record(&mut cells).map_err(|_| not_csv())? {
            self.take_in(mapping, &SheetRow { columns: &columns, cells: &cells }, &mut page);
        }
        match page.records.len() == announced {
            true => Ok(page),
            false => Err(answer.garbled("fewer rows than announced")),
        }
    }
}

fn longer(pause: Duration) -> Duration {
    pause + pause / 2
}

fn lost(object: &str, reason: &str) -> ConnectorError {
    let is_word = reason.bytes().all(|it| it.is_ascii_alphanumeric());
    let reason = if is_word { reason } else { "unknown state" };
    ConnectorError::BulkEnded { object: object.to_owned(), reason: reason.to_owned() }
}

/// A job the CRM no longer knows, or no longer gives the results of.
fn ended(error: ConnectorError, object: &str) -> ConnectorError {
    match error {
        ConnectorError::NotFound { .. } => lost(object, "gone"),
        ConnectorError::CursorEnded => lost(object, "gone"),
        ConnectorError::Rejected { code, .. } if matches!(&*code, "INVALIDJOB" | "INVALIDJOBSTATE") => {
            lost(object, &code)
        }
        other => other,
    }
}

/// Objects without bulk, orgs without bulk, and a spent share of it: pages still work.
fn unavailable(error: ConnectorError, object: &str) -> ConnectorError {
    let codes = ["INVALIDENTITY", "LIMIT_EXCEEDED", "FUNCTIONALITY_NOT_ENABLED", "API_ERROR", "INVALIDJOB"];
    match error {
        ConnectorError::Rejected { code, .. } | ConnectorError::Forbidden { code, .. }
            if codes.contains(&&*code) =>
        {
            ConnectorError::BulkUnavailable { object: object.to_owned(), code }
        }
        other => other,
    }
}
