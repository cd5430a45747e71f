//! Reading in slices of time what the CRM cannot read at once.
//!
//! Here: a slice is halved as often as the query times out, and the next one is twice as long: dense months are read in
//! short slices, empty years in one. The order over all slices is that of one reading, (stamp, id).
//! Not here: pages inside a slice (`read`), tokens (`cursor`).

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::RecordKind;
use serde::Deserialize;

use super::Salesforce;
use super::client::Call;
use super::cursor::{Piece, Slice};
use super::record_id::RecordId;
use super::soql::{self, Rows};
use super::value::parse_instant;
use crate::connector::{Keyset, Page, Position, Span};
use crate::error::ConnectorError;

/// Stamps have whole seconds: no slice is shorter.
const SHORTEST: TimeDelta = TimeDelta::seconds(1);

#[derive(Deserialize)]
struct OldestAnswer {
    records: Vec<Oldest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Oldest {
    system_modstamp: String,
}

impl Salesforce {
    /// The first page of a reading that was too much at once.
    pub(super) async fn sliced(&self, kind: RecordKind, from: &Position) -> Result<Page, ConnectorError> {
        let (oldest, server_time) = self.oldest(kind).await?;
        let (from, behind) = match from {
            Position::Since(stamp) => (*stamp, None),
            Position::After(Keyset { stamp, external_id }) => (*stamp, external_id.parse::<RecordId>().ok()),
            Position::Start | Position::Next(_) => (oldest.unwrap_or(server_time), None),
        };
        let width = half_of(server_time - from);
        tracing::warn!(%kind, %from, "the reading is too much for the CRM at once and is cut into slices");
        self.shrinking(kind, Slice { from, width, part: 1 }, behind, server_time).await
    }

    /// The first page of the next slice.
    pub(super) async fn slice(&self, kind: RecordKind, slice: Slice) -> Result<Page, ConnectorError> {
        let (_, server_time) = self.oldest(kind).await?;
        self.shrinking(kind, slice, None, server_time).await
    }

    /// Halves a slice until the CRM can read it. The last one has no end: what was changed since we began is in it.
    async fn shrinking(
        &self,
        kind: RecordKind,
        Slice { from, mut width, part }: Slice,
        behind: Option<RecordId>,
        server_time: DateTime<Utc>,
    ) -> Result<Page, ConnectorError> {
        loop {
            let until = from + width;
            let is_last = until > server_time;
            let then = (!is_last).then_some(Slice { from: until, width: width * 2, part: part + 1 });
            let rows = rows(from, until, is_last, behind.clone());
            match self.query_piece(kind, &rows, Piece { part, then }).await {
                Err(ConnectorError::QueryTimeout { .. }) if width > SHORTEST => {
                    // The last slice has no end: half of what it was shows only from now backwards.
                    let reach = if is_last { server_time - from } else { width };
                    width = half_of(reach);
                }
                answered => return answered,
            }
        }
    }

    /// The oldest stamp, and the CRM's clock.
    async fn oldest(
        &self,
        kind: RecordKind,
    ) -> Result<(Option<DateTime<Utc>>, DateTime<Utc>), ConnectorError> {
        let object = self.mapped(kind)?.object.as_str();
        let parameters = [("q", &*soql::select_oldest(object))];
        let call = Call::get(soql::with_parameters(&self.client.path("/queryAll"), &parameters), object);
        let read = self.client.call(&call, |answer| {
            let oldest = answer.json::<OldestAnswer>()?.records.pop();
            let stamp = |it: Oldest| {
                parse_instant(&it.system_modstamp).ok_or_else(|| answer.garbled("a date that is none"))
            };
            Ok((oldest.map(stamp).transpose()?, answer.server_time()?))
        });
        read.await
    }
}

/// Half of a stretch, in whole seconds: stamps have no others, so no stamp is in two slices.
fn half_of(stretch: TimeDelta) -> TimeDelta {
    TimeDelta::seconds(stretch.num_seconds() / 2).max(SHORTEST)
}

fn rows(from: DateTime<Utc>, until: DateTime<Utc>, is_last: bool, behind: Option<RecordId>) -> Rows<'static> {
    match (behind, is_last) {
        (Some(id), true) => Rows::Behind(from, id),
        (Some(id), false) => Rows::BehindUntil(from, id, until),
        (None, true) => Rows::Since(from),
        (None, false) => Rows::Within(Span { from: Some(from), until: Some(until) }),
    }
}
