//! Which records the org has, without reading them: ids with stamps.
//!
//! All of them by one open query; where that ends before its end, or takes the org too long, by queries of one page each
//! behind the last id. Not here: records (`read`, `bulk`).

use std::fmt;
use std::str::FromStr;

use domain::fields::RecordKind;
use serde::Deserialize;

use super::Salesforce;
use super::client::Call;
use super::json::JsonRow;
use super::read::{batch_size, known_id};
use super::record_id::RecordId;
use super::soql;
use super::value::{id, instant, is_true};
use crate::connector::{IdPage, IdStamp, Span};
use crate::error::ConnectorError;
use crate::http::Answer;

/// The columns that a comparison needs.
const COLUMNS: &str = "Id,SystemModstamp,IsDeleted";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdAnswer<'a> {
    total_size: Option<u64>,
    done: bool,
    next_records_url: Option<String>,
    #[serde(borrow)]
    records: Vec<JsonRow<'a>>,
}

/// Where a reading of ids stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Place {
    /// How many there are, as far as the org said.
    total: Option<u64>,
    /// The last one that came.
    last: Option<RecordId>,
    /// The next page of an open query; without one, a query of its own is asked.
    path: Option<String>,
}

impl Salesforce {
    /// A page of ids. Their order is that of ids: a record that changes meanwhile keeps its place.
    pub(super) async fn id_page(
        &self,
        kind: RecordKind,
        next: Option<&str>,
    ) -> Result<IdPage, ConnectorError> {
        let object = self.mapped(kind)?.object.as_str();
        let at: Place = next.map_or_else(|| Ok(Place::default()), str::parse)?;
        let answered = match (&at.path, next) {
            (Some(path), _) => self.ask_ids(object, path.clone(), &at).await,
            (None, None) => self.ask_ids(object, self.all_ids(object), &at).await,
            (None, Some(_)) => return self.ids_behind(object, at).await,
        };
        match answered {
            Err(ConnectorError::CursorEnded | ConnectorError::QueryTimeout { .. }) => {
                tracing::warn!(object, "the ids are read on behind the last one");
                let total = match at.total {
                    Some(total) => Some(total),
                    None => self.tally(kind, &Span::default()).await.ok().map(|it| it.records),
                };
                self.ids_behind(object, Place { total, path: None, ..at }).await
            }
            answered => answered,
        }
    }

    fn all_ids(&self, object: &str) -> String {
        let soql = soql::select_by_id(COLUMNS, object, None, None);
        soql::with_parameters(&self.client.path("/queryAll"), &[("q", &soql)])
    }

    /// One page behind an id. It is the last one when it is not full.
    async fn ids_behind(&self, object: &str, at: Place) -> Result<IdPage, ConnectorError> {
        let most = self.client.page_size();
        let soql = soql::select_by_id(COLUMNS, object, at.last.clone(), Some(most));
        let path = soql::with_parameters(&self.client.path("/queryAll"), &[("q", &soql)]);
        let mut page = self.ask_ids(object, path, &at).await?;
        let is_full = page.next.is_some() || page.ids.len() as u64 >= u64::from(most);
        let rest = Place { last: last(&page.ids)?.or(at.last), total: at.total, path: None };
        page.next = is_full.then(|| rest.to_string());
        page.total = at.total;
        Ok(page)
    }

    async fn ask_ids(&self, object: &str, path: String, at: &Place) -> Result<IdPage, ConnectorError> {
        let mut call = Call::get(path.clone(), object);
        call.headers = batch_size(self.client.page_size());
        let at = at.clone();
        self.client.call(&call, move |answer| ids(answer, &path, &at)).await
    }
}

fn ids(answer: &Answer, path: &str, at: &Place) -> Result<IdPage, ConnectorError> {
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
    let ids: Option<Vec<IdStamp>> = page.records.iter().map(one).collect();
    let ids = ids.ok_or_else(|| answer.garbled("a record without a readable Id or SystemModstamp"))?;
    let total = at.total.or(page.total_size);
    let last = last(&ids)?.or(at.last.clone());
    let next = page.next_records_url.filter(|_| !page.done);
    let next = next.map(|path| Place { total, last, path: Some(path) }.to_string());
    Ok(IdPage { ids, next, total, server_time: answer.server_time()? })
}

/// The last id of a page, whose rows may come in another order than they were asked for.
fn last(ids: &[IdStamp]) -> Result<Option<RecordId>, ConnectorError> {
    ids.iter().map(|it| &it.external_id).max().map(|it| known_id(it)).transpose()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let last = self.last.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        write!(f, "{total} {last} {}", self.path.as_deref().unwrap_or("-"))
    }
}

impl FromStr for Place {
    type Err = ConnectorError;

    /// A token that is none of ours is like one the CRM forgot.
    fn from_str(token: &str) -> Result<Self, Self::Err> {
        let mut parts = token.splitn(3, ' ');
        let mut part = || parts.next().ok_or(ConnectorError::CursorEnded);
        let (total, last, path) = (part()?, part()?, part()?);
        let told = |it: &str| (it != "-").then(|| it.to_owned());
        Ok(Self {
            total: told(total).and_then(|it| it.parse().ok()),
            last: told(last).and_then(|it| it.parse().ok()),
            path: told(path),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_being_handed_over() {
        let last = "00Q5g000001abCDEAY".parse().ok();
        let open = Place { total: Some(9), last, path: Some("/services/query/x-7".to_owned()) };
        for place in
            [Place { path: None, ..open.clone() }, Place { total: None, last: None, ..open.clone() }, open]
        {
            assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        }
        assert!("/services/data".parse::<Place>().is_err());
    }
}
