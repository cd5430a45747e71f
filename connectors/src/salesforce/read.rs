//! Reading from Salesforce.
//!
//! Here: pages by stamp and id, records by id, and the lists of deletions.
//! Not here: when to read and how much overlap (the gateway's sync), what an answer holds (`decode`).

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, SubsecRound, Timelike, Utc};
use domain::fields::RecordKind;
use reqwest::header::{HeaderMap, HeaderValue};
use serde::Deserialize;

use super::Salesforce;
use super::client::{Call, Client};
use super::config::misconfigured;
use super::cursor::Cursor;
use super::decode::Decoder;
use super::record_id::RecordId;
use super::soql::{self, Rows};
use super::value::parse_instant;
use crate::connector::{Deletions, Keyset, Page, Position};
use crate::error::ConnectorError;

/// Ids in one query: well inside the longest address.
const IDS_AT_ONCE: usize = 200;
/// The longest stretch one list of deletions may cover; the vendor's pages speak of 15 and of 30 days.
const LONGEST_SLICE: Duration = Duration::days(14);
/// The list of deletions ignores seconds and refuses stretches of a minute or less.
const SHORTEST_SLICE: Duration = Duration::minutes(2);

impl Salesforce {
    /// One page from a position.
    pub(super) async fn page(&self, kind: RecordKind, from: &Position) -> Result<Page, ConnectorError> {
        let rows = match from {
            Position::Start => Rows::All,
            Position::Since(stamp) => Rows::Since(*stamp),
            Position::After(Keyset { stamp, external_id }) => Rows::Behind(*stamp, known_id(external_id)?),
            Position::Next(token) => return self.follow(kind, token).await,
        };
        self.query(kind, &rows).await
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

    /// Sends a query. A field that was removed since the org was described fails it; then describe once more.
    async fn query(&self, kind: RecordKind, rows: &Rows<'_>) -> Result<Page, ConnectorError> {
        match self.select(kind, rows).await {
            Err(ConnectorError::Rejected { code, .. }) if code == "INVALID_FIELD" => {
                self.schema.forget().await;
                self.select(kind, rows).await
            }
            answered => answered,
        }
    }

    async fn select(&self, kind: RecordKind, rows: &Rows<'_>) -> Result<Page, ConnectorError> {
        let mapping = self.mapped(kind)?;
        let selection = self.schema.of(&self.client, mapping).await?;
        let soql = soql::select(&selection.columns, &mapping.object, rows);
        let path = soql::with_parameters(&self.client.path("/queryAll"), &[("q", &soql)]);
        self.ask(kind, path, None).await
    }

    /// The next page of an open query.
    async fn follow(&self, kind: RecordKind, token: &str) -> Result<Page, ConnectorError> {
        let cursor: Cursor = token.parse()?;
        self.ask(kind, cursor.path.clone(), Some(cursor)).await
    }

    async fn ask(
        &self,
        kind: RecordKind,
        path: String,
        cursor: Option<Cursor>,
    ) -> Result<Page, ConnectorError> {
        let mut call = Call::get(path, self.mapped(kind)?.object.as_str());
        call.headers = batch_size(self.client.page_size());
        let decoder = Decoder { system: self.system.clone(), mapping: self.mapping.clone(), kind, cursor };
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeletedAnswer {
    deleted_records: Vec<DeletedRecord>,
    earliest_date_available: String,
    latest_date_covered: String,
}

#[derive(Deserialize)]
struct DeletedRecord {
    id: String,
}

/// What one slice of the list told.
struct Slice {
    ids: Vec<String>,
    earliest: DateTime<Utc>,
    covered_until: DateTime<Utc>,
}

/// The ids that were deleted between two instants, slice by slice, until the CRM's own log ends.
pub(super) async fn deletions(
    client: &Client,
    object: &str,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Deletions, ConnectorError> {
    let (since, until) = (whole_minute(since), whole_minute(until));
    let mut from = since.min(until - SHORTEST_SLICE);
    let mut ids = BTreeSet::new();
    let mut earliest_available = None;
    loop {
        let end = until.min(from + LONGEST_SLICE);
        let slice = deleted(client, object, from.min(end - SHORTEST_SLICE), end).await?;
        ids.extend(slice.ids);
        let earliest_available = *earliest_available.get_or_insert(slice.earliest);
        // The log may lag behind: then it ends here, and the next run asks from there.
        if end >= until || slice.covered_until < end {
            return Ok(Deletions {
                external_ids: ids.into_iter().collect(),
                covered_until: slice.covered_until,
                earliest_available,
            });
        }
        from = end;
    }
}

async fn deleted(
    client: &Client,
    object: &str,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Result<Slice, ConnectorError> {
    let path = client.path(&format!("/sobjects/{object}/deleted/"));
    let parameters = [("start", &*soql::instant(start)), ("end", &*soql::instant(end))];
    let call = Call::get(soql::with_parameters(&path, &parameters), object);
    let answer = client.call(&call, |answer| {
        let list: DeletedAnswer = answer.json()?;
        let instant = |it: &str| parse_instant(it).ok_or_else(|| answer.garbled("a date that is none"));
        let id = |it: DeletedRecord| it.id.parse::<RecordId>().map(String::from);
        let ids = list.deleted_records.into_iter().map(id).collect::<Result<_, _>>();
        Ok(Slice {
            ids: ids.map_err(|_| answer.garbled("an id that is none"))?,
            earliest: instant(&list.earliest_date_available)?,
            covered_until: instant(&list.latest_date_covered)?,
        })
    });
    answer.await.map_err(|error| match error {
        ConnectorError::Rejected { code, .. } if code == "INVALID_REPLICATION_DATE" => {
            ConnectorError::BeyondHorizon { object: object.to_owned(), since: start }
        }
        other => other,
    })
}

fn whole_minute(instant: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = Duration::seconds(i64::from(instant.second()));
    instant.trunc_subsecs(0) - seconds
}
