//! 平均リードタイム: calendar days from the start of a deal with a partner to its being won.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::kpis::catalogue::Kpi;
use crate::kpis::frame::Frame;
use crate::kpis::statistics::rank::median;
use crate::kpis::value::{Absence, Aspect, Exclusion, ExclusionReason, KpiValue, Part, Subject};
use crate::kpis::window::calendar_days;

/// A won deal with its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadTimeFact {
    /// The deal.
    pub id: Uuid,
    /// When its lead was accepted or it was registered; `None` when neither is known.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was won.
    pub won_at: DateTime<Utc>,
}

/// The mean of days from start to won, over the deals won in the period; the median stands beside it.
pub fn average_lead_time(frame: &Frame<'_>, deals: &[LeadTimeFact]) -> KpiValue {
    let won: Vec<_> = deals.iter().filter(|it| frame.period.contains(it.won_at)).collect();
    let timed =
        won.iter().filter_map(|it| Some((it.id, i128::from(calendar_days(it.started_at?, it.won_at)))));
    let timed: Vec<_> = timed.collect();
    let missing = won.iter().filter(|it| it.started_at.is_none()).map(|it| it.id);
    let all = Part::count(Subject::Deal, timed.iter().map(|(id, _)| *id));
    let middle = median(timed.iter().map(|(_, days)| (*days).into())).ok_or(Absence::NoDenominator);
    KpiValue::quotient(Kpi::AverageLeadTime, Part::sum(Subject::Deal, timed), all)
        .with(Aspect::Median, middle)
        .excluding(Exclusion::of(ExclusionReason::MissingStart, Subject::Deal, missing))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::kpis::worked::{day, figure, id, over_june};

    #[test]
    fn sixty_one_forty_and_thirty_four_days() {
        let won_at = day("2026-06-20") + TimeDelta::hours(17);
        let fact = |(number, days): (u128, Option<i64>)| LeadTimeFact {
            id: id(number),
            started_at: days.map(|it| day("2026-06-20") - TimeDelta::days(it) + TimeDelta::hours(23)),
            won_at,
        };
        let facts: Vec<_> = (1..).zip([Some(61), Some(40), Some(34), None]).map(fact).collect();
        let value = over_june(|frame| average_lead_time(frame, &facts));
        assert_eq!(figure(value.value, 0), "45");
        assert_eq!(figure(value.beside(Aspect::Median).unwrap(), 0), "40");
        assert_eq!(
            (value.exclusions[0].reason, value.exclusions[0].ids[0]),
            (ExclusionReason::MissingStart, id(4))
        );
    }
}
