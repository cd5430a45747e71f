//! How far one object of one system has been read.

use domain::sources::SourceSystem;
use sea_orm::entity::prelude::*;

/// How far one object of one system has been read.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "watermarks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: SourceSystem,
    #[sea_orm(primary_key, auto_increment = false)]
    pub object: String,
    /// Moved by every page; two runs cannot both move it.
    pub version: i32,
    /// Everything up to here has been read completely.
    pub complete_to: Option<DateTimeUtc>,
    /// With `resume_id`: the last record of a run that is not finished.
    pub resume_stamp: Option<DateTimeUtc>,
    pub resume_id: Option<String>,
    /// The source's clock when the unfinished reading began: what commits late may be older than what was read.
    pub reading_since: Option<DateTimeUtc>,
    /// Deletions up to here have been seen.
    pub deletions_to: Option<DateTimeUtc>,
    pub updated_at: DateTimeUtc,
    /// With everything read by a bulk job that is not finished: where it stands, as JSON.
    pub bulk_place: Option<String>,
    /// The newest stamp that was stored.
    pub newest_stamp: Option<DateTimeUtc>,
    /// When the last reading began that came to its end: what the source had then is stored.
    pub checked_at: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
