//! 資料閲覧×受注単価: whether deals before which more was read are larger. It does not say that reading made them so.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::frame::Frame;
use crate::kpis::statistics::comparison::low_sample;
use crate::kpis::statistics::rank::{kendall, median, spearman};
use crate::kpis::value::{Absence, Bar, KpiValue, Part, Subject};
use crate::kpis::window::Window;

/// Views from which a deal is in the highest bucket.
const MANY_VIEWS: u32 = 10;

/// One won deal that a partner brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewedDeal {
    /// The deal.
    pub id: Uuid,
    /// When it was won.
    pub won_at: DateTime<Utc>,
    /// Document views by its partner in the days before.
    pub views: u32,
    /// What it is worth, in minor units of one currency.
    pub amount: i128,
}

/// The KPI with its correlations.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ViewsByDealSize {
    /// A bar for each bucket of views: how many deals, and their median amount.
    pub measured: KpiValue,
    /// Spearman's ρ; `None` for fewer than three deals.
    pub rho: Option<Decimal>,
    /// Kendall's τ-b; `None` for fewer than three deals.
    pub tau: Option<Decimal>,
}

/// How many views fall in the days before a deal was won.
pub fn views_before(frame: &Frame<'_>, won_at: DateTime<Utc>, views: &[DateTime<Utc>]) -> u32 {
    let before = Window::before(won_at, frame.settings.influence());
    views.iter().filter(|it| before.contains(**it)).count() as u32
}

/// Median amounts by views, and their rank correlation, over the partner-sourced deals won in the period.
pub fn views_by_deal_size(frame: &Frame<'_>, deals: &[ViewedDeal]) -> ViewsByDealSize {
    let won: Vec<_> = deals.iter().filter(|it| frame.period.contains(it.won_at)).collect();
    let pairs: Vec<_> = won.iter().map(|it| (i128::from(it.views), it.amount)).collect();
    let amounts = Part::sum(Subject::Deal, won.iter().map(|it| (it.id, it.amount)));
    let bars = [("0", 0..1), ("1-9", 1..MANY_VIEWS), ("10+", MANY_VIEWS..u32::MAX)];
    let bars = bars.map(|(key, views)| bar(key, won.iter().filter(|it| views.contains(&it.views))));
    let all = Part::count(Subject::Deal, won.iter().map(|it| it.id));
    let mut measured =
        KpiValue { bars: bars.into(), ..KpiValue::quotient(Kpi::ViewsByDealSize, amounts, all) };
    measured.flags.extend(low_sample(measured.bars.iter().map(|it| it.size)));
    ViewsByDealSize { measured, rho: spearman(&pairs), tau: kendall(&pairs) }
}

fn bar<'a>(key: &str, deals: impl Iterator<Item = &'a &'a ViewedDeal>) -> Bar {
    let amounts: Vec<_> = deals.map(|it| Fraction::from(it.amount)).collect();
    let size = amounts.len();
    Bar { key: key.to_owned(), size, value: median(amounts).ok_or(Absence::NoDenominator) }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::kpis::value::Flag;
    use crate::kpis::worked::{day, figure, id, june, partners};

    fn measure(deals: &[(u32, i128)]) -> ViewsByDealSize {
        let deal = |(number, (views, amount)): (u128, &(u32, i128))| ViewedDeal {
            id: id(number),
            won_at: day("2026-06-15"),
            views: *views,
            amount: *amount,
        };
        let deals: Vec<_> = (1..).zip(deals).map(deal).collect();
        views_by_deal_size(&Frame::at_end(june(), &partners(), &Default::default()), &deals)
    }

    #[test]
    fn medians_rise_with_views_and_the_sample_is_low() {
        let value = measure(&[(24, 3_000_000), (12, 1_500_000), (9, 1_200_000), (3, 800_000), (0, 900_000)]);
        let bars: Vec<_> = value.measured.bars.iter().map(|it| (it.size, figure(it.value, 0))).collect();
        assert_eq!(bars, [(1, "900000".to_owned()), (2, "1000000".to_owned()), (2, "2250000".to_owned())]);
        assert_eq!(value.rho.unwrap().to_string(), "0.9000");
        assert!(value.measured.flags.contains(&Flag::LowSample));
    }

    #[test]
    fn two_deals_have_no_correlation() {
        assert_eq!(measure(&[(24, 3_000_000), (12, 1_500_000)]).rho, None);
    }

    #[test]
    fn only_views_of_the_ninety_days_before_count() {
        let (partners, settings) = (partners(), Default::default());
        let frame = Frame::at_end(june(), &partners, &settings);
        let won = day("2026-06-15");
        let views = [won - TimeDelta::days(91), won - TimeDelta::days(90), won - TimeDelta::days(1), won];
        assert_eq!(views_before(&frame, won, &views), 2);
    }
}
