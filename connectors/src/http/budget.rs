//! Staying inside a CRM's allowance of requests.
//!
//! Here: the last reading of the allowance, and our share of it. Not here: how a CRM tells it (its folder).

use std::sync::Mutex;

use tokio::time::Instant;

use crate::connector::ApiBudget;
use crate::error::ConnectorError;
use crate::recovery::BUDGET_PAUSE;

/// Guards the allowance: others in the company need it too.
#[derive(Debug)]
pub(crate) struct BudgetGuard {
    reserve_percent: u8,
    reading: Mutex<Option<(ApiBudget, Instant)>>,
}

impl BudgetGuard {
    /// Stops when no more than this share of the allowance is left, whoever used the rest.
    pub(crate) fn leaving(reserve_percent: u8) -> Self {
        Self { reserve_percent, reading: Mutex::new(None) }
    }

    /// Takes note of what the CRM told.
    pub(crate) fn note(&self, budget: ApiBudget) {
        *self.reading() = Some((budget, Instant::now()));
    }

    /// What the CRM told last.
    pub(crate) fn last(&self) -> Option<ApiBudget> {
        self.reading().map(|(budget, _)| budget)
    }

    /// Refuses a request that would go beyond our share. A refusal ages: the window rolls on without us, so
    /// one request after the pause reads the allowance anew.
    pub(crate) fn admit(&self) -> Result<(), ConnectorError> {
        let mut reading = self.reading();
        let Some((budget, read_at)) = *reading else { return Ok(()) };
        let share = u128::from(budget.limit) * u128::from(100 - self.reserve_percent.min(100)) / 100;
        if u128::from(budget.used) < share || budget.limit == 0 {
            return Ok(());
        }
        if read_at.elapsed() < BUDGET_PAUSE {
            return Err(ConnectorError::BudgetSpent { used: budget.used, limit: budget.limit });
        }
        *reading = Some((budget, Instant::now()));
        Ok(())
    }

    fn reading(&self) -> std::sync::MutexGuard<'_, Option<(ApiBudget, Instant)>> {
        self.reading.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn our_share_ends_before_the_allowance_does() {
        let guard = BudgetGuard::leaving(20);
        assert!(guard.admit().is_ok());
        guard.note(ApiBudget { used: 79, limit: 100 });
        assert!(guard.admit().is_ok());
        guard.note(ApiBudget { used: 80, limit: 100 });
        assert!(matches!(guard.admit(), Err(ConnectorError::BudgetSpent { used: 80, limit: 100 })));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_pause_one_request_asks_again() {
        let guard = BudgetGuard::leaving(20);
        guard.note(ApiBudget { used: 100, limit: 100 });
        tokio::time::advance(BUDGET_PAUSE).await;
        assert!(guard.admit().is_ok());
        assert!(guard.admit().is_err());
    }
}
