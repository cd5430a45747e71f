//! What late events do: the figure of a period changes, and the earlier one stays readable.
//!
//! Here: which periods an event may change, and the history of one figure. Not here: recomputing, storing.

use chrono::{DateTime, TimeDelta, Utc};

use super::catalogue::Kpi;
use super::settings::KpiSettings;
use super::value::{Figure, KpiValue};
use super::window::Window;

/// A figure that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restatement {
    /// What it was.
    pub before: Figure,
    /// What it is.
    pub after: Figure,
    /// Since when we know.
    pub recorded_at: DateTime<Utc>,
}

/// All figures of one KPI, period and group, in the order in which they were recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    snapshots: Vec<(DateTime<Utc>, KpiValue)>,
}

impl History {
    /// Records a figure; one that says nothing new is not recorded again.
    ///
    /// Answers with what it replaced. A receipt that changed counts as new, even when the figure is the same.
    pub fn record(&mut self, value: KpiValue, recorded_at: DateTime<Utc>) -> Option<Restatement> {
        let before = self.snapshots.last().map(|(_, it)| it);
        if before == Some(&value) {
            return None;
        }
        let restated = before.map(|it| Restatement { before: it.value, after: value.value, recorded_at });
        self.snapshots.push((recorded_at, value));
        self.snapshots.sort_by_key(|(at, _)| *at);
        restated
    }

    /// The figure as we knew it at an instant.
    pub fn as_of(&self, recorded_at: DateTime<Utc>) -> Option<&KpiValue> {
        self.snapshots.iter().rev().find(|(at, _)| *at <= recorded_at).map(|(_, value)| value)
    }

    /// Every figure with the instant since which we knew it.
    pub fn snapshots(&self) -> &[(DateTime<Utc>, KpiValue)] {
        &self.snapshots
    }
}

/// The instants at which something may have happened that changes a KPI of a period.
///
/// An event outside of it changes nothing; one inside may.
pub fn reach(kpi: Kpi, period: &Window, settings: &KpiSettings) -> Window {
    let days = TimeDelta::days;
    let (before, after) = match kpi {
        // The last access may lie any time back.
        Kpi::SilentPartners => (period.from() - DateTime::UNIX_EPOCH, TimeDelta::zero()),
        Kpi::ActivePartners => (days(settings.active_within_days), TimeDelta::zero()),
        Kpi::EngagementScore | Kpi::LowScorePartners => {
            (days(7 * i64::from(settings.login_weeks) + 7), TimeDelta::zero())
        }
        Kpi::FaqUnresolvedRate => (days(1), TimeDelta::hours(settings.inquiry_within_hours) + days(1)),
        Kpi::UsageCounts => (days(1), TimeDelta::zero()),
        Kpi::LeadConversionRate => (TimeDelta::zero(), days(settings.conversion_days)),
        Kpi::PartnerInfluencedRevenue | Kpi::IndirectRevenueShare | Kpi::ViewsByDealSize => {
            (settings.influence(), TimeDelta::zero())
        }
        Kpi::PartnerRetention => (TimeDelta::zero(), days(settings.renewal_grace_days)),
        _ => (TimeDelta::zero(), TimeDelta::zero()),
    };
    Window::new(period.from() - before, period.until() + after).unwrap_or(*period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::value::{Part, Subject};
    use crate::kpis::worked::{day, id, june};

    fn logins(count: u128) -> KpiValue {
        KpiValue::total(Kpi::LoginFrequency, Part::count(Subject::User, (0..count).map(id)))
    }

    #[test]
    fn what_was_known_earlier_stays_readable() {
        let mut history = History::default();
        assert_eq!(history.record(logins(3), day("2026-07-01")), None);
        assert_eq!(history.record(logins(3), day("2026-07-02")), None, "nothing new");
        let restated = history.record(logins(4), day("2026-07-03")).unwrap();
        assert_eq!((restated.before, restated.after), (logins(3).value, logins(4).value));
        assert_eq!(history.as_of(day("2026-07-02")), Some(&logins(3)));
        assert_eq!(history.as_of(day("2026-07-03")), Some(&logins(4)));
        assert_eq!((history.as_of(day("2026-06-30")), history.snapshots().len()), (None, 2));
    }

    #[test]
    fn an_event_changes_the_periods_that_it_reaches() {
        let settings = KpiSettings::default();
        let touches = |kpi, date| reach(kpi, &june(), &settings).contains(day(date));
        assert!(touches(Kpi::SupportConsumptionRate, "2026-06-30"));
        assert!(!touches(Kpi::SupportConsumptionRate, "2026-07-01"));
        assert!(touches(Kpi::ActivePartners, "2026-04-02"));
        assert!(touches(Kpi::SilentPartners, "2025-01-01"));
        assert!(touches(Kpi::LeadConversionRate, "2026-08-15"));
        assert!(!touches(Kpi::ViewsByDealSize, "2026-07-01"));
    }
}
