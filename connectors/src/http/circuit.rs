//! Leaving a CRM alone that is down.
//!
//! Here: failures in a row, the pause they bring, and the one request that tries whether it is back.
//! Not here: what a failure is (`recovery`), pauses between the attempts of one request (`retry`).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::connector::Circuit;
use crate::error::ConnectorError;

/// When a connection is given up, and for how long.
#[derive(Debug, Clone)]
pub struct CircuitPolicy {
    /// Failures in a row after which nothing is sent any more.
    pub failures: u32,
    /// The first pause; each one after a failed trial is twice as long.
    pub pause: Duration,
    /// The longest pause of our own choice. The CRM may ask for more.
    pub longest_pause: Duration,
}

impl Default for CircuitPolicy {
    fn default() -> Self {
        Self { failures: 10, pause: Duration::from_secs(30), longest_pause: Duration::from_secs(600) }
    }
}

/// Closed while the CRM answers; open while it is left alone; half open while one request tries.
#[derive(Debug)]
pub(crate) struct Breaker {
    policy: CircuitPolicy,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Pauses in a row.
    pauses: u32,
    open_until: Option<Instant>,
    /// The trial is under way until then; one that never comes back does not keep the circuit open for ever.
    trial_until: Option<Instant>,
}

/// The longest a trial may take before another one is let through.
const LONGEST_TRIAL: Duration = Duration::from_secs(150);

impl Breaker {
    pub(crate) fn new(policy: CircuitPolicy) -> Self {
        Self { policy, state: Mutex::default() }
    }

    /// Lets a request through, or tells when to come back.
    pub(crate) fn admit(&self) -> Result<(), ConnectorError> {
        let mut state = self.state();
        let Some(until) = state.open_until else { return Ok(()) };
        let now = Instant::now();
        if now < until {
            return Err(ConnectorError::CircuitOpen { retry_after: until - now });
        }
        match state.trial_until.filter(|it| now < *it) {
            Some(until) => Err(ConnectorError::CircuitOpen { retry_after: until - now }),
            None => {
                state.trial_until = Some(now + LONGEST_TRIAL);
                Ok(())
            }
        }
    }

    /// The CRM answered, be it with a refusal.
    pub(crate) fn answered(&self) {
        let mut state = self.state();
        if state.open_until.is_some() {
            tracing::info!("the CRM answers again");
        }
        *state = State::default();
    }

    /// The CRM did not answer, or not as itself.
    pub(crate) fn failed(&self, asked_pause: Option<Duration>) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        let is_trial = state.trial_until.take().is_some();
        if !is_trial && (state.open_until.is_some() || state.failures < self.policy.failures) {
            return;
        }
        let doubled = self.policy.pause.saturating_mul(1 << state.pauses.min(16));
        let pause = doubled.min(self.policy.longest_pause).max(asked_pause.unwrap_or_default());
        state.pauses += 1;
        state.open_until = Some(Instant::now() + pause);
        tracing::warn!(
            failures = state.failures,
            pause_s = pause.as_secs(),
            "the CRM is left alone for a while"
        );
    }

    /// How it stands.
    pub(crate) fn reading(&self) -> Circuit {
        let state = self.state();
        match state.open_until.map(|it| it.saturating_duration_since(Instant::now())) {
            None => Circuit::Closed { failures: state.failures },
            Some(left) if left.is_zero() => Circuit::HalfOpen,
            Some(left) => Circuit::Open { retry_after: left },
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> Breaker {
        let breaker = Breaker::new(CircuitPolicy { failures: 3, ..CircuitPolicy::default() });
        for failures in 0..3 {
            assert_eq!(breaker.reading(), Circuit::Closed { failures });
            breaker.admit().unwrap();
            breaker.failed(None);
        }
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it_and_one_trial_closes_it() {
        let breaker = broken();
        assert_eq!(breaker.reading(), Circuit::Open { retry_after: Duration::from_secs(30) });
        assert!(breaker.admit().is_err());
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(breaker.reading(), Circuit::HalfOpen);
        breaker.admit().unwrap();
        assert!(breaker.admit().is_err(), "one trial at a time");
        breaker.answered();
        assert_eq!(breaker.reading(), Circuit::Closed { failures: 0 });
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_trial_opens_it_for_longer() {
        let breaker = broken();
        tokio::time::advance(Duration::from_secs(30)).await;
        breaker.admit().unwrap();
        breaker.failed(None);
        assert_eq!(breaker.reading(), Circuit::Open { retry_after: Duration::from_secs(60) });
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_forgets_the_failures_and_the_crm_may_ask_for_more() {
        let breaker = Breaker::new(CircuitPolicy { failures: 2, ..CircuitPolicy::default() });
        breaker.failed(None);
        breaker.answered();
        breaker.failed(None);
        breaker.failed(Some(Duration::from_secs(3_600)));
        assert_eq!(breaker.reading(), Circuit::Open { retry_after: Duration::from_secs(3_600) });
    }
}
