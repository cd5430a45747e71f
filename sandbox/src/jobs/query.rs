//! A bulk query: its rows are fixed when it is made, their values are read when a page is fetched.

use std::sync::Arc;

use super::{Birth, JobState, Polls, wrong_state};
use crate::rest::error::ApiError;
use crate::soql::Plan;
use crate::soql::csv::{Dialect, Sheet};

/// A query whose results are files.
#[derive(Debug)]
pub(crate) struct QueryJob {
    pub(crate) birth: Birth,
    pub(crate) operation: &'static str,
    pub(crate) delimiter_name: &'static str,
    pub(crate) line_end_name: &'static str,
    pub(crate) dialect: Dialect,
    pub(crate) plan: Arc<Plan>,
    pub(crate) sheet: Arc<Sheet>,
    pub(crate) numbers: Arc<[u32]>,
    pub(crate) state: JobState,
    /// Why it failed.
    pub(crate) error: Option<String>,
    /// Questions left until it is done.
    pub(crate) polls: Polls,
    /// Whether it ends in a failure instead of results.
    pub(crate) is_doomed: bool,
}

impl QueryJob {
    /// A client asks how far it is: that is what moves it on.
    pub(crate) fn ask(&mut self) {
        if self.state.is_final() {
            return;
        }
        if self.polls.0 > 0 {
            self.polls.0 -= 1;
            self.state = JobState::InProgress;
            return;
        }
        match self.is_doomed {
            true => {
                self.state = JobState::Failed;
                self.error = Some("QUERY_TIMEOUT: Your query request was running for too long.".to_owned());
            }
            false => self.state = JobState::JobComplete,
        }
    }

    pub(crate) fn abort(&mut self) -> Result<(), ApiError> {
        if self.state.is_final() {
            return Err(wrong_state("Aborting already Completed Job not allowed"));
        }
        self.state = JobState::Aborted;
        Ok(())
    }

    /// Results exist only when all of it is done.
    pub(crate) fn results(&self) -> Result<(), ApiError> {
        match self.state {
            JobState::JobComplete => Ok(()),
            state => Err(wrong_state(&format!("Job is not completed; its state is {}", state.name()))),
        }
    }
}
