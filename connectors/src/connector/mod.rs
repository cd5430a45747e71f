//! What every CRM can do for us.
//!
//! Here: the trait and the shapes of its questions and answers. Time comes from the CRM's clock, never from ours.
//! Not here: how a CRM is spoken to (its folder), what a failure means (`error`).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::sources::{SourceKey, SourceRecord, SourceSystem, Values};
use domain::sync::SyncErrorCategory;

use crate::error::ConnectorError;

/// A CRM as a stream of source records.
///
/// Transient failures are retried inside, within the configured attempts and time; what comes out as an error
/// has had its chance, and [`ConnectorError::recovery`] says what is left to do.
#[async_trait]
pub trait Connector: Send + Sync {
    /// The system whose records these are.
    fn system(&self) -> &SourceSystem;

    /// The mapped kinds, each after the kinds it refers to: accounts before contacts before leads.
    fn kinds(&self) -> Vec<RecordKind>;

    /// The CRM's own name for a kind, such as `Lead`.
    fn object(&self, kind: RecordKind) -> Result<&str, ConnectorError>;

    /// Proves that the CRM is reachable, takes our credentials, and has every mapped field.
    async fn check(&self) -> Result<(), ConnectorError>;

    /// Reads the CRM's description of its objects again. Call it when a run starts, so that fields which were
    /// added, removed or hidden since the last run are noticed.
    async fn refresh_schema(&self) -> Result<(), ConnectorError>;

    /// Reads one page in the order of (stamp, external id), deleted records included.
    async fn read_page(&self, kind: RecordKind, from: &Position) -> Result<Page, ConnectorError>;

    /// External ids that disappeared between two instants, among them those that no longer come in pages.
    async fn deletions(
        &self,
        kind: RecordKind,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Deletions, ConnectorError>;

    /// Reads the named records, deleted ones included. Those the CRM no longer knows are missing in the answer.
    async fn fetch(&self, kind: RecordKind, external_ids: &[String]) -> Result<Page, ConnectorError>;

    /// Changes fields of one record, provided that nobody changed it since `unmodified_since`.
    async fn update(&self, change: &RecordChange) -> Result<Written, ConnectorError>;

    /// The allowance of requests as the CRM last told it; `None` before its first answer.
    fn budget(&self) -> Option<ApiBudget>;
}

/// Where to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// From the first record there is.
    Start,
    /// From this stamp on, inclusive. The caller has already subtracted its overlap.
    Since(DateTime<Utc>),
    /// Behind a record: equal stamp and greater external id, or a greater stamp.
    After(Keyset),
    /// Where [`Page::next`] points. It ends with the CRM's cursor; then resume behind [`Page::last`].
    Next(String),
}

/// The place of a record in the order of reading. It outlives every cursor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Keyset {
    /// The system-modification stamp.
    pub stamp: DateTime<Utc>,
    /// The external id, which breaks ties between equal stamps.
    pub external_id: String,
}

/// Some records, in the order of (stamp, external id).
#[derive(Debug, Clone)]
pub struct Page {
    /// What was read. A record that cannot be understood is an error of its own and never fails the page.
    pub records: Vec<Result<SourceRecord, RecordError>>,
    /// Fields that were left out of records which did arrive, such as a picklist value nobody has mapped.
    pub warnings: Vec<RecordError>,
    /// Token of the next page; `None` on the last one.
    pub next: Option<String>,
    /// Where to resume: the last record of this page, failed ones included, that still has the place by which it
    /// was read. A record that changed while we were reading has not, and comes again later. `None` when there
    /// is no such record: the place before this page is still the one to resume from.
    pub last: Option<Keyset>,
    /// How many records the whole reading has, where the CRM says so.
    pub total: Option<u64>,
    /// The CRM's clock when it answered.
    pub server_time: DateTime<Utc>,
}

/// Why one record, or one field of it, could not be taken over. Holds no values: they may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RecordError {
    /// The record, if it could be identified at all.
    pub external_id: Option<String>,
    /// Its system-modification stamp, if that was readable.
    pub stamp: Option<DateTime<Utc>>,
    /// What kind of failure it is.
    pub category: SyncErrorCategory,
    /// Stable code of the failure, such as `UNMAPPED_VALUE`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// What a CRM's list of deletions told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletions {
    /// External ids, each once, in order.
    pub external_ids: Vec<String>,
    /// Up to here the list is complete; ask from here the next time.
    pub covered_until: DateTime<Utc>,
    /// Before this instant deletions may be missing. Later than `since` means: compare all ids.
    pub earliest_available: DateTime<Utc>,
}

/// A change to be written to one record.
#[derive(Debug, Clone)]
pub struct RecordChange {
    /// The record.
    pub key: SourceKey,
    /// What it describes.
    pub kind: RecordKind,
    /// The fields to set; explicitly empty ones are cleared, absent ones stay.
    pub values: Values,
    /// Refuse with [`ConnectorError::Conflict`] if it was modified later than this (whole seconds).
    pub unmodified_since: Option<DateTime<Utc>>,
}

/// A change that the CRM accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The CRM's clock when it accepted.
    pub server_time: DateTime<Utc>,
    /// The record's new system-modification stamp, by which the echo is known; `None` if it could not be read back.
    pub stamp: Option<DateTime<Utc>>,
}

/// How much of the CRM's allowance of requests is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiBudget {
    /// Requests used in the current window, by everybody.
    pub used: u64,
    /// Requests allowed in the window.
    pub limit: u64,
}
