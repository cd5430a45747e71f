//! How many requests are under way at once: more while the CRM keeps up, half as soon as it complains.
//!
//! Here: permits, halving, growing. Not here: what a complaint is (`recovery`), how long to wait after one (`retry`).

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::connector::Priority;

/// Lets through as many requests as the CRM has shown to bear.
#[derive(Debug)]
pub(crate) struct Pace {
    most: f64,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    allowed: f64,
    in_flight: u32,
    /// Grows with each halving, so that requests that were under way together halve once.
    halvings: u64,
}

/// Leave to make one request.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    pace: &'a Pace,
    halvings: u64,
}

impl Pace {
    /// Never more than this at once.
    pub(crate) fn up_to(most: u32) -> Self {
        let most = f64::from(most.max(1));
        Self {
            most,
            state: Mutex::new(State { allowed: most, in_flight: 0, halvings: 0 }),
            freed: Notify::new(),
        }
    }

    /// Waits for its turn. An interactive request may go one above what is allowed: somebody is waiting, and a run
    /// must not keep them.
    pub(crate) async fn permit(&self, priority: Priority) -> Permit<'_> {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if let Some(permit) = self.try_permit(priority) {
                return permit;
            }
            freed.await;
        }
    }

    fn try_permit(&self, priority: Priority) -> Option<Permit<'_>> {
        let mut state = self.state();
        let extra = u32::from(priority == Priority::Interactive);
        if state.in_flight >= state.allowed as u32 + extra {
            return None;
        }
        state.in_flight += 1;
        Some(Permit { pace: self, halvings: state.halvings })
    }

    /// How many are allowed at once now, and how many are under way.
    pub(crate) fn reading(&self) -> (u32, u32) {
        let state = self.state();
        (state.allowed as u32, state.in_flight)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// The CRM answered in its own time: about one more at once after as many answers as are allowed now.
    pub(crate) fn went_well(&self) {
        let mut state = self.pace.state();
        state.allowed = (state.allowed + 1.0 / state.allowed).min(self.pace.most);
    }

    /// The CRM asked for less.
    pub(crate) fn was_too_much(&self) {
        let mut state = self.pace.state();
        if state.halvings == self.halvings {
            state.allowed = (state.allowed / 2.0).max(1.0);
            state.halvings += 1;
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.pace.state().in_flight -= 1;
        self.pace.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(pace: &Pace, priority: Priority) -> Vec<Permit<'_>> {
        std::iter::from_fn(|| pace.try_permit(priority)).collect()
    }

    #[test]
    fn a_complaint_halves_once_for_all_that_were_under_way() {
        let pace = Pace::up_to(8);
        let permits = granted(&pace, Priority::Background);
        assert_eq!(permits.len(), 8);
        permits.iter().for_each(Permit::was_too_much);
        drop(permits);
        assert_eq!(granted(&pace, Priority::Background).len(), 4);
    }

    #[test]
    fn it_grows_slowly_and_never_stands_still() {
        let pace = Pace::up_to(8);
        for _ in 0..9 {
            pace.try_permit(Priority::Background).unwrap().was_too_much();
        }
        assert_eq!(pace.reading(), (1, 0));
        let answers = std::iter::repeat_with(|| pace.try_permit(Priority::Background).unwrap().went_well());
        assert!(answers.take(40).count() == 40 && pace.reading().0 == 8);
    }

    #[test]
    fn somebody_who_waits_goes_one_above() {
        let pace = Pace::up_to(2);
        let background = granted(&pace, Priority::Background);
        assert_eq!((background.len(), granted(&pace, Priority::Interactive).len()), (2, 1));
    }
}
