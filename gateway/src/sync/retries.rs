//! Records that failed and whose next attempt is due, between runs.

use super::failures::{self, Place};
use super::run::{SyncFailure, SyncJob, fetch_named};

/// Tries the records of a source again whose time has come. One that fails again waits longer; what the source says to all
/// of them, such as that it is out of order, waits for the next turn.
pub async fn retry_due(job: &SyncJob) -> Result<(), SyncFailure> {
    for kind in job.connector.kinds() {
        let object = job.connector.object(kind)?.to_owned();
        let system = job.connector.system().clone();
        let place = Place { run: job.mastering.clock.new_id(), system, object };
        let now = job.mastering.clock.now();
        let ids = failures::to_retry(job.database.read(), &place, now).await?;
        if !ids.is_empty() {
            fetch_named(job, kind, &ids).await?;
        }
    }
    Ok(())
}
