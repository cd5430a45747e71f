//! Sourced and influenced revenue, and the indirect share. In totals the two are disjoint.

use chrono::TimeDelta;

use super::deals::{Ledger, Rates, WonDeal};
use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::frame::{Frame, Roster};
use crate::kpis::value::{Aspect, Flag, KpiValue};

impl WonDeal {
    /// Whether a partner of the roster brought it.
    fn is_sourced_by(&self, roster: &Roster) -> bool {
        self.sourcing_partner.is_some_and(|it| roster.holds(it))
    }

    /// Whether a partner acted on it in the time before it was won.
    fn is_touched_by(&self, within: TimeDelta, is_meant: impl Fn(PartnerId) -> bool) -> bool {
        let since = self.won_at - within;
        self.touches.iter().any(|it| since <= it.at && it.at <= self.won_at && is_meant(it.partner))
    }

    /// Whether nobody brought it, but a partner of the roster helped.
    fn is_influenced_by(&self, roster: &Roster, within: TimeDelta) -> bool {
        self.sourcing_partner.is_none() && self.is_touched_by(within, |it| roster.holds(it))
    }
}

/// Σ amount of deals won in the period that came from a partner; adds up over partners.
pub fn partner_sourced_revenue(frame: &Frame<'_>, deals: &[WonDeal], rates: &Rates) -> KpiValue {
    let roster = frame.roster(Kpi::PartnerSourcedRevenue);
    let ledger = Ledger::of(frame, deals, rates);
    let sourced = ledger.sum(|it| it.is_sourced_by(&roster));
    KpiValue::total(Kpi::PartnerSourcedRevenue, sourced)
        .in_currency(&rates.currency)
        .excluding(ledger.exclusions)
        .excluding(roster.exclusions)
}

/// Σ amount of deals won in the period that came from no partner, but that one acted on.
pub fn partner_influenced_revenue(frame: &Frame<'_>, deals: &[WonDeal], rates: &Rates) -> KpiValue {
    let roster = frame.roster(Kpi::PartnerInfluencedRevenue);
    let ledger = Ledger::of(frame, deals, rates);
    let influenced = ledger.sum(|it| it.is_influenced_by(&roster, frame.settings.influence()));
    KpiValue::total(Kpi::PartnerInfluencedRevenue, influenced)
        .in_currency(&rates.currency)
        .excluding(ledger.exclusions)
        .excluding(roster.exclusions)
}

/// One partner's own view of what it influenced, deals that others brought included; such views do not add up.
pub fn revenue_influenced_by(
    frame: &Frame<'_>,
    partner: PartnerId,
    deals: &[WonDeal],
    rates: &Rates,
) -> KpiValue {
    let ledger = Ledger::of(frame, deals, rates);
    let within = frame.settings.influence();
    let influenced = ledger.sum(|it| {
        it.sourcing_partner != Some(partner) && it.is_touched_by(within, |toucher| toucher == partner)
    });
    KpiValue::total(Kpi::PartnerInfluencedRevenue, influenced)
        .in_currency(&rates.currency)
        .flagged(Flag::NonAdditive)
        .excluding(ledger.exclusions)
}

/// Sourced ÷ all won revenue; with the influenced added it stands beside as attached.
pub fn indirect_revenue_share(frame: &Frame<'_>, deals: &[WonDeal], rates: &Rates) -> KpiValue {
    let roster = frame.roster(Kpi::IndirectRevenueShare);
    let ledger = Ledger::of(frame, deals, rates);
    let within = frame.settings.influence();
    let all = ledger.sum(|_| true);
    let attached =
        ledger.sum(|it| it.is_sourced_by(&roster) || it.is_influenced_by(&roster, within)).over(&all);
    KpiValue::quotient(Kpi::IndirectRevenueShare, ledger.sum(|it| it.is_sourced_by(&roster)), all)
        .in_currency(&rates.currency)
        .with(Aspect::Attached, attached)
        .excluding(ledger.exclusions)
        .excluding(roster.exclusions)
}

#[cfg(test)]
mod tests {
    use super::super::deals::tests::worked;
    use super::*;
    use crate::kpis::value::ExclusionReason;
    use crate::kpis::worked::{day, figure, id, over_june, over_june_of, partner_id, shown};

    fn yen() -> Rates {
        Rates::only("JPY")
    }

    #[test]
    fn five_million_came_from_partners() {
        let value = over_june(|frame| partner_sourced_revenue(frame, &worked(), &yen()));
        assert_eq!(figure(value.value, 0), "5000000");
        assert_eq!(value.numerator.ids, [id(1), id(2), id(5)]);
        assert_eq!(value.currency.as_deref(), Some("JPY"));
    }

    #[test]
    fn sourced_revenue_adds_up_over_partners() {
        let parts =
            (1..=7).map(|it| over_june_of(&[it], |frame| partner_sourced_revenue(frame, &worked(), &yen())));
        let total: crate::kpis::fraction::Fraction = parts.map(|it| it.numerator.total).sum();
        assert_eq!(total.to_string(), "5000000/1");
    }

    #[test]
    fn two_million_were_influenced_and_never_both() {
        let value = over_june(|frame| partner_influenced_revenue(frame, &worked(), &yen()));
        assert_eq!((figure(value.value, 0).as_str(), &value.numerator.ids[..]), ("2000000", &[id(3)][..]));
    }

    #[test]
    fn a_partners_own_view_counts_deals_of_others_and_does_not_add_up() {
        let value = over_june(|frame| revenue_influenced_by(frame, partner_id(1), &worked(), &yen()));
        assert_eq!(figure(value.value, 0), "2800000");
        assert!(value.flags.contains(&Flag::NonAdditive));
    }

    #[test]
    fn a_touch_counts_for_ninety_days() {
        let mut deals = worked();
        deals[2].touches[0].at = day("2026-06-15") - TimeDelta::days(90);
        let value = over_june(|frame| partner_influenced_revenue(frame, &deals, &yen()));
        assert_eq!(figure(value.value, 0), "2000000");
        deals[2].touches[0].at -= TimeDelta::seconds(1);
        let value = over_june(|frame| partner_influenced_revenue(frame, &deals, &yen()));
        assert_eq!(figure(value.value, 0), "0");
    }

    #[test]
    fn more_than_half_is_indirect() {
        let value = over_june(|frame| indirect_revenue_share(frame, &worked(), &yen()));
        assert_eq!(shown(&value), "0.5682");
        assert_eq!(figure(value.beside(Aspect::Attached).unwrap(), 4), "0.7955");
    }

    #[test]
    fn a_reversed_deal_leaves() {
        let mut deals = worked();
        deals[0].reversed_at = Some(day("2026-06-20"));
        let value = over_june(|frame| partner_sourced_revenue(frame, &deals, &yen()));
        assert_eq!(figure(value.value, 0), "2000000");
        assert_eq!(value.exclusions[0].reason, ExclusionReason::Reversed);
    }
}
