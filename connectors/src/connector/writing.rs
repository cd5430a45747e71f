//! What is written to a CRM, and what became of it.
//!
//! Here: the shapes. Not here: how a CRM takes writes (its folder), which changes are written (the gateway).

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::sources::{SourceKey, SourceRecord, Values};
use domain::sync::SyncErrorCategory;

/// How records of a kind are written. What a mapping says nothing of is only changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Writing {
    /// Records that the CRM has are changed; none is made.
    #[default]
    UpdateOnly,
    /// Records that the CRM lacks are made, under our key; those that it has are changed.
    Upsert,
    /// Records that the CRM lacks are made, under our key; those that it has are left alone.
    CreateOnly,
}

impl Writing {
    /// Whether records are made that the CRM lacks.
    pub fn creates(self) -> bool {
        self != Self::UpdateOnly
    }

    /// Whether records are changed that the CRM has.
    pub fn updates(self) -> bool {
        self != Self::CreateOnly
    }
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

/// A change to be written together with others.
#[derive(Debug, Clone)]
pub struct RecordWrite {
    /// What it describes.
    pub kind: RecordKind,
    /// Which record, and whether it may be made.
    pub target: WriteTarget,
    /// The fields to set; explicitly empty ones are cleared, absent ones stay.
    pub values: Values,
    /// The record it hangs on in the CRM, if known: siblings go out together, so that they do not lock each other
    /// out. A reference among the values says it as well.
    pub parent: Option<String>,
}

/// Which record a write is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteTarget {
    /// A record that is there. Never makes one.
    Update {
        /// The record.
        external_id: String,
        /// Refuse with [`Remedy::Rebase`] if it was modified later than this (whole seconds).
        unmodified_since: Option<DateTime<Utc>>,
    },
    /// The record that carries our key, or a new one that does. May be repeated.
    Upsert {
        /// Our key, kept in the field that the mapping's `external_id` names.
        key: String,
    },
    /// A new record. Never changes one.
    Create {
        /// Our key, if the mapping names a field for it: then a second try is refused as a duplicate and names the
        /// record that the first one made. Without it a lost answer has to be looked for.
        key: Option<String>,
    },
}

/// Why a write did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the CRM refused the write ({code}); its own words are for whoever works on it")]
pub struct WriteRefusal {
    /// What is left to do.
    pub remedy: Remedy,
    /// Where it belongs in the error log.
    pub category: SyncErrorCategory,
    /// The CRM's code, or ours where it had no say.
    pub code: String,
    /// The CRM's own words. They may quote values: show them to whoever works on it, and never log them.
    pub message: String,
    /// The CRM's fields it is about.
    pub fields: Vec<String>,
    /// Records of the CRM that stand in the way, such as those a duplicate rule found.
    pub matches: Vec<String>,
}

/// What is left to do after a refused write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing was written, and trying again changes nothing: somebody has to decide.
    Decide,
    /// Nothing was written, because somebody changed the record: read it again and decide anew.
    Rebase,
    /// Nothing may have been written, or the same may be written twice: try again after this pause.
    Again(Duration),
    /// The answer was lost, and a second try might make a second record: look for it first.
    ReadBack,
}

/// A change that the CRM accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The record.
    pub external_id: String,
    /// Whether it was made by this write.
    pub is_created: bool,
    /// The CRM's clock when it accepted.
    pub server_time: DateTime<Utc>,
    /// The record's new system-modification stamp, by which the echo is known; `None` if it could not be read back.
    pub stamp: Option<DateTime<Utc>>,
    /// When the record was modified, for the condition of the next change; `None` if it could not be read back.
    pub modified_at: Option<DateTime<Utc>>,
    /// What the CRM keeps in the written fields: it may trim and reformat. A field that could not be read back is
    /// absent.
    pub stored: Values,
    /// All of a record that was made, or found under our key, as the next page will bring it; `None` for other changes, or if
    /// it could not be read back.
    pub record: Option<Box<SourceRecord>>,
}

impl Written {
    /// A write that was accepted and not yet read back.
    pub(crate) fn of(external_id: String, is_created: bool, server_time: DateTime<Utc>) -> Self {
        let stored = Values::new();
        Self { external_id, is_created, server_time, stamp: None, modified_at: None, stored, record: None }
    }
}
