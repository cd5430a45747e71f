//! What happens to each source without anyone asking: its schedule, what it pushed, and records
//! whose next attempt is due.

use std::time::Duration;

use super::run::{SyncFailure, SyncJob};
use super::sources::ConfiguredSource;
use super::{retries, schedule, webhooks};
use crate::error::Result;
use crate::platform::jobs::{Job, Stop};

/// How late a scheduled run begins at most, about.
const LOOK_AT_SCHEDULE_EVERY: Duration = Duration::from_secs(5);
/// How late a record is tried again at most, about.
const LOOK_AT_FAILURES_EVERY: Duration = Duration::from_secs(5);

/// How late what was pushed is fetched at most, about.
const LOOK_AT_PUSHES_EVERY: Duration = Duration::from_secs(1);

/// The jobs of a source.
pub fn of_source(source: &ConfiguredSource, stop: &Stop) -> Vec<Job> {
    let job = SyncJob { stop: stop.clone(), ..source.job.clone() };
    let mut jobs = Vec::new();
    if !source.schedule.is_empty() {
        let (job, lines) = (job.clone(), source.schedule.clone());
        jobs.push(Job::new(format!("sync.schedule/{}", source.name), LOOK_AT_SCHEDULE_EVERY, move || {
            let (job, lines) = (job.clone(), lines.clone());
            async move { attempted(schedule::run_due(&job, &lines).await) }
        }));
    }
    let retried = job.clone();
    jobs.push(Job::new(format!("sync.retries/{}", source.name), LOOK_AT_FAILURES_EVERY, move || {
        let job = retried.clone();
        async move { attempted(retries::retry_due(&job).await) }
    }));
    if !source.webhook.secrets.is_empty() {
        jobs.push(Job::new(format!("sync.webhooks/{}", source.name), LOOK_AT_PUSHES_EVERY, move || {
            let job = job.clone();
            async move { attempted(webhooks::work(&job).await) }
        }));
    }
    jobs
}

/// What the source said is in the log of its run; only our own failures are failures of the job.
fn attempted(outcome: std::result::Result<(), SyncFailure>) -> Result<()> {
    match outcome {
        Ok(()) => Ok(()),
        Err(SyncFailure::Store(error)) => Err(error),
        Err(failure) => {
            tracing::warn!(%failure, "a source was not read; the next turn tries again");
            Ok(())
        }
    }
}
