//! One turn of a job: with the lease of its name, and whatever happens, without harm to the next turn.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use tracing::Instrument as _;

use super::Job;
use crate::platform::cache::{Cache, Lease};

/// What a replica that died holds up the others at most.
const LEASE: Duration = Duration::from_secs(60);

/// Gives the job one turn, unless another replica is at it.
pub(super) async fn take(job: &Job, cache: &Cache) {
    match cache.try_lock(&format!("jobs/{}", job.name), LEASE).await {
        Ok(None) => tracing::debug!(job = %job.name, "another replica is at it"),
        Ok(Some(lease)) => {
            tokio::select! {
                () = attempt(job).instrument(span(job)) => {}
                never = hold(&lease) => match never {},
            }
            if let Err(error) = lease.release().await {
                tracing::debug!(job = %job.name, %error, "the lease ends by itself");
            }
        }
        Err(error) => {
            tracing::debug!(job = %job.name, %error, "done without a lease");
            attempt(job).instrument(span(job)).await;
        }
    }
}

/// Each turn is a trace of its own.
fn span(job: &Job) -> tracing::Span {
    tracing::info_span!("job", otel.name = job.name)
}

/// Holds the lease for as long as the turn takes. When it is lost, both replicas go on: jobs are safe.
async fn hold(lease: &Lease) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        // Whether it was renewed makes no difference to a turn under way.
        let _ = lease.renew(LEASE).await;
    }
}

/// Runs the job once. A failure, even a panic, is logged here and forgotten: the next turn tries again.
async fn attempt(job: &Job) {
    match AssertUnwindSafe(async { (job.run)().await }).catch_unwind().await {
        Ok(Ok(())) => tracing::debug!(job = %job.name, "done"),
        Ok(Err(error)) => {
            let cause = error.cause().map_or_else(|| error.to_string(), |it| format!("{it:#}"));
            tracing::error!(job = %job.name, cause, "a job failed; its next turn tries again");
        }
        Err(_) => tracing::error!(job = %job.name, "a job panicked; its next turn tries again"),
    }
}
