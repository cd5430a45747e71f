//! One run of a source at a time, among all machines that share the cache.
//!
//! This only saves work: a run that starts nevertheless takes over, and the older one finds out in its next
//! transaction. So a cache that is down stops nobody.

use std::time::Duration;

use anyhow::anyhow;
use tokio::task::JoinHandle;

use crate::cli::Failure;
use crate::platform::cache::Cache;

/// How long a run that died keeps the others out.
const KEPT: Duration = Duration::from_secs(60);
/// How often a living run says so.
const RENEWED: Duration = Duration::from_secs(20);

/// The turn of one run; kept alive until it ends.
pub(super) struct Turn {
    keeper: Option<JoinHandle<()>>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Turn {
    /// Takes the turn, unless a run of this source is under way elsewhere.
    pub(super) async fn take(cache: &Cache, source: &str) -> Result<Self, Failure> {
        let (stop, mut stopped) = tokio::sync::watch::channel(false);
        let lease = match cache.try_lock(&format!("sync/{source}"), KEPT).await {
            Ok(Some(lease)) => lease,
            Ok(None) => {
                let error = anyhow!("a run of {source} is under way on another machine");
                return Err(Failure::failed(error).with_hint("see `gateway sync status`"));
            }
            Err(error) => {
                tracing::warn!(%error, "the cache is down: another run may start beside this one");
                return Ok(Self { keeper: None, stop });
            }
        };
        let keeper = tokio::spawn(async move {
            while tokio::time::timeout(RENEWED, stopped.changed()).await.is_err() {
                if !matches!(lease.renew(KEPT).await, Ok(true)) {
                    tracing::warn!("the turn of this run was lost: another run may start beside it");
                    return;
                }
            }
            let _ = lease.release().await;
        });
        Ok(Self { keeper: Some(keeper), stop })
    }

    /// Gives the turn to the next run.
    pub(super) async fn end(self) {
        let _ = self.stop.send(true);
        if let Some(keeper) = self.keeper {
            let _ = keeper.await;
        }
    }
}
