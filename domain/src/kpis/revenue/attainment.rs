//! Revenue against something: a plan, the year before, the other partners, the other quarters.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::frame::Frame;
use crate::kpis::statistics::long_tail::long_tail;
use crate::kpis::value::{Absence, Bar, KpiValue, Part, Subject};

/// Full fiscal years from which a season can be told from chance.
const YEARS_FOR_A_SEASON: usize = 2;

/// 計画達成率: actual ÷ target of the same plans. Amounts are minor units of one currency.
pub fn plan_attainment(actual: &[(Uuid, i128)], targets: &[(Uuid, i128)]) -> KpiValue {
    let part = |terms: &[(Uuid, i128)]| Part::sum(Subject::Partner, terms.iter().copied());
    KpiValue::quotient(Kpi::PlanAttainment, part(actual), part(targets))
}

/// 前年比: this period ÷ the same period of the fiscal year before. 1.2 is 120 %, a growth of 20 %.
pub fn yoy_ratio(now: &[(Uuid, i128)], year_before: &[(Uuid, i128)]) -> KpiValue {
    let part = |terms: &[(Uuid, i128)]| Part::sum(Subject::Deal, terms.iter().copied());
    KpiValue::quotient(Kpi::YoyRatio, part(now), part(year_before))
}

/// The revenue of the first fifth of the contracted partners ÷ that of all. Who sold nothing is one of them too.
pub fn top20_share(frame: &Frame<'_>, revenue: &BTreeMap<PartnerId, i128>) -> KpiValue {
    let roster = frame.roster(Kpi::Top20Share);
    let amount = |it: &PartnerId| revenue.get(it).copied().unwrap_or(0);
    let curve = long_tail(roster.admitted.iter().map(|it| (it.0, amount(it))));
    let first = curve.top(1, 5).iter().map(|it| (it.id, it.amount));
    let all = curve.steps().iter().map(|it| (it.id, it.amount));
    KpiValue::quotient(Kpi::Top20Share, Part::sum(Subject::Partner, first), Part::sum(Subject::Partner, all))
        .excluding(roster.exclusions)
}

/// 季節変動: the mean of each quarter (or month) over full fiscal years ÷ the mean of all; one bar each.
///
/// `years` holds, by fiscal year, as many amounts as a year has parts; years of another length are not full.
pub fn seasonal_index(years: &BTreeMap<i32, Vec<i128>>, parts: usize) -> KpiValue {
    let full: Vec<_> = years.values().filter(|it| it.len() == parts).collect();
    let all: i128 = full.iter().flat_map(|it| it.iter()).sum();
    let index = |part: usize| {
        let of_part: i128 = full.iter().filter_map(|it| it.get(part)).sum();
        Fraction::new(of_part * parts as i128, all).ok_or(Absence::NoDenominator)
    };
    let is_enough = full.len() >= YEARS_FOR_A_SEASON;
    let value = |part| if is_enough { index(part) } else { Err(Absence::TooFew) };
    let bar = |part: usize| Bar { key: (part + 1).to_string(), size: full.len(), value: value(part) };
    let none: [Uuid; 0] = [];
    let total = Part::weighed(Fraction::from(all), Subject::Period, none);
    let bars = (0..parts).map(bar).collect();
    let whole = if is_enough && all != 0 { Ok(Fraction::ONE) } else { Err(Absence::TooFew) };
    KpiValue { bars, value: whole, ..KpiValue::total(Kpi::SeasonalIndex, total) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{figure, id, over_june, partner_id, shown};

    #[test]
    fn three_million_of_a_plan_of_two_and_a_half() {
        assert_eq!(shown(&plan_attainment(&[(id(1), 3_000_000)], &[(id(1), 2_500_000)])), "1.2000");
        assert_eq!(shown(&plan_attainment(&[(id(1), 3_000_000)], &[(id(1), 0)])), "NO_DENOMINATOR");
    }

    #[test]
    fn year_on_year_is_a_ratio_and_not_a_growth() {
        assert_eq!(shown(&yoy_ratio(&[(id(1), 12_000_000)], &[(id(2), 10_000_000)])), "1.2000");
    }

    #[test]
    fn one_of_five_partners_makes_three_fifths() {
        let revenue =
            [(1, 3_000_000), (2, 1_200_000), (3, 800_000)].map(|(it, amount)| (partner_id(it), amount));
        let value = over_june(|frame| top20_share(frame, &revenue.into()));
        assert_eq!(
            (shown(&value).as_str(), &value.numerator.ids[..], value.sample_size()),
            ("0.6000", &[id(1)][..], 5)
        );
        let nothing = over_june(|frame| top20_share(frame, &BTreeMap::new()));
        assert_eq!(shown(&nothing), "NO_DENOMINATOR");
    }

    #[test]
    fn the_last_quarter_is_the_strongest() {
        let years = BTreeMap::from([(2024, vec![80, 100, 90, 130]), (2025, vec![100, 120, 110, 150])]);
        let bars = seasonal_index(&years, 4).bars;
        let shown: Vec<_> = bars.iter().map(|it| figure(it.value, 4)).collect();
        assert_eq!(shown, ["0.8182", "1.0000", "0.9091", "1.2727"]);
    }

    #[test]
    fn one_full_year_has_no_season() {
        let years = BTreeMap::from([(2025, vec![100, 120, 110, 150]), (2026, vec![90])]);
        assert!(seasonal_index(&years, 4).bars.iter().all(|it| it.value == Err(Absence::TooFew)));
    }
}
