//! What a system's answer to a change means. Not here: what becomes of the change then (`outcome`).

use chrono::TimeDelta;
use connectors::{ConnectorError, Recovery, Remedy, WriteRefusal, Written as Answer};
use domain::sources::SourceRecord;
use domain::sync::SyncErrorCategory;

/// The longest pause.
pub(super) const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

/// What became of one change.
pub(super) enum Outcome {
    /// The system took it.
    Accepted(Box<Answer>),
    /// The system has made the record, and this is how it is there.
    Made(Box<SourceRecord>),
    /// Somebody changed the record since we read it.
    Overtaken,
    /// The system will not have it, and says so again if asked again.
    Refused(Refusal),
    /// Not now.
    Later(Refusal, Option<TimeDelta>),
    /// It was sent, and nobody knows whether it arrived.
    Unknown(Refusal),
    /// It was not sent after all.
    NotSent,
    /// The mapping writes none of its fields.
    NotWritten,
}

/// What the system said, or why it was not asked.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) category: SyncErrorCategory,
    pub(super) code: String,
    pub(super) message: String,
}

impl From<&ConnectorError> for Refusal {
    fn from(error: &ConnectorError) -> Self {
        Self { category: error.category(), code: error.code().to_owned(), message: error.to_string() }
    }
}

impl From<WriteRefusal> for Refusal {
    fn from(refused: WriteRefusal) -> Self {
        Self { category: refused.category, code: refused.code, message: refused.message }
    }
}

impl Refusal {
    /// The mapping writes none of the fields. That is configured so, and asks nobody.
    pub(super) fn not_written() -> Self {
        Self {
            category: SyncErrorCategory::Schema,
            code: "READ_ONLY_FIELD".to_owned(),
            message:
                "the mapping writes none of these fields; let it, or take the system out of their `write_to`"
                    .to_owned(),
        }
    }

    /// Somebody changed the field in the system after a person here had asked for another value.
    pub(super) fn moved() -> Self {
        Self {
            category: SyncErrorCategory::Conflict,
            code: "FIELD_MOVED".to_owned(),
            message:
                "the system has another value since this one was asked for; send it again to overwrite that"
                    .to_owned(),
        }
    }

    /// It was made, and is looked for by our key.
    pub(super) fn not_read_back() -> Self {
        Self {
            category: SyncErrorCategory::Transport,
            code: "NOT_READ_BACK".to_owned(),
            message: "the record was made, but could not be read back yet".to_owned(),
        }
    }
}

/// What an answer means, and whether there is any use in sending more.
pub(super) fn of(answer: std::result::Result<Answer, ConnectorError>) -> (Outcome, Option<ConnectorError>) {
    let error = match answer {
        Ok(answer) => return (Outcome::Accepted(Box::new(answer)), None),
        Err(error) => error,
    };
    let said = Refusal::from(&error);
    match (&error, error.recovery()) {
        (ConnectorError::Conflict { .. }, _) => (Outcome::Overtaken, None),
        (ConnectorError::Locked { .. }, _) => (Outcome::Later(said, None), None),
        (
            ConnectorError::Unreachable { .. }
            | ConnectorError::Garbled { .. }
            | ConnectorError::Unavailable { .. },
            _,
        ) => (Outcome::Unknown(said), Some(error)),
        (_, Recovery::SkipRecord) => (Outcome::Refused(said), None),
        (_, Recovery::RetryAfter(pause)) => {
            (Outcome::Later(said, TimeDelta::from_std(pause).ok()), Some(error))
        }
        _ => (Outcome::Later(said, Some(LONGEST_PAUSE)), Some(error)),
    }
}

/// What the answer about one record of many means.
pub(super) fn of_one(answer: std::result::Result<Answer, WriteRefusal>) -> Outcome {
    let refused = match answer {
        Ok(answer) => return Outcome::Accepted(Box::new(answer)),
        Err(refused) => refused,
    };
    let remedy = refused.remedy;
    let said = Refusal::from(refused);
    match remedy {
        Remedy::Decide => Outcome::Refused(said),
        Remedy::Rebase => Outcome::Overtaken,
        Remedy::Again(pause) => Outcome::Later(said, TimeDelta::from_std(pause).ok()),
        Remedy::ReadBack => Outcome::Unknown(said),
    }
}
