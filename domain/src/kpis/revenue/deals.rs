//! Won deals: whose they are, what they are worth in one currency, and how many there were.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use crate::calendar::date_in_tokyo;
use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::frame::Frame;
use crate::kpis::value::{Absence, Aspect, Exclusion, ExclusionReason, KpiValue, Part, Subject};
use crate::kpis::window::Window;
use crate::money::Money;

/// A won deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WonDeal {
    /// The deal.
    pub id: Uuid,
    /// The customer.
    pub account: Uuid,
    /// What it is worth, in its own currency; `None` while nobody has said so.
    pub amount: Option<Money>,
    /// When it was won.
    pub won_at: DateTime<Utc>,
    /// The one partner it came from.
    pub sourcing_partner: Option<PartnerId>,
    /// What partners did for it.
    pub touches: Vec<Touch>,
    /// When it was undone.
    pub reversed_at: Option<DateTime<Utc>>,
}

/// A typed action of a partner on a deal. Content views are not touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    /// Whose.
    pub partner: PartnerId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Exchange rates into the currency of the report, by currency and day in Japan: one unit is worth so many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    /// ISO 4217 code of the report.
    pub currency: String,
    /// Major units of the report for one major unit of the deal.
    pub by_day: BTreeMap<(String, NaiveDate), Decimal>,
}

/// A claim of a partner to have brought a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcingClaim {
    /// Whose: by an approved registration or an accepted lead of its own.
    pub partner: PartnerId,
    /// When it was first.
    pub priority_time: DateTime<Utc>,
}

/// The won deals of a period in one currency, and those that do not count.
#[derive(Debug, Clone)]
pub struct Ledger<'a> {
    /// Deals with their worth in minor units of the report.
    pub entries: Vec<(&'a WonDeal, i128)>,
    /// What was left out.
    pub exclusions: Vec<Exclusion>,
}

/// The partner that a deal came from: the claimant, unless direct sales was there in the days before.
///
/// `direct_activity` is that of direct sales on the same account and product scope.
pub fn sourcing_partner(
    claim: SourcingClaim,
    direct_activity: &[DateTime<Utc>],
    roe_idle_days: i64,
) -> Option<PartnerId> {
    let before = Window::before(claim.priority_time, TimeDelta::days(roe_idle_days));
    let was_idle = !direct_activity.iter().any(|it| before.contains(*it));
    was_idle.then_some(claim.partner)
}

impl Rates {
    /// A report in a currency that needs no conversion.
    pub fn only(currency: &str) -> Self {
        Self { currency: currency.to_owned(), by_day: BTreeMap::new() }
    }

    /// An amount in minor units of the report at the rate of a day; `None` without one.
    pub fn convert(&self, amount: &Money, day: NaiveDate) -> Option<i128> {
        if amount.currency == self.currency {
            return Some(amount.minor.into());
        }
        let rate = self.by_day.get(&(amount.currency.clone(), day))?;
        let smallest = Money { minor: 1, currency: self.currency.clone() }.amount();
        let minor = amount.amount().checked_mul(*rate)?.checked_div(smallest)?;
        minor.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i128()
    }
}

impl<'a> Ledger<'a> {
    /// The deals won in a period and still standing at the instant of asking.
    pub fn of(frame: &Frame<'_>, deals: &'a [WonDeal], rates: &Rates) -> Self {
        let won = deals.iter().filter(|it| frame.period.contains(it.won_at));
        let is_reversed = |it: &&WonDeal| it.reversed_at.is_some_and(|it| it <= frame.evaluated_at);
        let (reversed, standing): (Vec<_>, Vec<_>) = won.partition(is_reversed);
        let (known, unknown): (Vec<_>, Vec<_>) = standing.into_iter().partition(|it| it.amount.is_some());
        let worth = |it: &WonDeal| rates.convert(it.amount.as_ref()?, date_in_tokyo(it.won_at));
        let (priced, unpriced): (Vec<_>, Vec<_>) = known.into_iter().partition(|it| worth(it).is_some());
        let exclusion =
            |reason, deals: &[&WonDeal]| Exclusion::of(reason, Subject::Deal, deals.iter().map(|it| it.id));
        let exclusions = [
            exclusion(ExclusionReason::Reversed, &reversed),
            exclusion(ExclusionReason::NoAmount, &unknown),
            exclusion(ExclusionReason::NoRate, &unpriced),
        ];
        let entries = priced.into_iter().filter_map(|it| Some((it, worth(it)?)));
        Self { entries: entries.collect(), exclusions: exclusions.into_iter().flatten().collect() }
    }

    /// The sum over those deals that are chosen.
    pub fn sum(&self, chosen: impl Fn(&WonDeal) -> bool) -> Part {
        let entries = self.entries.iter().filter(|(deal, _)| chosen(deal));
        Part::sum(Subject::Deal, entries.map(|(deal, worth)| (deal.id, *worth)))
    }
}

