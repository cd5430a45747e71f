//! 介入: what staff did about a partner, and the figures before and after. After is not because of.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::statistics::comparison::Comparison;
use crate::kpis::value::KpiValue;
use crate::kpis::window::Window;

/// Something staff did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intervention {
    /// The intervention.
    pub id: Uuid,
    /// For whom.
    pub partner: PartnerId,
    /// When.
    pub at: DateTime<Utc>,
    /// What was to change.
    pub kpi: Kpi,
    /// Days looked at before and after; the same for both.
    pub days: u32,
}

/// What can be said of an intervention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeforeAfter {
    /// The time after is not over.
    Waiting {
        /// When it is.
        until: DateTime<Utc>,
    },
    /// Both figures; `with` is after, `without` is before. Boxed, because receipts are large.
    Measured(Box<Comparison>),
}

impl Intervention {
    /// The time before it.
    pub fn before(&self) -> Window {
        Window::before(self.at, self.length())
    }

    /// The time after it, from its instant on.
    pub fn after(&self) -> Window {
        Window::before(self.at + self.length(), self.length())
    }

    /// Compares the figures of both times, once the time after is over.
    pub fn compare(&self, now: DateTime<Utc>, measure: impl Fn(Window) -> KpiValue) -> BeforeAfter {
        let until = self.after().until();
        if now < until {
            return BeforeAfter::Waiting { until };
        }
        BeforeAfter::Measured(Box::new(Comparison::of(measure(self.after()), measure(self.before()))))
    }

    fn length(&self) -> TimeDelta {
        TimeDelta::days(self.days.max(1).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::value::{Flag, Part, Subject};
    use crate::kpis::worked::{day, figure, id, partner_id};

    fn call() -> Intervention {
        Intervention {
            id: id(1),
            partner: partner_id(4),
            at: day("2026-07-01"),
            kpi: Kpi::SupportConsumptionRate,
            days: 28,
        }
    }

    #[test]
    fn the_times_before_and_after_meet_and_are_equally_long() {
        let (before, after) = (call().before(), call().after());
        assert_eq!((before.from(), before.until()), (day("2026-06-03"), day("2026-07-01")));
        assert_eq!((after.from(), after.until()), (day("2026-07-01"), day("2026-07-29")));
    }

    #[test]
    fn figures_are_compared_when_the_time_after_is_over() {
        let measure = |window: Window| {
            let hits = if window.contains(day("2026-07-10")) { 3 } else { 1 };
            let part = |count| Part::count(Subject::Assignment, (0..count).map(id));
            KpiValue::proportion(Kpi::SupportConsumptionRate, part(hits), part(6))
        };
        let early = call().compare(day("2026-07-28"), measure);
        assert_eq!(early, BeforeAfter::Waiting { until: day("2026-07-29") });
        let BeforeAfter::Measured(comparison) = call().compare(day("2026-07-29"), measure) else {
            panic!("{early:?}")
        };
        assert_eq!(figure(comparison.difference, 4), "0.3333");
        assert!(comparison.flags.contains(&Flag::LowSample));
    }
}
