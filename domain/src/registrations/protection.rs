//! The protection window: while it runs, nobody else may take the deal.

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::RegistrationRefusal;
use crate::calendar::{date_in_tokyo, start_of_day};
use crate::lifecycle::RegistrationWindows;

/// A half-open interval: protected from its first instant, free again at `expires_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Protection {
    /// The priority time.
    pub protected_from: DateTime<Utc>,
    /// Midnight in Asia/Tokyo after the last protected day.
    pub expires_at: DateTime<Utc>,
    /// How often it has been extended.
    pub extensions: u32,
}

impl Protection {
    /// Protection until the end of the `days`-th day after the day of approval (domain model, section 5.1).
    pub fn granted(protected_from: DateTime<Utc>, approved_at: DateTime<Utc>, days: u32) -> Self {
        let free = date_in_tokyo(approved_at) + Days::new(u64::from(days) + 1);
        Self { protected_from, expires_at: start_of_day(free), extensions: 0 }
    }

    /// Whether it still runs.
    pub fn runs_at(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }

    /// More time, for a deal that somebody is working on.
    pub fn extended(
        &self,
        last_activity_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        windows: &RegistrationWindows,
    ) -> Result<Self, RegistrationRefusal> {
        if !self.runs_at(now) {
            return Err(RegistrationRefusal::ExtensionAfterExpiry { expires_at: self.expires_at });
        }
        if self.extensions >= windows.largest_extensions {
            return Err(RegistrationRefusal::ExtensionLimit { largest: windows.largest_extensions });
        }
        let recent = now - TimeDelta::days(windows.activity_days.into())..=now;
        if !last_activity_at.is_some_and(|it| recent.contains(&it)) {
            return Err(RegistrationRefusal::ExtensionWithoutActivity { days: windows.activity_days });
        }
        let expires_at = self.expires_at + TimeDelta::days(windows.extension_days.into());
        Ok(Self { expires_at, extensions: self.extensions + 1, ..*self })
    }

    /// When its partner is warned, earliest first.
    pub fn warnings(&self, windows: &RegistrationWindows) -> Vec<DateTime<Utc>> {
        let days = windows.warning_days.iter();
        let mut instants: Vec<_> = days.map(|it| self.expires_at - TimeDelta::days((*it).into())).collect();
        instants.sort_unstable();
        instants
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::LifecyclePolicy;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn granted() -> Protection {
        Protection::granted(at("2026-04-06T10:00:00+09:00"), at("2026-04-10T14:00:00+09:00"), 90)
    }

    #[test]
    fn the_ninetieth_day_is_the_last() {
        assert_eq!(granted().expires_at, at("2026-07-10T00:00:00+09:00"));
        assert!(granted().runs_at(at("2026-07-09T23:59:59+09:00")));
        assert!(!granted().runs_at(at("2026-07-10T00:00:00+09:00")));
    }

    #[test]
    fn two_extensions_add_thirty_days_each_and_a_third_is_refused() {
        let windows = LifecyclePolicy::default().registrations;
        let now = at("2026-07-01T09:00:00+09:00");
        let once = granted().extended(Some(now), now, &windows).unwrap();
        let twice = once.extended(Some(now), now, &windows).unwrap();
        assert_eq!(twice.expires_at, at("2026-09-08T00:00:00+09:00"));
        let refusal = twice.extended(Some(now), now, &windows);
        assert_eq!(refusal, Err(RegistrationRefusal::ExtensionLimit { largest: 2 }));
    }

    #[test]
    fn an_extension_needs_recent_activity_and_time_left() {
        let windows = LifecyclePolicy::default().registrations;
        let now = at("2026-07-01T09:00:00+09:00");
        for activity in [None, Some(now - TimeDelta::days(31)), Some(now + TimeDelta::days(1))] {
            let refusal = granted().extended(activity, now, &windows);
            assert_eq!(refusal, Err(RegistrationRefusal::ExtensionWithoutActivity { days: 30 }));
        }
        let late = at("2026-07-10T00:00:00+09:00");
        let refusal = granted().extended(Some(late), late, &windows);
        assert_eq!(refusal, Err(RegistrationRefusal::ExtensionAfterExpiry { expires_at: late }));
    }

    #[test]
    fn the_partner_is_warned_fourteen_and_three_days_before() {
        let warnings = granted().warnings(&LifecyclePolicy::default().registrations);
        assert_eq!(warnings, [at("2026-06-26T00:00:00+09:00"), at("2026-07-07T00:00:00+09:00")]);
    }
}
