//! Now, and new ids: the only place that asks the machine for them.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

/// Tells the time and makes ids that are ordered by it.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    Machine,
    Set(Arc<Mutex<DateTime<Utc>>>),
}

static IDS: Mutex<Option<ContextV7>> = Mutex::new(None);

impl Clock {
    /// A clock that stands still until it is told otherwise.
    pub fn standing_at(now: DateTime<Utc>) -> Self {
        Self(Source::Set(Arc::new(Mutex::new(now))))
    }

    /// Lets time pass on a standing clock. Does nothing to the machine's.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Set(now) = &self.0 {
            *now.lock().expect("no holder panics") += by;
        }
    }

    /// Now, in whole microseconds: what both databases can keep.
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.0 {
            Source::Machine => Utc::now(),
            Source::Set(now) => *now.lock().expect("no holder panics"),
        };
        now.duration_trunc(TimeDelta::microseconds(1)).expect("this century fits in nanoseconds")
    }

    /// A new id, greater than those made before it in this process.
    pub fn new_id<Id: From<Uuid>>(&self) -> Id {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let mut ids = IDS.lock().expect("no holder panics");
        let context = ids.get_or_insert_with(ContextV7::new);
        Id::from(Uuid::new_v7(Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_while_the_clock_stands() {
        let clock = Clock::standing_at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        let ids: Vec<Uuid> = (0..1_000).map(|_| clock.new_id()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn time_passes_when_told() {
        let clock = Clock::standing_at(DateTime::UNIX_EPOCH);
        clock.advance(TimeDelta::hours(1));
        assert_eq!(clock.now().timestamp(), 3_600);
    }
}
