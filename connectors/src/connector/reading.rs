//! What is asked of a CRM and what comes back: pages, places to resume from, ids, deletions.
//!
//! Here: the shapes. Not here: the promises about them (the trait), how a CRM pages (its folder).

use chrono::{DateTime, Utc};
use domain::sources::SourceRecord;
use domain::sync::SyncErrorCategory;
use serde::{Deserialize, Serialize};

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
    /// How many records this part of the reading has, where the CRM says so.
    pub total: Option<u64>,
    /// Which part that is, counted from 1, of a reading that the CRM could only do in parts; 0 where it is in one.
    pub part: u32,
    /// The CRM's clock when it answered.
    pub server_time: DateTime<Utc>,
}

/// Why one record, or one field of it, could not be taken over. Holds no values of persons.
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
    /// The record as JSON, by the CRM's names, with everything masked that may be about a person.
    pub payload: Option<String>,
}

impl RecordError {
    /// With the record it is about.
    #[must_use]
    pub fn with_payload(self, payload: String) -> Self {
        Self { payload: Some(payload), ..self }
    }
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

/// Where a bulk reading stands. It outlives the process: store it with each page, and go on from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkPlace {
    /// The CRM's name for the reading.
    pub job: String,
    /// The CRM's clock when the reading was opened. What changes later is not in it: read increments from here,
    /// less the overlap, when it is complete.
    pub opened_at: DateTime<Utc>,
    /// The CRM's token of the page; `None` is the first.
    pub locator: Option<String>,
    /// How many records the CRM says the reading has; `None` before the first page.
    pub total: Option<u64>,
    /// How many records came before this page.
    pub received: u64,
}

/// One page of a bulk reading.
#[derive(Debug, Clone)]
pub struct BulkPage {
    /// The records, in no order: `next` and `last` are `None`, because places are [`BulkPage::next`].
    pub page: Page,
    /// Where to go on; `None` on the last page.
    pub next: Option<BulkPlace>,
    /// How many records came up to here, this page included. On the last page it is [`Page::total`], or some are
    /// missing and the reading proves nothing.
    pub received: u64,
}

impl BulkPage {
    /// Whether this page is the last one and nothing is missing.
    pub fn completes_the_reading(&self) -> bool {
        self.next.is_none() && self.page.total == Some(self.received)
    }
}

/// Ids of everything the CRM has, recycle bin included, in the order of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPage {
    /// The records.
    pub ids: Vec<IdStamp>,
    /// Token of the next page; `None` on the last one.
    pub next: Option<String>,
    /// How many records the whole reading has, where the CRM says so.
    pub total: Option<u64>,
    /// The CRM's clock when it answered.
    pub server_time: DateTime<Utc>,
}

/// A record without its values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdStamp {
    /// The record.
    pub external_id: String,
    /// Its system-modification stamp.
    pub stamp: DateTime<Utc>,
    /// Whether it is in the recycle bin.
    pub is_deleted: bool,
}

/// A half-open stretch of stamps; `None` is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// From this stamp on, inclusive.
    pub from: Option<DateTime<Utc>>,
    /// Up to this stamp, exclusive.
    pub until: Option<DateTime<Utc>>,
}

/// What the CRM says it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Records with a stamp in the span, recycle bin included.
    pub records: u64,
    /// The newest stamp among them; `None` when there are none.
    pub newest: Option<DateTime<Utc>>,
    /// The CRM's clock when it answered.
    pub server_time: DateTime<Utc>,
}
