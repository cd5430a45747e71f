//! 支援消化率: of what was assigned and still open, how much was consumed.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::frame::Frame;
use crate::kpis::value::{Aspect, Exclusion, ExclusionReason, KpiValue, Part, Subject};
use crate::kpis::{fraction::Fraction, window::Window};

/// One support item given to one partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentFact {
    /// The assignment.
    pub id: Uuid,
    /// To whom.
    pub partner: PartnerId,
    /// When it was given.
    pub assigned_at: DateTime<Utc>,
    /// By when it was to be consumed.
    pub due_at: Option<DateTime<Utc>>,
    /// When it met the criterion of its kind.
    pub consumed_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub cancelled_at: Option<DateTime<Utc>>,
}

impl AssignmentFact {
    /// Whether it could be consumed in a period: given before its end and not consumed before its start.
    fn is_open_in(&self, period: &Window) -> bool {
        self.assigned_at < period.until() && self.consumed_at.is_none_or(|it| it >= period.from())
    }

    /// Whether it was taken back before the end of a period, not having been consumed.
    fn is_cancelled_unconsumed(&self, period: &Window) -> bool {
        let Some(cancelled_at) = self.cancelled_at.filter(|it| *it < period.until()) else { return false };
        self.consumed_at.is_none_or(|it| it >= cancelled_at)
    }

    fn is_consumed_in(&self, period: &Window) -> bool {
        self.consumed_at.is_some_and(|it| period.contains(it))
    }

    /// Without a due date nothing is late.
    fn is_on_time(&self) -> bool {
        self.consumed_at.zip(self.due_at).is_none_or(|(consumed, due)| consumed <= due)
    }
}

/// Assignments consumed in the period ÷ assignments open in it.
pub fn support_consumption_rate(frame: &Frame<'_>, assignments: &[AssignmentFact]) -> KpiValue {
    let roster = frame.roster(Kpi::SupportConsumptionRate);
    let open = assignments.iter().filter(|it| roster.holds(it.partner) && it.is_open_in(&frame.period));
    let (cancelled, open): (Vec<_>, Vec<_>) = open.partition(|it| it.is_cancelled_unconsumed(&frame.period));
    let consumed = open.iter().filter(|it| it.is_consumed_in(&frame.period));
    let on_time =
        Part::count(Subject::Assignment, consumed.clone().filter(|it| it.is_on_time()).map(|it| it.id));
    let all = Part::count(Subject::Assignment, open.iter().map(|it| it.id));
    let on_time = on_time.over(&all);
    let cancelled_ids = cancelled.iter().map(|it| it.id);
    KpiValue::proportion(
        Kpi::SupportConsumptionRate,
        Part::count(Subject::Assignment, consumed.map(|it| it.id)),
        all,
    )
    .with(Aspect::OnTime, on_time)
    .with(Aspect::Cancelled, Ok(Fraction::from(cancelled.len())))
    .excluding(roster.exclusions)
    .excluding(Exclusion::of(ExclusionReason::Cancelled, Subject::Assignment, cancelled_ids))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, figure, id, over_june, over_june_of, partner_id, shown};

    /// consumed / open / cancelled unconsumed of P1 to P6.
    const WORKED: [(usize, usize, usize); 6] =
        [(10, 2, 0), (6, 4, 0), (3, 5, 0), (0, 6, 0), (0, 0, 0), (2, 0, 2)];

    fn worked() -> Vec<AssignmentFact> {
        let mut facts = Vec::new();
        for (partner, (consumed, open, cancelled)) in (1..).zip(WORKED) {
            let fates = [(consumed, Some("2026-06-15"), None), (open, None, None)];
            for (count, consumed, cancelled) in
                fates.into_iter().chain([(cancelled, None, Some("2026-06-20"))])
            {
                let known = facts.len();
                facts.extend((0..count).map(|it| AssignmentFact {
                    id: id((known + it) as u128),
                    ..assignment(partner, "2026-05-01", consumed, cancelled)
                }));
            }
        }
        facts
    }

    fn assignment(
        partner: u128,
        assigned: &str,
        consumed: Option<&str>,
        cancelled: Option<&str>,
    ) -> AssignmentFact {
        AssignmentFact {
            id: id(1),
            partner: partner_id(partner),
            assigned_at: day(assigned),
            due_at: None,
            consumed_at: consumed.map(day),
            cancelled_at: cancelled.map(day),
        }
    }

    #[test]
    fn twenty_one_of_thirty_eight_are_consumed() {
        let value = over_june(|frame| support_consumption_rate(frame, &worked()));
        assert_eq!(shown(&value), "0.5526");
        assert_eq!((value.numerator.ids.len(), value.sample_size()), (21, 38));
        assert_eq!(figure(value.beside(Aspect::Cancelled).unwrap(), 0), "2");
    }

    #[test]
    fn neither_cancelled_ones_nor_means_of_partners_get_in() {
        let value = over_june(|frame| support_consumption_rate(frame, &worked()));
        assert_ne!(shown(&value), "0.5250", "cancelled ones were counted");
        assert_ne!(shown(&value), "0.5617", "partners were averaged");
    }

    #[test]
    fn a_partner_without_assignments_has_no_rate() {
        let value = over_june_of(&[5], |frame| support_consumption_rate(frame, &worked()));
        assert_eq!(shown(&value), "NO_DENOMINATOR");
        assert_eq!(value.interval, None);
    }

    fn check(fact: AssignmentFact, expected: (usize, usize)) {
        let value = over_june(|frame| support_consumption_rate(frame, std::slice::from_ref(&fact)));
        assert_eq!((value.numerator.ids.len(), value.sample_size()), expected, "{fact:?}");
    }

    #[test]
    fn what_was_consumed_before_the_period_is_not_open_in_it() {
        check(assignment(1, "2026-04-01", Some("2026-05-31"), None), (0, 0));
        check(assignment(1, "2026-04-01", Some("2026-06-01"), None), (1, 1));
        check(assignment(1, "2026-04-01", Some("2026-07-01"), None), (0, 1));
        check(assignment(1, "2026-07-01", None, None), (0, 0));
    }

    #[test]
    fn what_was_consumed_before_it_was_cancelled_counts() {
        check(assignment(1, "2026-04-01", Some("2026-06-10"), Some("2026-06-11")), (1, 1));
        check(assignment(1, "2026-04-01", None, Some("2026-07-01")), (0, 1));
    }

    #[test]
    fn late_consumption_counts_but_not_as_on_time() {
        let late = AssignmentFact {
            due_at: Some(day("2026-06-10")),
            ..assignment(1, "2026-05-01", Some("2026-06-11"), None)
        };
        let value = over_june(|frame| support_consumption_rate(frame, &[late]));
        assert_eq!(
            (shown(&value).as_str(), value.beside(Aspect::OnTime)),
            ("1.0000", Some(Ok(Fraction::ZERO)))
        );
    }
}
