//! 成約率 and 失注理由: how closed deals ended, and why the lost ones were lost.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::frame::Frame;
use crate::kpis::value::{Absence, Bar, Exclusion, ExclusionReason, KpiValue, Part, Subject};

/// The reason of a deal that was lost without one.
pub const UNKNOWN_REASON: &str = "UNKNOWN";

/// How a deal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Won.
    Won,
    /// Lost, with the code of the reason if there is one.
    Lost(Option<String>),
    /// Taken back before anyone decided.
    Withdrawn,
    /// Closed because another record is the same deal.
    Duplicate,
}

/// One closed deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedDeal {
    /// The deal.
    pub id: Uuid,
    /// When it was closed.
    pub closed_at: DateTime<Utc>,
    /// How.
    pub ending: Ending,
}

/// Won ÷ (won + lost) of the deals closed in the period.
pub fn win_rate(frame: &Frame<'_>, deals: &[ClosedDeal]) -> KpiValue {
    let closed: Vec<_> = deals.iter().filter(|it| frame.period.contains(it.closed_at)).collect();
    let part = |is_meant: fn(&Ending) -> bool| {
        Part::count(Subject::Deal, closed.iter().filter(|it| is_meant(&it.ending)).map(|it| it.id))
    };
    let left = |reason, ending: Ending| {
        Exclusion::of(reason, Subject::Deal, closed.iter().filter(|it| it.ending == ending).map(|it| it.id))
    };
    let won = part(|it| matches!(it, Ending::Won));
    let decided = part(|it| matches!(it, Ending::Won | Ending::Lost(_)));
    KpiValue::proportion(Kpi::WinRate, won, decided)
        .excluding(left(ExclusionReason::Withdrawn, Ending::Withdrawn))
        .excluding(left(ExclusionReason::Duplicate, Ending::Duplicate))
}

/// The share of each reason among the deals lost in the period; a bar each, the most frequent first.
pub fn loss_reasons(frame: &Frame<'_>, deals: &[ClosedDeal]) -> KpiValue {
    let mut by_reason: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for deal in deals.iter().filter(|it| frame.period.contains(it.closed_at)) {
        if let Ending::Lost(reason) = &deal.ending {
            by_reason.entry(reason.as_deref().unwrap_or(UNKNOWN_REASON)).or_default().push(deal.id);
        }
    }
    let lost = Part::count(Subject::Deal, by_reason.values().flatten().copied());
    let mut reasons: Vec<_> = by_reason.into_iter().map(|(reason, ids)| (reason, ids.len())).collect();
    reasons.sort_by_key(|(reason, size)| (std::cmp::Reverse(*size), *reason));
    let share = |size: usize| Fraction::from(size).over(lost.total).ok_or(Absence::NoDenominator);
    let bars = reasons.into_iter().map(|(key, size)| Bar { key: key.to_owned(), size, value: share(size) });
    let bars = bars.collect();
    KpiValue { bars, ..KpiValue::quotient(Kpi::LossReasons, lost.clone(), lost) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, figure, id, over_june, shown};

    fn closed(endings: &[Ending]) -> Vec<ClosedDeal> {
        let deal = |(number, ending): (u128, &Ending)| ClosedDeal {
            id: id(number),
            closed_at: day("2026-06-15"),
            ending: ending.clone(),
        };
        (1..).zip(endings).map(deal).collect()
    }

    fn lost(reason: &str) -> Ending {
        Ending::Lost(Some(reason.to_owned()))
    }

    #[test]
    fn three_of_five_partner_sourced_deals_were_won() {
        let endings = [Ending::Won, Ending::Won, Ending::Won, lost("PRICE"), Ending::Lost(None)];
        assert_eq!(shown(&over_june(|frame| win_rate(frame, &closed(&endings)))), "0.6000");
    }

    #[test]
    fn withdrawn_and_duplicate_deals_are_neither_won_nor_lost() {
        let deals = closed(&[Ending::Won, Ending::Withdrawn, Ending::Duplicate]);
        let value = over_june(|frame| win_rate(frame, &deals));
        assert_eq!((shown(&value).as_str(), value.sample_size()), ("1.0000", 1));
        let reasons: Vec<_> = value.exclusions.iter().map(|it| (it.reason, it.ids[0])).collect();
        assert_eq!(reasons, [(ExclusionReason::Withdrawn, id(2)), (ExclusionReason::Duplicate, id(3))]);
    }

    #[test]
    fn reasons_are_shares_of_the_lost_and_unknown_is_one() {
        let endings = ["PRICE", "PRICE", "PRICE", "TIMING", "TIMING", "FEATURE"].map(lost);
        let deals = closed(&[&endings[..], &[Ending::Lost(None), Ending::Won]].concat());
        let value = over_june(|frame| loss_reasons(frame, &deals));
        let bars: Vec<_> = value.bars.iter().map(|it| (it.key.as_str(), figure(it.value, 4))).collect();
        let shares = [("PRICE", ".4286"), ("TIMING", ".2857"), ("FEATURE", ".1429"), ("UNKNOWN", ".1429")];
        assert_eq!(bars, shares.map(|(reason, share)| (reason, format!("0{share}"))));
    }

    #[test]
    fn without_a_lost_deal_there_are_no_reasons() {
        let value = over_june(|frame| loss_reasons(frame, &[]));
        assert_eq!((shown(&value).as_str(), value.bars.len()), ("NO_DENOMINATOR", 0));
    }
}
