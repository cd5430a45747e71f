//! Reading from Salesforce.
//!
//! Here: pages by stamp and id, records by id, some fields of all of them.
//! Not here: when to read and how much overlap (the gateway's sync), what an answer holds (`decode`), what is
//! deleted (`deletions`).

use domain::fields::{Field, RecordKind};
use reqwest::header::{HeaderMap, HeaderValue};

use super::Salesforce;
use super::client::Call;
use super::config::misconfigured;
use super::cursor::{Cursor, Next, Slice};
use super::decode::Decoder;
use super::record_id::RecordId;
use super::soql::{self, Rows};
use crate::connector::{Keyset, Page, Position};
use crate::error::ConnectorError;

/// Ids in one query: well inside the longest address.
const IDS_AT_ONCE: usize = 200;

impl Salesforce {
    /// One page from a position.
    pub(super) async fn page(&self, kind: RecordKind, from: &Position) -> Result<Page, ConnectorError> {
        let rows = match from {
            Position::Start => Rows::All,
            Position::Since(stamp) => Rows::Since(*stamp),
            Position::After(Keyset { stamp, external_id }) => Rows::Behind(*stamp, known_id(external_id)?),
            Position::Next(token) => return self.follow(kind, token).await,
        };
        match self.query(kind, &rows).await {
            // All at once is too much for the CRM: in slices, then.
            Err(ConnectorError::QueryTimeout { .. }) => self.sliced(kind, from).await,
            answered => answered,
        }
    }

    /// Records by id, those in the recycle bin included.
    pub(super) async fn named(&self, kind: RecordKind, ids: &[String]) -> Result<Page, ConnectorError> {
        // What cannot be an id cannot be a record either: it is missing in the answer, like any other.
        let ids: Vec<RecordId> = ids.iter().filter_map(|it| it.parse().ok()).collect();
        let mut pages = Vec::new();
        for chunk in ids.chunks(IDS_AT_ONCE) {
            pages.push(self.query(kind, &Rows::Named(chunk)).await?);
            while let Some(token) = pages.last().and_then(|it| it.next.clone()) {
                pages.push(self.follow(kind, &token).await?);
            }
        }
        match pages.into_iter().reduce(joined) {
            Some(page) => Ok(Page { next: None, last: None, total: None, ..page }),
            None => self.nothing().await,
        }
    }

    /// Sends a query.
    async fn query(&self, kind: RecordKind, rows: &Rows<'_>) -> Result<Page, ConnectorError> {
        self.query_before(kind, rows, None).await
    }

    /// Sends a query that a slice may follow. A field that was removed since the org was described fails it; then
    /// describe once more.
    pub(super) async fn query_before(
        &self,
        kind: RecordKind,
        rows: &Rows<'_>,
        then: Option<Slice>,
    ) -> Result<Page, ConnectorError> {
        match self.select(kind, rows, then).await {
            Err(ConnectorError::Rejected { code, .. }) if code == "INVALID_FIELD" => {
                self.schema.forget().await;
                self.select(kind, rows, then).await
            }
            answered => answered,
        }
    }

    async fn select(
        &self,
        kind: RecordKind,
        rows: &Rows<'_>,
        then: Option<Slice>,
    ) -> Result<Page, ConnectorError> {
        let mapping = self.mapped(kind)?;
        let selection = self.schema.of(&self.client, mapping).await?;
        let soql = soql::select(&selection.columns, &mapping.object, rows);
        let path = soql::with_parameters(&self.client.path("/queryAll"), &[("q", &soql)]);
        self.ask(kind, path, None, then).await
    }

    /// What follows a page: the next one of an open query, or the first one of the next slice.
    async fn follow(&self, kind: RecordKind, token: &str) -> Result<Page, ConnectorError> {
        match token.parse()? {
            Next::Slice(slice) => self.slice(kind, slice).await,
            Next::Page(cursor) => {
                let then = cursor.then;
                self.ask(kind, cursor.path.clone(), Some(cursor), then).await
            }
        }
    }

    /// Some fields of live records, by id.
    pub(super) async fn fields_page(
        &self,
        kind: RecordKind,
        fields: &[Field],
        after: Option<&str>,
    ) -> Result<Page, ConnectorError> {
        let mapping = self.mapped(kind)?;
        let selection = self.schema.of(&self.client, mapping).await?;
        let behind = after.map(known_id).transpose()?;
        let most = self.client.page_size();
        let soql = soql::select_by_id(&selection.columns_of(fields), &mapping.object, behind, most);
        let path = soql::with_parameters(&self.client.path("/query"), &[("q", &soql)]);
        let mut page = self.ask(kind, path, None, None).await?;
        let last = page.records.last().and_then(|it| match it {
            Ok(record) => Some(record.key.external_id.clone()),
            Err(error) => error.external_id.clone(),
        });
        let is_full = page.next.is_some() || page.records.len() as u64 >= u64::from(most);
        page.next = last.filter(|_| is_full);
        page.last = None;
        page.total = None;
        Ok(page)
    }

    async fn ask(
        &self,
        kind: RecordKind,
        path: String,
        cursor: Option<Cursor>,
        then: Option<Slice>,
    ) -> Result<Page, ConnectorError> {
        let mut call = Call::get(path, self.mapped(kind)?.object.as_str());
        call.headers = batch_size(self.client.page_size());
        let decoder =
            Decoder { system: self.system.clone(), mapping: self.mapping.clone(), kind, cursor, then };
        self.client.call(&call, move |answer| decoder.page(answer)).await
    }

    /// An empty page still tells the CRM's clock.
    async fn nothing(&self) -> Result<Page, ConnectorError> {
        let call = Call::get(self.client.path("/"), "the API");
        let server_time = self.client.call(&call, |answer| answer.server_time()).await?;
        Ok(Page {
            records: Vec::new(),
            warnings: Vec::new(),
            next: None,
            last: None,
            total: Some(0),
            server_time,
        })
    }
}

fn joined(mut all: Page, more: Page) -> Page {
    all.records.extend(more.records);
    all.warnings.extend(more.warnings);
    Page { server_time: more.server_time, ..all }
}

pub(super) fn batch_size(records: u32) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("batchSize={records}")).expect("digits make a header");
    HeaderMap::from_iter([(reqwest::header::HeaderName::from_static("sforce-query-options"), value)])
}

fn known_id(text: &str) -> Result<RecordId, ConnectorError> {
    text.parse().map_err(|it: super::InvalidRecordId| misconfigured("position", it.to_string()))
}
