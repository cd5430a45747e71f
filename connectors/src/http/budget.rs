//! Staying inside a CRM's allowance of requests.
//!
//! Here: the last reading of the allowance, and our share of it. Not here: how a CRM tells it (its folder).

use std::sync::Mutex;

use tokio::time::Instant;

use crate::connector::{ApiBudget, Priority};
use crate::error::ConnectorError;
use crate::recovery::BUDGET_PAUSE;

/// Guards the allowance: others in the company need it too, and people come before runs.
#[derive(Debug)]
pub(crate) struct BudgetGuard {
    /// Percent that is left to others.
    others: u8,
    /// Percent of the allowance that is kept for interactive requests.
    interactive: u8,
    reading: Mutex<Option<(ApiBudget, Instant)>>,
}

impl BudgetGuard {
    /// Stops when no more than the others' share is left, whoever used the rest; runs stop earlier.
    pub(crate) fn leaving(others: u8, interactive: u8) -> Self {
        Self { others, interactive, reading: Mutex::new(None) }
    }

    /// Takes note of what the CRM told.
    pub(crate) fn note(&self, budget: ApiBudget) {
        *self.reading() = Some((budget, Instant::now()));
    }

    /// What the CRM told last.
    pub(crate) fn last(&self) -> Option<ApiBudget> {
        self.reading().map(|(budget, _)| budget)
    }

    /// Whether runs have to wait.
    pub(crate) fn is_reserved(&self) -> bool {
        self.last().is_some_and(|it| it.limit > 0 && it.used >= self.share(it, Priority::Background))
    }

    /// Refuses a request that would go beyond our share. A refusal ages: the window rolls on without us, so
    /// one request after the pause reads the allowance anew.
    pub(crate) fn admit(&self, priority: Priority) -> Result<(), ConnectorError> {
        let mut reading = self.reading();
        let Some((budget, read_at)) = *reading else { return Ok(()) };
        if budget.used < self.share(budget, priority) || budget.limit == 0 {
            return Ok(());
        }
        if read_at.elapsed() < BUDGET_PAUSE {
            let ApiBudget { used, limit } = budget;
            return Err(match used < self.share(budget, Priority::Interactive) {
                true => ConnectorError::BudgetReserved { used, limit },
                false => ConnectorError::BudgetSpent { used, limit },
            });
        }
        *reading = Some((budget, Instant::now()));
        Ok(())
    }

    /// How many requests may have been used before this one.
    fn share(&self, budget: ApiBudget, priority: Priority) -> u64 {
        let kept = match priority {
            Priority::Interactive => self.others,
            Priority::Background => self.others.saturating_add(self.interactive),
        };
        let share = u128::from(budget.limit) * u128::from(100 - kept.min(100)) / 100;
        u64::try_from(share).unwrap_or(u64::MAX)
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
        let guard = BudgetGuard::leaving(20, 0);
        assert!(guard.admit(Priority::Background).is_ok());
        guard.note(ApiBudget { used: 79, limit: 100 });
        assert!(guard.admit(Priority::Background).is_ok());
        guard.note(ApiBudget { used: 80, limit: 100 });
        assert!(matches!(
            guard.admit(Priority::Background),
            Err(ConnectorError::BudgetSpent { used: 80, limit: 100 })
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_pause_one_request_asks_again() {
        let guard = BudgetGuard::leaving(20, 0);
        guard.note(ApiBudget { used: 100, limit: 100 });
        tokio::time::advance(BUDGET_PAUSE).await;
        assert!(guard.admit(Priority::Background).is_ok());
        assert!(guard.admit(Priority::Background).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_stops_before_people_have_to() {
        let guard = BudgetGuard::leaving(20, 10);
        guard.note(ApiBudget { used: 69, limit: 100 });
        assert!(guard.admit(Priority::Background).is_ok() && !guard.is_reserved());
        guard.note(ApiBudget { used: 70, limit: 100 });
        let refused = guard.admit(Priority::Background);
        assert!(matches!(refused, Err(ConnectorError::BudgetReserved { used: 70, limit: 100 })));
        assert!(guard.admit(Priority::Interactive).is_ok() && guard.is_reserved());
        guard.note(ApiBudget { used: 80, limit: 100 });
        assert!(matches!(guard.admit(Priority::Interactive), Err(ConnectorError::BudgetSpent { .. })));
    }
}