/// Deals won in the period; first purchases, paid transactions and growth stand beside it.
///
/// `history` holds every deal won so far: a first purchase is one that no earlier deal of the account precedes.
pub fn deal_counts(
    frame: &Frame<'_>,
    history: &[WonDeal],
    paid: &[(Uuid, DateTime<Utc>)],
    previous: &Window,
) -> KpiValue {
    let standing = history.iter().filter(|it| it.reversed_at.is_none_or(|it| it > frame.evaluated_at));
    let mut standing: Vec<_> = standing.collect();
    standing.sort_by_key(|it| (it.won_at, it.id));
    let mut accounts = BTreeSet::new();
    let firsts: Vec<_> = standing.iter().filter(|it| accounts.insert(it.account)).collect();
    let installs = firsts.iter().filter(|it| frame.period.contains(it.won_at)).count();
    let transactions = paid.iter().filter(|(_, at)| frame.period.contains(*at)).count();
    let before = standing.iter().filter(|it| previous.contains(it.won_at)).count();
    let won = standing.iter().filter(|it| frame.period.contains(it.won_at)).map(|it| it.id);
    let won = Part::count(Subject::Deal, won);
    let growth = growth(won.total, Fraction::from(before));
    KpiValue::total(Kpi::DealCounts, won)
        .with(Aspect::Installs, Ok(Fraction::from(installs)))
        .with(Aspect::Transactions, Ok(Fraction::from(transactions)))
        .with(Aspect::Growth, growth)
}

/// 伸び率: now ÷ previous − 1.
pub fn growth(now: Fraction, previous: Fraction) -> Result<Fraction, Absence> {
    now.over(previous).map(|it| it - Fraction::ONE).ok_or(Absence::NoPrevious)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kpis::worked::{day, figure, id, june, over_june, partner_id};

    pub fn yen(minor: i64) -> Money {
        Money { minor, currency: "JPY".to_owned() }
    }

    /// O1 to O5.
    pub fn worked() -> Vec<WonDeal> {
        let rows = [
            (3_000_000, Some(1), None),
            (1_200_000, Some(2), None),
            (2_000_000, None, Some(1)),
            (1_800_000, None, None),
            (800_000, Some(3), Some(1)),
        ];
        let deal = |(number, (amount, sourcing, touch)): (u128, (i64, Option<u128>, Option<u128>))| WonDeal {
            id: id(number),
            account: id(1000 + number),
            amount: Some(yen(amount)),
            won_at: day("2026-06-15"),
            sourcing_partner: sourcing.map(partner_id),
            touches: touch
                .map(|it| Touch { partner: partner_id(it), at: day("2026-05-20") })
                .into_iter()
                .collect(),
            reversed_at: None,
        };
        (1..).zip(rows).map(deal).collect()
    }

    #[test]
    fn direct_activity_in_the_thirty_days_before_takes_the_sourcing_away() {
        let claim = SourcingClaim { partner: partner_id(1), priority_time: day("2026-06-15") };
        assert_eq!(sourcing_partner(claim, &[day("2026-05-15")], 30), Some(partner_id(1)), "31 days before");
        assert_eq!(sourcing_partner(claim, &[day("2026-05-16")], 30), None, "30 days before");
        assert_eq!(sourcing_partner(claim, &[day("2026-06-15")], 30), Some(partner_id(1)), "not before");
    }

    #[test]
    fn a_deal_in_another_currency_is_converted_at_the_rate_of_its_day() {
        let mut deals = worked();
        deals[0].amount = Some(Money { minor: 12_34, currency: "USD".to_owned() });
        deals[1].amount = Some(Money { minor: 100, currency: "EUR".to_owned() });
        deals[2].amount = None;
        let day: NaiveDate = "2026-06-15".parse().unwrap();
        let rate = (("USD".to_owned(), day), "150.25".parse().unwrap());
        let rates = Rates { by_day: [rate].into(), ..Rates::only("JPY") };
        let value = over_june(|frame| {
            let ledger = Ledger::of(frame, &deals, &rates);
            KpiValue::total(Kpi::PartnerSourcedRevenue, ledger.sum(|it| it.id == id(1)))
                .excluding(ledger.exclusions)
        });
        assert_eq!(figure(value.value, 0), "1854");
        let left: Vec<_> = value.exclusions.iter().map(|it| (it.reason, it.ids.as_slice())).collect();
        assert_eq!(
            left,
            [(ExclusionReason::NoAmount, &[id(3)][..]), (ExclusionReason::NoRate, &[id(2)][..])]
        );
    }

    #[test]
    fn first_purchases_are_told_from_later_ones() {
        let mut deals = worked();
        deals[1].account = deals[0].account;
        deals[4].won_at = day("2026-05-15");
        deals[3].reversed_at = Some(day("2026-06-30"));
        let may = Window::new(day("2026-05-01"), day("2026-06-01")).unwrap();
        let paid = [(id(1), day("2026-06-20")), (id(2), day("2026-07-01"))];
        let value = over_june(|frame| deal_counts(frame, &deals, &paid, &may));
        assert_eq!(value.numerator.ids, [id(1), id(2), id(3)]);
        let beside =
            [Aspect::Installs, Aspect::Transactions, Aspect::Growth].map(|it| value.beside(it).unwrap());
        assert_eq!(beside.map(|it| figure(it, 0)), ["2", "1", "2"]);
    }

    #[test]
    fn there_is_no_growth_from_nothing() {
        let value = over_june(|frame| {
            deal_counts(frame, &worked(), &[], &Window::before(june().from(), TimeDelta::days(31)))
        });
        assert_eq!(value.beside(Aspect::Growth), Some(Err(Absence::NoPrevious)));
    }
}
