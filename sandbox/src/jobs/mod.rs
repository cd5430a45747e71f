//! Bulk jobs: what they were asked, how far they are, and how long they are kept.
//!
//! Here: the jobs of this org and their states. Not here: how they are spoken of over HTTP (`rest::jobs`).

mod ingest;
mod query;

use std::collections::BTreeMap;

use crate::org::record_id::{self, RecordId};
use crate::rest::error::{ApiError, Code};

pub(crate) use ingest::{IngestJob, Operation, RowOutcome};
pub(crate) use query::QueryJob;

/// The vendor keeps results for seven days.
const LIFETIME_SECONDS: i64 = 7 * 86_400;
/// The oldest are forgotten beyond these.
const MOST_JOBS: usize = 200;

/// All jobs, by a serial number that both kinds share.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    queries: BTreeMap<u32, QueryJob>,
    ingests: BTreeMap<u32, IngestJob>,
    last: u32,
    /// How many times a client has to ask before a job is done.
    pub(crate) polls: Polls,
}

/// How many times a job says that it is under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Polls(pub(crate) u32);

impl Default for Polls {
    fn default() -> Polls {
        Polls(1)
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobState {
    /// An ingest job that still takes data.
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

impl JobState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            JobState::Open => "Open",
            JobState::UploadComplete => "UploadComplete",
            JobState::InProgress => "InProgress",
            JobState::JobComplete => "JobComplete",
            JobState::Failed => "Failed",
            JobState::Aborted => "Aborted",
        }
    }

    pub(crate) fn is_final(self) -> bool {
        matches!(self, JobState::JobComplete | JobState::Failed | JobState::Aborted)
    }
}

/// Who made a job, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Birth {
    pub(crate) number: u32,
    pub(crate) by: RecordId,
    /// Seconds since 1970.
    pub(crate) at: i64,
}

impl Birth {
    /// The id as clients see it.
    pub(crate) fn id(self) -> String {
        record_id::foreign("750", self.number)
    }
}

impl Jobs {
    /// A number for a new job; jobs past their time are forgotten.
    pub(crate) fn next(&mut self, by: RecordId, now: i64) -> Birth {
        self.queries.retain(|_, it| now < it.birth.at + LIFETIME_SECONDS);
        self.ingests.retain(|_, it| now < it.birth.at + LIFETIME_SECONDS);
        while self.queries.len() >= MOST_JOBS {
            self.queries.pop_first();
        }
        while self.ingests.len() >= MOST_JOBS {
            self.ingests.pop_first();
        }
        self.last += 1;
        Birth { number: self.last, by, at: now }
    }

    pub(crate) fn keep_query(&mut self, job: QueryJob) {
        self.queries.insert(job.birth.number, job);
    }

    pub(crate) fn keep_ingest(&mut self, job: IngestJob) {
        self.ingests.insert(job.birth.number, job);
    }

    pub(crate) fn query(&mut self, id: &str, now: i64) -> Result<&mut QueryJob, ApiError> {
        let is_it = |it: &&mut QueryJob| it.birth.id() == id && now < it.birth.at + LIFETIME_SECONDS;
        self.queries.values_mut().find(is_it).ok_or_else(ApiError::not_found)
    }

    pub(crate) fn ingest(&mut self, id: &str, now: i64) -> Result<&mut IngestJob, ApiError> {
        let is_it = |it: &&mut IngestJob| it.birth.id() == id && now < it.birth.at + LIFETIME_SECONDS;
        self.ingests.values_mut().find(is_it).ok_or_else(ApiError::not_found)
    }

    /// Forgets a job that is over.
    pub(crate) fn forget(&mut self, id: &str) -> Result<(), ApiError> {
        let is_over = |birth: Birth, state: JobState| birth.id() == id && state.is_final();
        let before = self.queries.len() + self.ingests.len();
        let exists = self.queries.values().any(|it| it.birth.id() == id)
            || self.ingests.values().any(|it| it.birth.id() == id);
        self.queries.retain(|_, it| !is_over(it.birth, it.state));
        self.ingests.retain(|_, it| !is_over(it.birth, it.state));
        match (exists, before == self.queries.len() + self.ingests.len()) {
            (false, _) => Err(ApiError::not_found()),
            (true, true) => Err(wrong_state("the job is still under way; abort it first")),
            (true, false) => Ok(()),
        }
    }

    pub(crate) fn count_queries(&self) -> u64 {
        self.queries.len() as u64
    }
}

pub(crate) fn wrong_state(message: &str) -> ApiError {
    ApiError::new(Code::InvalidJobState, message)
}
