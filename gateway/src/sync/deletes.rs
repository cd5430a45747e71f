//! Records that disappeared without coming in a page: the source's own list of deletions.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use connectors::{Connector, ConnectorError, Page};
use domain::fields::RecordKind;
use domain::sources::{SourceKey, SourceRecord, SourceSystem, Values};
use domain::sync::LinkState;
use entity::golden::source_record;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::run::SyncFailure;
use crate::error::Result;
use crate::platform::database::chunk_size;

/// What the list of deletions brings.
pub(super) struct Disappeared {
    /// The records, as deleted.
    pub(super) records: Vec<SourceRecord>,
    /// Up to when the list is complete.
    pub(super) covered_until: DateTime<Utc>,
    /// Whether the list no longer reaches back to where we were: then all ids must be compared.
    pub(super) is_beyond_horizon: bool,
}

/// Records that are taken in at once.
const PAGE: usize = 2_000;

impl Disappeared {
    /// Nobody can say any more what disappeared.
    fn unknown(since: DateTime<Utc>) -> Self {
        Self { records: Vec::new(), covered_until: since, is_beyond_horizon: true }
    }

    /// The records in the form in which all records are taken in. At least one page, which moves the watermark.
    pub(super) fn into_pages(self, server_time: DateTime<Utc>) -> Vec<Page> {
        let page = |records: &[SourceRecord]| Page {
            records: records.iter().cloned().map(Ok).collect(),
            warnings: Vec::new(),
            next: None,
            last: None,
            total: None,
            server_time,
        };
        match self.records.as_slice() {
            [] => vec![page(&[])],
            records => records.chunks(PAGE).map(page).collect(),
        }
    }
}

/// Asks what disappeared since then, and gives those that we still hold for living.
pub(super) async fn since(
    db: &impl ConnectionTrait,
    connector: &dyn Connector,
    kind: RecordKind,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> std::result::Result<Disappeared, SyncFailure> {
    let list = match connector.deletions(kind, since, until).await {
        // The source no longer remembers so far back: the run goes on, and a person is told.
        Err(ConnectorError::BeyondHorizon { .. }) => return Ok(Disappeared::unknown(since)),
        answer => answer?,
    };
    let object = connector.object(kind)?;
    let living = living(db, connector.system(), object, list.external_ids).await?;
    let records = living.into_iter().map(|row| as_deleted(row, list.covered_until)).collect();
    let is_beyond_horizon = list.earliest_available > since;
    Ok(Disappeared { records, covered_until: list.covered_until, is_beyond_horizon })
}

async fn living(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    object: &str,
    external_ids: Vec<String>,
) -> Result<Vec<source_record::Model>> {
    let external_ids: Vec<String> = external_ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut living = Vec::new();
    for chunk in external_ids.chunks(chunk_size(1)) {
        let query = source_record::Entity::find()
            .filter(source_record::Column::System.eq(system.clone()))
            .filter(source_record::Column::Object.eq(object))
            .filter(source_record::Column::ExternalId.is_in(chunk.iter().map(String::as_str)))
            .filter(source_record::Column::State.eq(LinkState::Live));
        living.extend(query.all(db).await?);
    }
    Ok(living)
}

/// The record as its source would give it: it says nothing any more, except that it is gone.
fn as_deleted(row: source_record::Model, seen_at: DateTime<Utc>) -> SourceRecord {
    SourceRecord {
        key: SourceKey { system: row.system, object: row.object, external_id: row.external_id },
        kind: row.kind,
        stamp: row.stamp.max(seen_at),
        modified_at: row.modified_at,
        created_at: row.created_at,
        is_deleted: true,
        merged_into: row.merged_into,
        values: Values::new(),
    }
}
