//! トレーニング完了率 and 参加率: who had to learn and did, and who took part at all.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::ids::{PartnerId, PartnerUserId};
use crate::kpis::catalogue::Kpi;
use crate::kpis::frame::{Frame, Roster};
use crate::kpis::value::{Exclusion, ExclusionReason, KpiValue, Part, Subject};
use crate::kpis::window::{Span, Window};

/// One user's enrolment in one course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentFact {
    /// The enrolment.
    pub id: Uuid,
    /// The user's partner.
    pub partner: PartnerId,
    /// Whether the course is mandatory for this user.
    pub is_mandatory: bool,
    /// By when it was to be completed.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was completed: passed where there is an assessment, else worked through.
    pub completed_at: Option<DateTime<Utc>>,
    /// Whether the user was let off.
    pub is_waived: bool,
    /// Whether it was taken back.
    pub is_cancelled: bool,
}

/// When a user of a partner was enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFact {
    /// The user.
    pub id: PartnerUserId,
    /// The user's partner.
    pub partner: PartnerId,
    /// When the user could log in.
    pub enabled: Vec<Span>,
}

impl EnrolmentFact {
    fn is_due_in(&self, period: &Window) -> bool {
        self.is_mandatory && self.due_at.is_some_and(|it| period.contains(it))
    }
}

/// Mandatory enrolments due in the period: completed before its end ÷ all.
pub fn training_completion_rate(frame: &Frame<'_>, enrolments: &[EnrolmentFact]) -> KpiValue {
    let roster = frame.roster(Kpi::TrainingCompletionRate);
    let due: Vec<_> =
        enrolments.iter().filter(|it| roster.holds(it.partner) && it.is_due_in(&frame.period)).collect();
    let left = |reason, is_left: fn(&EnrolmentFact) -> bool| {
        Exclusion::of(reason, Subject::Enrolment, due.iter().filter(|it| is_left(it)).map(|it| it.id))
    };
    let counted: Vec<_> = due.iter().filter(|it| !it.is_cancelled && !it.is_waived).collect();
    let completed = counted.iter().filter(|it| it.completed_at.is_some_and(|it| it < frame.period.until()));
    let completed = Part::count(Subject::Enrolment, completed.map(|it| it.id));
    let all = Part::count(Subject::Enrolment, counted.iter().map(|it| it.id));
    KpiValue::proportion(Kpi::TrainingCompletionRate, completed, all)
        .excluding(left(ExclusionReason::Cancelled, |it| it.is_cancelled))
        .excluding(left(ExclusionReason::Waived, |it| it.is_waived && !it.is_cancelled))
        .excluding(roster.exclusions)
}

/// Users who started a training in the period ÷ users enabled on at least one day of it.
pub fn training_participation_rate(
    frame: &Frame<'_>,
    users: &[UserFact],
    starters: &BTreeSet<PartnerUserId>,
) -> KpiValue {
    let roster = frame.roster(Kpi::TrainingParticipationRate);
    let enabled = enabled_users(frame, &roster, users);
    let started = Part::count(Subject::User, enabled.intersection(starters).copied());
    KpiValue::proportion(Kpi::TrainingParticipationRate, started, Part::count(Subject::User, enabled))
        .excluding(roster.exclusions)
}

/// The users of a roster that were enabled on at least one day of the period.
pub(super) fn enabled_users(
    frame: &Frame<'_>,
    roster: &Roster,
    users: &[UserFact],
) -> BTreeSet<PartnerUserId> {
    let held = users.iter().filter(|it| roster.holds(it.partner));
    held.filter(|it| it.enabled.iter().any(|it| it.touches(&frame.period))).map(|it| it.id).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kpis::worked::{day, id, over_june, over_june_of, partner_id, shown, user_id};

    /// Users of the worked set: 5, 6, 5, 4 and 2, and one each of P6 and P7, who do not count.
    pub fn users() -> Vec<UserFact> {
        let counts = [5, 6, 5, 4, 2, 1, 1];
        let user = |partner, number| UserFact {
            id: user_id(partner, number),
            partner: partner_id(partner),
            enabled: vec![Span::since(day("2025-04-01"))],
        };
        (1..).zip(counts).flat_map(|(partner, count)| (1..=count).map(move |it| user(partner, it))).collect()
    }

    fn enrolment(number: u128, partner: u128, due: &str, completed: Option<&str>) -> EnrolmentFact {
        EnrolmentFact {
            id: id(number),
            partner: partner_id(partner),
            is_mandatory: true,
            due_at: Some(day(due)),
            completed_at: completed.map(day),
            is_waived: false,
            is_cancelled: false,
        }
    }

    /// 5 of 5, 3 of 4, 1 of 4, 0 of 3, none; those of P6 were cancelled.
    fn worked() -> Vec<EnrolmentFact> {
        let mut facts = Vec::new();
        for (partner, (completed, due)) in (1..).zip([(5, 5), (3, 4), (1, 4), (0, 3)]) {
            let when = |it| (it < completed).then_some("2026-06-10");
            facts.extend((0..due).map(|it| enrolment(partner * 100 + it, partner, "2026-06-20", when(it))));
        }
        facts.push(EnrolmentFact { is_cancelled: true, ..enrolment(600, 6, "2026-06-25", None) });
        facts
    }

    #[test]
    fn nine_of_sixteen_are_completed() {
        let value = over_june(|frame| training_completion_rate(frame, &worked()));
        assert_eq!(shown(&value), "0.5625");
        assert_eq!((value.numerator.ids.len(), value.sample_size()), (9, 16));
        assert_eq!(value.exclusions[0].ids, [id(600)]);
    }

    #[test]
    fn what_is_waived_voluntary_or_due_in_another_month_does_not_count() {
        let facts = [
            EnrolmentFact { is_waived: true, ..enrolment(1, 1, "2026-06-20", None) },
            EnrolmentFact { is_mandatory: false, ..enrolment(2, 1, "2026-06-20", None) },
            enrolment(3, 1, "2026-07-01", Some("2026-06-10")),
        ];
        let value = over_june(|frame| training_completion_rate(frame, &facts));
        assert_eq!(shown(&value), "NO_DENOMINATOR");
        assert_eq!(value.exclusions[0].reason, ExclusionReason::Waived);
    }

    #[test]
    fn completed_after_the_period_is_not_yet_completed_in_it() {
        let value = over_june(|frame| {
            training_completion_rate(frame, &[enrolment(1, 1, "2026-06-20", Some("2026-07-01"))])
        });
        assert_eq!(shown(&value), "0.0000");
    }

    #[test]
    fn ten_of_twenty_two_users_took_part() {
        let started = [(1, 4), (2, 3), (3, 2), (5, 1), (7, 1)];
        let starters =
            started.into_iter().flat_map(|(partner, count)| (1..=count).map(move |it| user_id(partner, it)));
        let starters = starters.collect();
        let value = over_june(|frame| training_participation_rate(frame, &users(), &starters));
        assert_eq!(
            (shown(&value).as_str(), value.numerator.ids.len(), value.sample_size()),
            ("0.4545", 10, 22)
        );
        let none = over_june_of(&[7], |frame| training_participation_rate(frame, &users(), &starters));
        assert_eq!(shown(&none), "NO_DENOMINATOR");
    }
}
