//! How fresh the mirror is: per object, what is stored, what the source has, and when that was last compared.

use chrono::{DateTime, Utc};
use connectors::Span;
use domain::fields::RecordKind;
use domain::sync::LinkState;
use entity::golden::source_record;
use entity::sync::{sync_object_report, watermark};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::reports;
use super::run::{SyncFailure, SyncJob};
use crate::error::Error;

/// How fresh the mirror of an object is.
#[derive(Debug, Clone)]
pub struct Freshness {
    /// What it describes.
    pub kind: RecordKind,
    /// The source's own name of it.
    pub object: String,
    /// How far it has been read; `None` before the first page.
    pub watermark: Option<watermark::Model>,
    /// The last comparison of all ids.
    pub comparison: Option<sync_object_report::Model>,
    /// Records that we hold for living.
    pub stored: u64,
    /// What the source says of itself, where it was asked.
    pub source: Option<AtSource>,
}

/// What a source says it has.
#[derive(Debug, Clone, Copy)]
pub struct AtSource {
    /// Records, those in its recycle bin included.
    pub records: u64,
    /// The newest stamp among them.
    pub newest_stamp: Option<DateTime<Utc>>,
    /// Its clock when it answered.
    pub time: DateTime<Utc>,
}

impl Freshness {
    /// The newest stamp that we hold.
    pub fn newest_stored(&self) -> Option<DateTime<Utc>> {
        self.watermark.as_ref().and_then(|it| it.newest_stamp)
    }

    /// Seconds by which the newest record here is behind the newest one there; `None` while either is unknown.
    pub fn lag_seconds(&self) -> Option<i64> {
        let there = self.source?.newest_stamp?;
        Some((there - self.newest_stored()?).num_seconds().max(0))
    }
}

/// How fresh each object of a source is, by what is stored alone.
pub async fn of_source(job: &SyncJob) -> Result<Vec<Freshness>, SyncFailure> {
    let mut all = Vec::new();
    for kind in job.connector.kinds() {
        all.push(of_object(job, kind).await?);
    }
    Ok(all)
}

/// The same, and what the source says now: one request for each object.
pub async fn compared_with_source(job: &SyncJob) -> Result<Vec<Freshness>, SyncFailure> {
    let mut all = of_source(job).await?;
    for object in &mut all {
        let tally = job.connector.count(object.kind, &Span::default()).await?;
        object.source =
            Some(AtSource { records: tally.records, newest_stamp: tally.newest, time: tally.server_time });
    }
    Ok(all)
}

async fn of_object(job: &SyncJob, kind: RecordKind) -> Result<Freshness, SyncFailure> {
    use source_record::Column;
    let (db, system) = (job.database.read(), job.connector.system());
    let object = job.connector.object(kind)?.to_owned();
    let watermark = watermark::Entity::find_by_id((system.clone(), object.clone()));
    let watermark = watermark.one(db).await.map_err(Error::from)?;
    let stored = source_record::Entity::find()
        .filter(Column::System.eq(system.clone()))
        .filter(Column::Object.eq(object.as_str()))
        .filter(Column::State.eq(LinkState::Live));
    let stored = stored.count(db).await.map_err(Error::from)?;
    let comparison = reports::last_comparison(db, system, &object).await?;
    Ok(Freshness { kind, object, watermark, comparison, stored, source: None })
}
