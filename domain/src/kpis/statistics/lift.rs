//! Per asset: how often deals are won in which it was used, beside those in which it was not.
//!
//! The lift is the ratio of the two rates. Deals that were going well may draw more material, so it is no effect.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use uuid::Uuid;

use super::comparison::Comparison;
use crate::kpis::catalogue::Kpi;
use crate::kpis::value::{KpiValue, Part, Subject};

/// A closed deal and what was used in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealUse {
    /// The deal.
    pub id: Uuid,
    /// Won, and not lost.
    pub is_won: bool,
    /// The assets that its partner used before it was closed.
    pub assets: BTreeSet<Uuid>,
}

/// The win rates with and without each asset that was used at all; the lift is their ratio.
///
/// The highest lift comes first, then those without one; equals are in order of their ids.
pub fn asset_lifts(deals: &[DealUse]) -> Vec<(Uuid, Comparison)> {
    let assets: BTreeSet<Uuid> = deals.iter().flat_map(|it| it.assets.iter().copied()).collect();
    let mut lifts: Vec<_> = assets.into_iter().map(|asset| (asset, lift(deals, asset))).collect();
    lifts.sort_by_key(|(asset, it)| (Reverse(it.ratio.ok()), *asset));
    lifts
}

fn lift(deals: &[DealUse], asset: Uuid) -> Comparison {
    let (with, without): (Vec<_>, Vec<_>) = deals.iter().partition(|it| it.assets.contains(&asset));
    Comparison::of(win_rate(&with), win_rate(&without))
}

fn win_rate(deals: &[&DealUse]) -> KpiValue {
    let won = Part::count(Subject::Deal, deals.iter().filter(|it| it.is_won).map(|it| it.id));
    KpiValue::proportion(Kpi::WinRate, won, Part::count(Subject::Deal, deals.iter().map(|it| it.id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::value::{Absence, Flag};
    use crate::kpis::worked::{figure, id};

    /// Deals by whether they were won and which assets they used.
    fn deals(rows: &[(usize, bool, &[u128])]) -> Vec<DealUse> {
        let each =
            rows.iter().flat_map(|(count, is_won, assets)| std::iter::repeat_n((is_won, assets), *count));
        let deal = |(number, (is_won, assets)): (u128, (&bool, &&[u128]))| DealUse {
            id: id(number),
            is_won: *is_won,
            assets: assets.iter().map(|it| id(1_000 + it)).collect(),
        };
        (1..).zip(each).map(deal).collect()
    }

    #[test]
    fn the_lift_is_the_ratio_of_two_win_rates() {
        let lifts =
            asset_lifts(&deals(&[(8, true, &[1]), (10, false, &[1]), (1, true, &[]), (11, false, &[])]));
        let (asset, comparison) = &lifts[0];
        assert_eq!((*asset, figure(comparison.ratio, 4).as_str()), (id(1_001), "5.3333"));
        assert_eq!((comparison.with.sample_size(), comparison.without.sample_size()), (18, 12));
        assert!(comparison.flags.is_empty());
    }

    #[test]
    fn the_highest_comes_first_and_what_has_none_last() {
        let lifts = asset_lifts(&deals(&[(2, true, &[1, 3]), (1, false, &[2, 3]), (1, true, &[2, 3])]));
        let order: Vec<_> = lifts.iter().map(|(asset, it)| (asset.as_u128(), it.ratio.is_ok())).collect();
        assert_eq!(order, [(1_001, true), (1_002, true), (1_003, false)]);
        assert_eq!(lifts[2].1.ratio, Err(Absence::NoDenominator), "it was used in every deal");
        assert!(lifts.iter().all(|(_, it)| it.flags.contains(&Flag::LowSample)));
    }
}
