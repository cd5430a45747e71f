//! What is written to a CRM, and what became of it.
//!
//! Here: the shapes. Not here: how a CRM takes writes (its folder), which changes are written (the gateway).

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::sources::{SourceKey, Values};

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
