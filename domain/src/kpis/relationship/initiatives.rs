//! 共同施策の実行率・成功率: of what was planned, what was done; of what was done, what met its target.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::frame::{Frame, Roster};
use crate::kpis::value::{Exclusion, ExclusionReason, KpiValue, Part, Subject};

/// One joint initiative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InitiativeFact {
    /// The initiative.
    pub id: Uuid,
    /// With whom.
    pub partner: PartnerId,
    /// When it was planned to be over.
    pub planned_end_at: DateTime<Utc>,
    /// Whether it was carried out.
    pub is_executed: bool,
    /// Whether its target was met; `None` while no result is recorded.
    pub met_target: Option<bool>,
    /// Whether the vendor called it off.
    pub is_cancelled_by_vendor: bool,
}

/// Executed ÷ planned to end in the period, without those that the vendor called off.
pub fn initiative_execution_rate(frame: &Frame<'_>, initiatives: &[InitiativeFact]) -> KpiValue {
    let roster = frame.roster(Kpi::InitiativeExecutionRate);
    let (cancelled, planned): (Vec<&InitiativeFact>, Vec<&InitiativeFact>) =
        planned(frame, &roster, initiatives).partition(|it| it.is_cancelled_by_vendor);
    let executed =
        Part::count(Subject::Initiative, planned.iter().filter(|it| it.is_executed).map(|it| it.id));
    let all = Part::count(Subject::Initiative, planned.iter().map(|it| it.id));
    let cancelled = cancelled.iter().map(|it| it.id);
    KpiValue::proportion(Kpi::InitiativeExecutionRate, executed, all)
        .excluding(Exclusion::of(ExclusionReason::CancelledByVendor, Subject::Initiative, cancelled))
        .excluding(roster.exclusions)
}

/// Target met ÷ executed with a recorded result, among those planned to end in the period.
pub fn initiative_success_rate(frame: &Frame<'_>, initiatives: &[InitiativeFact]) -> KpiValue {
    let roster = frame.roster(Kpi::InitiativeSuccessRate);
    let executed =
        planned(frame, &roster, initiatives).filter(|it| it.is_executed && !it.is_cancelled_by_vendor);
    let (evaluated, open): (Vec<&InitiativeFact>, Vec<&InitiativeFact>) =
        executed.partition(|it| it.met_target.is_some());
    let met = evaluated.iter().filter(|it| it.met_target == Some(true)).map(|it| it.id);
    let all = Part::count(Subject::Initiative, evaluated.iter().map(|it| it.id));
    let open = open.iter().map(|it| it.id);
    KpiValue::proportion(Kpi::InitiativeSuccessRate, Part::count(Subject::Initiative, met), all)
        .excluding(Exclusion::of(ExclusionReason::NoResult, Subject::Initiative, open))
        .excluding(roster.exclusions)
}

fn planned<'a>(
    frame: &Frame<'_>,
    roster: &Roster,
    initiatives: &'a [InitiativeFact],
) -> impl Iterator<Item = &'a InitiativeFact> {
    initiatives.iter().filter(|it| roster.holds(it.partner) && frame.period.contains(it.planned_end_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, id, over_june, partner_id, shown};

    fn initiative(number: u128, is_executed: bool, met_target: Option<bool>) -> InitiativeFact {
        InitiativeFact {
            id: id(number),
            partner: partner_id(1),
            planned_end_at: day("2026-06-20"),
            is_executed,
            met_target,
            is_cancelled_by_vendor: false,
        }
    }

    #[test]
    fn three_of_four_were_done_and_two_of_three_met_their_target() {
        let results = [(true, Some(true)), (true, Some(true)), (true, Some(false)), (false, None)];
        let all: Vec<_> = (1..).zip(results).map(|(it, (done, met))| initiative(it, done, met)).collect();
        assert_eq!(shown(&over_june(|frame| initiative_execution_rate(frame, &all))), "0.7500");
        assert_eq!(shown(&over_june(|frame| initiative_success_rate(frame, &all))), "0.6667");
    }

    #[test]
    fn what_we_called_off_or_did_not_evaluate_is_left_out() {
        let cancelled = InitiativeFact { is_cancelled_by_vendor: true, ..initiative(1, false, None) };
        let open = initiative(2, true, None);
        let executed = over_june(|frame| initiative_execution_rate(frame, &[cancelled, open]));
        assert_eq!((shown(&executed).as_str(), executed.exclusions[0].ids[0]), ("1.0000", id(1)));
        let met = over_june(|frame| initiative_success_rate(frame, &[cancelled, open]));
        assert_eq!(
            (shown(&met).as_str(), met.exclusions[0].reason),
            ("NO_DENOMINATOR", ExclusionReason::NoResult)
        );
    }
}
