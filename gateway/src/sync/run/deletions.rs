//! Records that disappeared without coming in a page: the source's own list of deletions.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{ConnectorError, Page};
use domain::sources::{SourceKey, SourceRecord, SourceSystem, Values};
use domain::sync::LinkState;
use entity::golden::source_record;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::reading::Reading;
use super::{Observer, SyncFailure};
use crate::error::Result;
use crate::platform::database::lists;
use crate::sync::service;

/// Sources remember deletions for 15 days; one day is left for them to be late.
const HORIZON: TimeDelta = TimeDelta::days(14);
/// How often the list is asked for. What is in the recycle bin comes with its page; only what was purged waits for it.
const ASKED_EVERY: TimeDelta = TimeDelta::minutes(30);
/// Records that are taken in at once.
const PAGE: usize = 2_000;

impl Reading<'_> {
    /// Compares all ids first when the list of deletions can no longer reach back to where we were.
    pub(super) async fn reconcile_beyond_horizon(
        &mut self,
        observer: &dyn Observer,
    ) -> std::result::Result<(), SyncFailure> {
        match self.watermark.deletions_to() {
            Some(since) if self.job.mastering.clock.now() - since > HORIZON => {
                self.bridge_horizon(since, observer).await
            }
            _ => Ok(()),
        }
    }

    /// Takes in what disappeared since the last run.
    pub(super) async fn take_in_deletions(
        &mut self,
        server_time: DateTime<Utc>,
        observer: &dyn Observer,
    ) -> std::result::Result<(), SyncFailure> {
        let Some(since) = self.watermark.deletions_to() else { return Ok(()) };
        if server_time - since < ASKED_EVERY {
            return Ok(());
        }
        let list = match self.job.connector.deletions(self.kind, since, server_time).await {
            Err(ConnectorError::BeyondHorizon { .. }) => return self.bridge_horizon(since, observer).await,
            answer => answer?,
        };
        if list.earliest_available > since {
            return self.bridge_horizon(since, observer).await;
        }
        self.watermark.advance_deletions(list.covered_until);
        let records = self.living(list.external_ids, list.covered_until).await?;
        for page in pages_of(records, server_time) {
            self.commit(page).await?;
        }
        Ok(())
    }

    /// Deletions may have been missed: people are told, and all ids are compared before the watermark of deletions moves.
    async fn bridge_horizon(
        &mut self,
        since: DateTime<Utc>,
        observer: &dyn Observer,
    ) -> std::result::Result<(), SyncFailure> {
        tracing::warn!(object = self.place.object, %since, "deletions may have been missed; all ids are compared");
        if !self.is_dry() {
            service::raise_delete_horizon(self.job, (self.kind, &self.place, since)).await?;
        }
        self.reconcile(observer).await?;
        if !self.is_dry() {
            service::withdraw_delete_horizon(self.job, (self.kind, &self.place, since)).await?;
        }
        Ok(())
    }

    /// Of these records those that we hold for living, as their source would give them: gone.
    pub(super) async fn living(
        &self,
        external_ids: Vec<String>,
        seen_at: DateTime<Utc>,
    ) -> Result<Vec<SourceRecord>> {
        let (db, place) = (self.job.database.read(), &self.place);
        gone(db, &place.system, &place.object, external_ids, seen_at).await
    }
}

/// Of these records those that we hold for living, as deleted.
pub(super) async fn gone(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    object: &str,
    external_ids: Vec<String>,
    seen_at: DateTime<Utc>,
) -> Result<Vec<SourceRecord>> {
    let external_ids: Vec<String> = external_ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut living = Vec::new();
    for list in lists(db, &external_ids) {
        let query = source_record::Entity::find()
            .filter(source_record::Column::System.eq(system.clone()))
            .filter(source_record::Column::Object.eq(object))
            .filter(list.holds(source_record::Column::ExternalId))
            .filter(source_record::Column::State.eq(LinkState::Live));
        living.extend(query.all(db).await?);
    }
    Ok(living.into_iter().map(|row| as_deleted(row, seen_at)).collect())
}

/// Records in the form in which all are taken in. At least one page, which moves the watermark.
pub(super) fn pages_of(records: Vec<SourceRecord>, server_time: DateTime<Utc>) -> Vec<Page> {
    let page = |records: &[SourceRecord]| Page {
        records: records.iter().cloned().map(Ok).collect(),
        warnings: Vec::new(),
        next: None,
        last: None,
        total: None,
        part: 0,
        server_time,
    };
    match records.as_slice() {
        [] => vec![page(&[])],
        records => records.chunks(PAGE).map(page).collect(),
    }
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
        our_key: None,
        values: Values::new(),
    }
}
