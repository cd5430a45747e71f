//! A bulk write: a file that is taken, then worked off row by row.

use super::{Birth, JobState, Polls, wrong_state};
use crate::org::schema::Object;
use crate::rest::error::ApiError;
use crate::soql::csv::Dialect;

/// What is to be done with each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    Insert,
    Update,
    Delete,
    /// By this external id field.
    Upsert(String),
}

/// What became of one row.
#[derive(Debug)]
pub(crate) struct RowOutcome {
    /// The row as it was sent.
    pub(crate) cells: Vec<String>,
    /// Id, and whether it was created; or `CODE:message:fields --`.
    pub(crate) result: Result<(String, bool), String>,
}

/// A file of writes.
#[derive(Debug)]
pub(crate) struct IngestJob {
    pub(crate) birth: Birth,
    pub(crate) object: Object,
    pub(crate) operation: Operation,
    pub(crate) delimiter_name: &'static str,
    pub(crate) line_end_name: &'static str,
    pub(crate) dialect: Dialect,
    pub(crate) data: Option<Vec<u8>>,
    pub(crate) state: JobState,
    /// Why it failed as a whole.
    pub(crate) error: Option<String>,
    pub(crate) polls: Polls,
    pub(crate) columns: Vec<String>,
    pub(crate) outcomes: Vec<RowOutcome>,
}

impl Operation {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Operation::Insert => "insert",
            Operation::Update => "update",
            Operation::Delete => "delete",
            Operation::Upsert(_) => "upsert",
        }
    }
}

impl IngestJob {
    /// Takes the file, once.
    pub(crate) fn take(&mut self, data: Vec<u8>) -> Result<(), ApiError> {
        if self.state != JobState::Open || self.data.is_some() {
            return Err(wrong_state("a job takes its data once, while it is Open"));
        }
        self.data = Some(data);
        Ok(())
    }

    /// Ends the upload; hands out the file to be worked off.
    pub(crate) fn close(&mut self) -> Result<Vec<u8>, ApiError> {
        if self.state != JobState::Open {
            return Err(wrong_state("only an Open job can be closed"));
        }
        self.state = JobState::UploadComplete;
        Ok(self.data.take().unwrap_or_default())
    }

    pub(crate) fn abort(&mut self) -> Result<(), ApiError> {
        if self.state.is_final() {
            return Err(wrong_state("Aborting already Completed Job not allowed"));
        }
        self.state = JobState::Aborted;
        Ok(())
    }

    /// A client asks how far it is: that is what moves it on.
    pub(crate) fn ask(&mut self) {
        match (self.state, self.polls.0) {
            (JobState::UploadComplete | JobState::InProgress, 0) => {
                self.state = if self.error.is_some() { JobState::Failed } else { JobState::JobComplete };
            }
            (JobState::UploadComplete | JobState::InProgress, _) => {
                self.polls.0 -= 1;
                self.state = JobState::InProgress;
            }
            _ => {}
        }
    }

    pub(crate) fn count_failed(&self) -> usize {
        self.outcomes.iter().filter(|it| it.result.is_err()).count()
    }
}
