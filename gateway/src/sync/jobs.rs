//! What happens to each source without anyone asking: its schedule, what it pushed, records whose next attempt is due, and
//! what it is to be told. Each is a job of its own: a source that is away holds up nobody but itself.

use std::sync::Arc;
use std::time::Duration;

use super::outbound::sender::Sender;
use super::run::{SyncFailure, SyncJob};
use super::sources::ConfiguredSource;
use super::{retries, schedule, webhooks};
use crate::error::Result;
use crate::platform::jobs::{Job, Stop};

/// How late a scheduled run begins at most, about.
const LOOK_AT_SCHEDULE_EVERY: Duration = Duration::from_secs(5);
/// How late a record is tried again at most, about.
const LOOK_AT_FAILURES_EVERY: Duration = Duration::from_secs(5);

/// How long a change waits to be written back, at most about.
const LOOK_AT_OUTBOX_EVERY: Duration = Duration::from_secs(5);
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
    if source.write_back {
        let sender = sender_to(&job);
        jobs.push(Job::new(format!("sync.write_back/{}", source.name), LOOK_AT_OUTBOX_EVERY, move || {
            let sender = sender.clone();
            async move { attempted(sender.send_all(&|_| {}).await.map(drop)) }
        }));
    }
    if !source.webhook.secrets.is_empty() {
        let expected = source.pushes;
        jobs.push(Job::new(format!("sync.webhooks/{}", source.name), LOOK_AT_PUSHES_EVERY, move || {
            let job = job.clone();
            async move { attempted(webhooks::work(&job, expected).await) }
        }));
    }
    jobs
}

/// Who writes back to a source: over the connection that it is read by, for allowance, pace and circuit are those of the
/// connection.
pub fn sender_to(job: &SyncJob) -> Sender {
    Sender {
        database: job.database.clone(),
        mastering: job.mastering.clone(),
        cache: job.cache.clone(),
        connector: Arc::clone(&job.connector),
    }
}

/// What the source said is in the log of its run; only our own failures are failures of the job.
fn attempted(outcome: std::result::Result<(), SyncFailure>) -> Result<()> {
    match outcome {
        Ok(()) => Ok(()),
        Err(SyncFailure::Store(error)) => Err(error),
        Err(failure) => {
            tracing::warn!(%failure, "a source did not do what was due; the next turn tries again");
            Ok(())
        }
    }
}
