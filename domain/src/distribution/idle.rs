//! Leads that a partner accepted and then left alone.

use chrono::{DateTime, Utc};

use crate::calendar::{Calendar, CalendarEnds};
use crate::lifecycle::LeadWindows;

crate::codes! {
    /// What to do about a lead that waits for its first action.
    pub enum IdleStep {
        Wait("待機", "Wait"),
        Alert("督促", "Alert"),
        Recall("引き上げ", "Recall"),
    }
}

/// When an accepted lead without an action is noticed. Fixed at acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdleLead {
    /// After this somebody is alerted.
    pub alert_after: DateTime<Utc>,
    /// After this the lead goes back for distribution.
    pub recall_after: DateTime<Utc>,
}

impl IdleLead {
    /// The two instants for a lead accepted at an instant.
    pub fn accepted_at(
        accepted_at: DateTime<Utc>,
        calendar: &Calendar,
        windows: &LeadWindows,
    ) -> Result<Self, CalendarEnds> {
        Ok(Self {
            alert_after: calendar.end_of_business_day(accepted_at, windows.alert_business_days)?,
            recall_after: calendar.end_of_business_day(accepted_at, windows.recall_business_days)?,
        })
    }

    /// What to do now, as long as the partner has not acted.
    pub fn step(&self, now: DateTime<Utc>) -> IdleStep {
        match now {
            _ if now > self.recall_after => IdleStep::Recall,
            _ if now > self.alert_after => IdleStep::Alert,
            _ => IdleStep::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::LifecyclePolicy;

    #[test]
    fn an_idle_lead_raises_an_alert_after_ten_business_days_and_is_recalled_after_twenty() {
        let accepted_at = "2026-04-06T10:00:00+09:00".parse().unwrap();
        let windows = LifecyclePolicy::default().leads;
        let idle = IdleLead::accepted_at(accepted_at, &Calendar::default(), &windows).unwrap();
        let step = |text: &str| idle.step(text.parse().unwrap());
        assert_eq!(step("2026-04-20T18:00:00+09:00"), IdleStep::Wait);
        assert_eq!(step("2026-04-20T18:00:01+09:00"), IdleStep::Alert);
        // 29 April and 3 to 6 May are holidays.
        assert_eq!(step("2026-05-08T18:00:00+09:00"), IdleStep::Alert);
        assert_eq!(step("2026-05-08T18:00:01+09:00"), IdleStep::Recall);
    }
}
