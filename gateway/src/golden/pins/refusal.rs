//! Why a field cannot be fixed or let go.

use chrono::{DateTime, Utc};
use domain::fields::Field;

use crate::error::Refusal;

/// Why a field cannot be fixed or let go.
#[derive(Debug, Clone, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum HoldRefusal {
    /// It would never hold.
    #[error("{until} is over already; choose a later end, or none")]
    EndPassed {
        /// The end that was asked for.
        until: DateTime<Utc>,
    },
    /// The policy never lets the field be empty.
    #[error("`{field}` is never empty by the precedence policy; pin a value")]
    FieldNeverEmpty {
        /// The field.
        field: Field,
    },
    /// Its value is the id of another record, which has a life of its own.
    #[error("`{field}` leads to another record and cannot be pinned; change it at its source, or lock it")]
    FieldNotPinnable {
        /// The field.
        field: Field,
    },
    /// Every source has deleted it.
    #[error("the record was deleted in all its sources; it can only be read")]
    RecordArchived,
    /// It lives on in another one.
    #[error("the record has been merged; it lives on as {survivor}: fix the field there")]
    RecordMerged {
        /// Global id of the survivor.
        survivor: String,
    },
    /// Nothing of the person is kept any more, nor taken in again.
    #[error(
        "the person of this record was erased, so `{field}` stays empty; enter somebody else as a new record"
    )]
    PersonErased {
        /// The field.
        field: Field,
    },
    /// One pin at a time.
    #[error("`{field}` was pinned by {by} at {at}; take that pin off first")]
    AlreadyPinned {
        /// The field.
        field: Field,
        /// Who pinned it.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// One lock at a time.
    #[error("`{field}` was locked by {by} at {at}; unlock it first")]
    AlreadyLocked {
        /// The field.
        field: Field,
        /// Who locked it.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// Nothing to take off.
    #[error("`{field}` is not pinned; read the record again")]
    NotPinned {
        /// The field.
        field: Field,
    },
    /// Nothing to unlock.
    #[error("`{field}` is not locked; read the record again")]
    NotLocked {
        /// The field.
        field: Field,
    },
    /// It is gone, or the other side has one of its own.
    #[error("what was fixed of `{field}` has ended, or the other record has its own; look at both records")]
    NothingToHandOver {
        /// The field.
        field: Field,
    },
    /// The field has moved since the person looked.
    #[error(
        "`{field}` has changed since you read it: it is {value} now, by {by} since {at}; read it again and repeat"
    )]
    VersionConflict {
        /// The field.
        field: Field,
        /// What is served now.
        value: String,
        /// The source or person it is from.
        by: String,
        /// Since when.
        at: DateTime<Utc>,
    },
}

impl Refusal for HoldRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}
