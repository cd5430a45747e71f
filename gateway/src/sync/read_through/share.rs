//! How many records each partner may have fetched, hour by hour: every fetch is taken from the source's daily allowance.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

/// What was fetched for whom in the hour under way.
#[derive(Debug, Default)]
pub(super) struct Shares(Mutex<Hour>);

#[derive(Debug, Default)]
struct Hour {
    begins: DateTime<Utc>,
    used: HashMap<String, usize>,
}

impl Shares {
    /// Takes so many fetches for somebody, or as many as are left.
    pub(super) fn take(&self, who: &str, wanted: usize, per_hour: usize, now: DateTime<Utc>) -> usize {
        let mut hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        if hour.begins != begins {
            *hour = Hour { begins, used: HashMap::new() };
        }
        let used = hour.used.entry(who.to_owned()).or_default();
        let admitted = wanted.min(per_hour.saturating_sub(*used));
        *used += admitted;
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_used_up_until_the_next_hour() {
        let (shares, noon) = (Shares::default(), DateTime::UNIX_EPOCH);
        assert_eq!(shares.take("a", 3, 4, noon), 3);
        assert_eq!(shares.take("a", 3, 4, noon + TimeDelta::minutes(59)), 1);
        assert_eq!(shares.take("b", 3, 4, noon), 3, "everybody has a share");
        assert_eq!(shares.take("a", 3, 4, noon + TimeDelta::hours(1)), 3);
    }
}
