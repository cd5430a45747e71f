//! Trying again after transient failures.
//!
//! Here: how often, how long to wait, and when to stop. Not here: which failures are transient (`recovery`).

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::ConnectorError;

/// How transient failures are retried.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// Attempts in all; 1 never retries.
    pub attempts: u32,
    /// The first pause; each later one is twice as long.
    pub base: Duration,
    /// The longest pause of our own choice. The CRM may ask for more.
    pub max: Duration,
    /// The longest time for all attempts and pauses together.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 6,
            base: Duration::from_millis(500),
            max: Duration::from_secs(30),
            deadline: Duration::from_secs(300),
        }
    }
}

impl RetryPolicy {
    /// Starts counting attempts at one piece of work.
    pub(crate) fn start(&self) -> Backoff<'_> {
        Backoff { policy: self, failures: 0, started: Instant::now() }
    }
}

/// The attempts at one piece of work.
pub(crate) struct Backoff<'a> {
    policy: &'a RetryPolicy,
    failures: u32,
    started: Instant,
}

impl Backoff<'_> {
    /// Waits before the next attempt, or gives the error back when it is final or patience has ended.
    pub(crate) async fn after(&mut self, error: ConnectorError) -> Result<(), ConnectorError> {
        self.failures += 1;
        if !error.is_transient() || self.failures >= self.policy.attempts {
            return Err(error);
        }
        let pause = error.asked_pause().unwrap_or_default().max(self.own_pause());
        if self.started.elapsed() + pause > self.policy.deadline {
            return Err(error);
        }
        tracing::warn!(attempt = self.failures, pause_ms = pause.as_millis() as u64, %error, "trying again");
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Half of the doubled pause, and a random part of the other half: clients that failed together do not
    /// come back together.
    fn own_pause(&self) -> Duration {
        let doublings = (self.failures - 1).min(16);
        let pause = self.policy.base.saturating_mul(1 << doublings).min(self.policy.max);
        pause.mul_f64(0.5 + 0.5 * random_share())
    }
}

/// A number in 0..1. The keys of the standard hasher are random, and pauses need nothing better.
fn random_share() -> f64 {
    f64::from(RandomState::new().build_hasher().finish() as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out_of_order(retry_after: Option<Duration>) -> ConnectorError {
        ConnectorError::Unavailable { host: "crm".to_owned(), status: 503, retry_after }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_within_their_bounds() {
        let policy = RetryPolicy { attempts: 4, ..RetryPolicy::default() };
        let mut backoff = policy.start();
        for longest_ms in [500, 1_000, 2_000] {
            let before = Instant::now();
            backoff.after(out_of_order(None)).await.unwrap();
            let pause = before.elapsed().as_millis();
            assert!((longest_ms / 2..=longest_ms + 1).contains(&pause), "{pause} of {longest_ms}");
        }
        assert!(backoff.after(out_of_order(None)).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_crm_may_ask_for_more_but_not_for_more_than_our_patience() {
        let policy = RetryPolicy::default();
        let mut backoff = policy.start();
        let before = Instant::now();
        backoff.after(out_of_order(Some(Duration::from_secs(40)))).await.unwrap();
        assert!(before.elapsed() >= Duration::from_secs(40));
        assert!(backoff.after(out_of_order(Some(Duration::from_secs(3_600)))).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_final_failure_is_final() {
        let policy = RetryPolicy::default();
        assert!(policy.start().after(ConnectorError::CursorEnded).await.is_err());
    }
}
