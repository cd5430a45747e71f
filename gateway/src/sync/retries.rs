//! Records that failed and whose next attempt is due, between runs.

use domain::fields::RecordKind;

use super::failures::{self, Place};
use super::run::{SyncFailure, SyncJob, fetch_named};

/// Tries the records of a source again whose time has come. One that fails again waits longer; what
/// stands in the way of a whole kind, such as a missing permission, keeps the others from nothing.
pub async fn retry_due(job: &SyncJob) -> Result<(), SyncFailure> {
    let mut first_failure = None;
    for kind in job.connector.kinds() {
        match retry_kind(job, kind).await {
            Err(failure) if failure.leaves_other_objects() => drop(first_failure.get_or_insert(failure)),
            outcome => outcome?,
        }
    }
    first_failure.map_or(Ok(()), Err)
}

async fn retry_kind(job: &SyncJob, kind: RecordKind) -> Result<(), SyncFailure> {
    let object = job.connector.object(kind)?.to_owned();
    let system = job.connector.system().clone();
    let place = Place { run: job.mastering.clock.new_id(), system, object };
    let now = job.mastering.clock.now();
    let ids = failures::to_retry(job.database.read(), &place, now).await?;
    if ids.is_empty() {
        return Ok(());
    }
    fetch_named(job, kind, &ids).await.map(drop)
}
