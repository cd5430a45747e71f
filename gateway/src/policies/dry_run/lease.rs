//! The lease of whoever does a dry run: it says all the time that it lives, whatever its work is busy with.
//!
//! The renewal is a task of its own: reading and grouping all records of a kind takes longer than a lease lasts, and tells
//! nothing meanwhile.

use std::time::Duration;

use chrono::TimeDelta;
use domain::ids::PolicyDryRunId;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::store;
use crate::error::{Refusal, Result};
use crate::platform::clock::Clock;
use crate::platform::database::Database;

/// How long a holder that gives no sign of life is believed to live.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often a holder gives one: often enough to fail twice.
pub(super) const RENEW_EVERY: Duration = Duration::from_secs(15);

/// Somebody else does the run by now.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("another process has taken this dry run over")]
pub struct TakenOver;

impl Refusal for TakenOver {
    fn code(&self) -> &'static str {
        "DRY_RUN_TAKEN_OVER"
    }
}

/// Whose a run is.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) id: PolicyDryRunId,
    pub(super) holder: Uuid,
    pub(super) every: Duration,
}

impl Lease {
    /// Does the work while the lease holds. When somebody else has taken the run over, the work is dropped where it is.
    pub(super) async fn hold_for<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        // A store with one connection is busy with the snapshot; nobody else could take the run over.
        if !self.database.has_several_connections() {
            return work.await;
        }
        let mut renewal = Renewal(tokio::spawn(self.clone().renew()));
        tokio::select! {
            found = work => found,
            lost = &mut renewal.0 => Err(lost.map_or_else(crate::error::Error::internal, Into::into)),
        }
    }

    /// Renews the lease until it is lost.
    async fn renew(self) -> TakenOver {
        let mut ticks = interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let until = self.clock.now() + LEASE;
            match store::renew(self.database.read(), (self.id, self.holder), until).await {
                Ok(true) => {}
                Ok(false) => return TakenOver,
                // The next one may succeed before the lease is over; if none does, another process takes the run.
                Err(error) => tracing::warn!(%error, dry_run.id = %self.id, "a lease was not renewed"),
            }
        }
    }
}

/// Ends with whoever waits for it.
struct Renewal(JoinHandle<TakenOver>);

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.abort();
    }
}
