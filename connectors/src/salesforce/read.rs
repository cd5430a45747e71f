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
use super::cursor::{Cursor, Next, Piece};
use super::decode::Decoder;
use super::record_id::RecordId;
use super::soql::{self, Rows};
use crate::connector::{Keyset, Page, Position};
use crate::error::ConnectorError;

/// Ids in one query: well inside the longest address.
const IDS_AT_ONCE: usize = 200;
/// Keys in one query: they are twice as long.
const KEYS_AT_ONCE: usize = 100;

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
        let chunks: Vec<Rows<'_>> = ids.chunks(IDS_AT_ONCE).map(Rows::Named).collect();
        self.all_of(kind, &chunks).await
    }

    /// Records by our key, those in the recycle bin included.
    pub(super) async fn keyed(&self, kind: RecordKind, keys: &[String]) -> Result<Page, ConnectorError> {
        let mapping = self.mapped(kind)?;
        let field = mapping.external_id.as_deref();
        let field = field.ok_or_else(|| ConnectorError::ReadOnlyField { key: mapping.external_id_key() })?;
        // Keys of ours are plain; another text cannot be one, and must not get into a query.
        let is_plain = |it: &&str| it.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
        let keys: Vec<&str> = keys.iter().map(String::as_str).filter(is_plain).collect();
        let chunks: Vec<Rows<'_>> = keys.chunks(KEYS_AT_ONCE).map(|it| Rows::Keyed(field, it)).collect();
        self.all_of(kind, &chunks).await
    }

    /// Everything that some queries find, as one page.
    async fn all_of(&self, kind: RecordKind, queries: &[Rows<'_>]) -> Result<Page, ConnectorError> {
        let mut pages = Vec::new();
        for rows in queries {
            pages.push(self.query(kind, rows).await?);
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
        self.query_piece(kind, rows, Piece::default()).await
    }

    /// Sends a query that may be a slice of a reading. A field that was removed since the org was described fails it; then
    /// describe once more.
    pub(super) async fn query_piece(
        &self,
        kind: RecordKind,
        rows: &Rows<'_>,
        piece: Piece,
    ) -> Result<Page, ConnectorError> {
        match self.select(kind, rows, piece).await {
            Err(ConnectorError::Rejected { code, .. }) if code == "INVALID_FIELD" => {
                self.schema.forget().await;
                self.select(kind, rows, piece).await
            }
            answered => answered,
        }
    }

    async fn select(&self, kind: RecordKind, rows: &Rows<'_>, piece: Piece) -> Result<Page, ConnectorError> {
        let mapping = self.mapped(kind)?;
        let selection = self.schema.of(&self.client, mapping).await?;
        let soql = soql::select(&selection.columns, &mapping.object, rows);
        let path = soql::with_parameters(&self.client.path("/queryAll"), &[("q", &soql)]);
        self.ask(kind, path, None, piece).await
    }

    /// What follows a page: the next one of an open query, or the first one of the next slice.
    async fn follow(&self, kind: RecordKind, token: &str) -> Result<Page, ConnectorError> {
        match token.parse()? {
            Next::Slice(slice) => self.slice(kind, slice).await,
            Next::Page(cursor) => {
                let piece = cursor.piece;
                self.ask(kind, cursor.path.clone(), Some(cursor), piece).await
            }
        }
    }

    /// Some fields of live records, by id. The first page is that of a query for all of them, which tells how many there
    /// are; where that takes the org too long, pages are asked for one by one.
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
        let columns = selection.columns_of(fields);
        let ask = async |behind: Option<RecordId>, most: Option<u32>| {
            let soql = soql::select_by_id(&columns, &mapping.object, behind, most);
            let path = soql::with_parameters(&self.client.path("/query"), &[("q", &soql)]);
            self.ask(kind, path, None, Piece::default()).await
        };
        let whole = if behind.is_none() { Some(ask(None, None).await) } else { None };
        let mut page = match whole {
            None | Some(Err(ConnectorError::QueryTimeout { .. })) => {
                Page { total: None, ..ask(behind, Some(most)).await? }
            }
            Some(answered) => answered?,
        };
        let last = page.records.last().and_then(|it| match it {
            Ok(record) => Some(record.key.external_id.clone()),
            Err(error) => error.external_id.clone(),
        });
        let is_full = page.next.is_some() || page.records.len() as u64 >= u64::from(most);
        page.next = last.filter(|_| is_full);
        page.last = None;
        Ok(page)
    }

    async fn ask(
        &self,
        kind: RecordKind,
        path: String,
        cursor: Option<Cursor>,
        piece: Piece,
    ) -> Result<Page, ConnectorError> {
        let mut call = Call::get(path, self.mapped(kind)?.object.as_str());
        call.headers = batch_size(self.client.page_size());
        let decoder =
            Decoder { system: self.system.clone(), mapping: self.mapping.clone(), kind, cursor, piece };
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
            part: 0,
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

pub(super) fn known_id(text: &str) -> Result<RecordId, ConnectorError> {
    text.parse().map_err(|it: super::InvalidRecordId| misconfigured("position", it.to_string()))
}
