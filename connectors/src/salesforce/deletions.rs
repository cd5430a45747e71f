//! The lists of what was deleted, which also know what no query shows any more.
//!
//! Not here: deleted records that are still in the recycle bin; pages have them (`read`).

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, SubsecRound, Timelike, Utc};
use serde::Deserialize;

use super::client::{Call, Client};
use super::record_id::RecordId;
use super::soql;
use super::value::parse_instant;
use crate::connector::Deletions;
use crate::error::ConnectorError;

/// The longest stretch one list of deletions may cover; the vendor's pages speak of 15 and of 30 days.
const LONGEST_SLICE: Duration = Duration::days(14);
/// The list of deletions ignores seconds and refuses stretches of a minute or less.
const SHORTEST_SLICE: Duration = Duration::minutes(2);

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
pub(super) async fn read(
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
