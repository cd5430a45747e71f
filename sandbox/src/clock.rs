//! The org's clock: the machine's time, shifted by the admin, never going back.
//!
//! Here: the only place of this crate that asks the machine. Not here: who stamps what (`org`).

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// Milliseconds since 1970 behind each reading; `latest` makes readings monotone.
#[derive(Debug)]
pub(crate) struct Clock {
    /// A frozen clock stands here and moves only by `advance`.
    frozen_at: Option<i64>,
    shift: AtomicI64,
    latest: AtomicI64,
}

impl Clock {
    /// A running clock, or one that stands at `frozen_at` until the admin advances it.
    pub(crate) fn new(frozen_at: Option<DateTime<Utc>>) -> Clock {
        let frozen_at = frozen_at.map(|it| it.timestamp_millis());
        Clock { frozen_at, shift: AtomicI64::new(0), latest: AtomicI64::new(i64::MIN) }
    }

    /// Milliseconds since 1970.
    pub(crate) fn millis(&self) -> i64 {
        let now =
            self.frozen_at.unwrap_or_else(machine_millis).saturating_add(self.shift.load(Ordering::Relaxed));
        self.latest.fetch_max(now, Ordering::Relaxed).max(now)
    }

    /// Whole seconds since 1970, as system stamps are kept.
    pub(crate) fn seconds(&self) -> i64 {
        self.millis().div_euclid(1000)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.millis()).unwrap_or_default()
    }

    /// Moves time forward. A negative length is ignored: this clock never goes back.
    pub(crate) fn advance(&self, millis: i64) {
        self.shift.fetch_add(millis.max(0), Ordering::Relaxed);
    }

    /// Nothing this clock says from now on is earlier than `seconds`.
    pub(crate) fn not_before(&self, seconds: i64) {
        self.advance(seconds.saturating_mul(1000).saturating_sub(self.millis()));
    }
}

#[expect(clippy::disallowed_methods, reason = "the stand-in org owns its clock; this is its one reading")]
fn machine_millis() -> i64 {
    Utc::now().timestamp_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let clock = Clock::new(DateTime::from_timestamp(1_000, 0));
        assert_eq!(clock.seconds(), 1_000);
        clock.advance(2_500);
        assert_eq!(clock.millis(), 1_002_500);
        clock.advance(-9_000);
        assert_eq!(clock.millis(), 1_002_500);
    }

    #[test]
    fn seeded_stamps_are_never_in_the_future() {
        let clock = Clock::new(DateTime::from_timestamp(1_000, 0));
        clock.not_before(5_000);
        assert_eq!(clock.seconds(), 5_000);
        clock.advance(1_000);
        assert_eq!(clock.seconds(), 5_001);
    }
}
