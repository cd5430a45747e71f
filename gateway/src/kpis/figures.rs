//! Handing what was read to the formula of a KPI.

use std::collections::BTreeMap;

use domain::calendar::{FiscalYear, Quarter, date_in_tokyo};
use domain::ids::PartnerId;
use domain::kpis::catalogue::Kpi;
use domain::kpis::engagement::consumption::support_consumption_rate;
use domain::kpis::engagement::faq::faq_unresolved_rate;
use domain::kpis::engagement::presence::{active_partners, silent_partners};
use domain::kpis::engagement::score::{Components, ScoreFacts, engagement_score, low_score_partners};
use domain::kpis::engagement::training::{training_completion_rate, training_participation_rate};
use domain::kpis::engagement::usage::{Usage, login_frequency, usage_counts};
use domain::kpis::fraction::Fraction;
use domain::kpis::frame::{Frame, PartnerFacts};
use domain::kpis::pipeline::closing::{loss_reasons, win_rate};
use domain::kpis::pipeline::conversion::lead_conversion_rate;
use domain::kpis::pipeline::distribution::{
    lead_acceptance_rate, registration_approval_rate, registration_conflict_rate, sla_breach_rate,
};
use domain::kpis::pipeline::lead_time::average_lead_time;
use domain::kpis::pipeline::views_by_deal_size::{ViewsByDealSize, views_by_deal_size};
use domain::kpis::relationship::retention::partner_retention;
use domain::kpis::revenue::attainment::{seasonal_index, top20_share, yoy_ratio};
use domain::kpis::revenue::deals::{Ledger, Rates, WonDeal, deal_counts};
use domain::kpis::revenue::shares::{indirect_revenue_share, partner_sourced_revenue};
use domain::kpis::value::{Absence, Aspect, KpiValue};
use domain::kpis::window::Window;
use uuid::Uuid;

use super::evidence::{Evidence, full_years};

/// The currency of reports. There are no rates yet: deals in others are left out, and said to be.
pub(super) const CURRENCY: &str = "JPY";

/// Parts of a year that a seasonal index has.
const QUARTERS: usize = 4;

/// The figure of a KPI over some facts.
pub(super) fn figure(frame: &Frame<'_>, kpi: Kpi, facts: &[Evidence]) -> KpiValue {
    let rates = Rates::only(CURRENCY);
    let won = || all(facts, |it| &it.won);
    match kpi {
        Kpi::PartnerRetention => partner_retention(frame),
        Kpi::ActivePartners => active_partners(frame, &productive(facts)),
        Kpi::PartnerSourcedRevenue => partner_sourced_revenue(frame, &won(), &rates),
        // Nothing here records influence touches, so nothing is said of them.
        Kpi::IndirectRevenueShare => without(indirect_revenue_share(frame, &won(), &rates), Aspect::Attached),
        // Nor payments.
        Kpi::DealCounts => {
            without(deal_counts(frame, &won(), &[], &frame.period.previous()), Aspect::Transactions)
        }
        Kpi::YoyRatio => {
            let deals = won();
            yoy_ratio(&worths(frame, &deals), &worths(&over(frame, frame.period.year_before()), &deals))
                .in_currency(CURRENCY)
        }
        Kpi::SeasonalIndex => {
            let (years, deals) = (over(frame, full_years(&frame.period)), won());
            let ledger = Ledger::of(&years, &deals, &rates);
            seasonal_index(&quarters(frame, &ledger), QUARTERS).excluding(ledger.exclusions)
        }
        Kpi::Top20Share => top20_share(frame, &revenue(frame, &won())).in_currency(CURRENCY),
        Kpi::WinRate => win_rate(frame, &all(facts, |it| &it.closed)),
        Kpi::LossReasons => loss_reasons(frame, &all(facts, |it| &it.closed)),
        Kpi::AverageLeadTime => average_lead_time(frame, &all(facts, |it| &it.lead_times)),
        Kpi::LeadConversionRate => lead_conversion_rate(frame, &all(facts, |it| &it.leads)),
        Kpi::LeadAcceptanceRate => lead_acceptance_rate(frame, &all(facts, |it| &it.offers)),
        Kpi::RegistrationApprovalRate => {
            registration_approval_rate(frame, &all(facts, |it| &it.registrations))
        }
        Kpi::RegistrationConflictRate => {
            registration_conflict_rate(frame, &all(facts, |it| &it.registrations))
        }
        Kpi::SlaBreachRate => sla_breach_rate(frame, &all(facts, |it| &it.registrations)),
        Kpi::SelectionScore => of_one(frame, kpi, facts, |_, it| it.figure.clone()),
        Kpi::UsageCounts => usage_counts(frame, &all(facts, |it| &it.users), &usage(facts)),
        Kpi::LoginFrequency => login_frequency(frame, &all(facts, |it| &it.users), &usage(facts)),
        Kpi::SupportConsumptionRate => support_consumption_rate(frame, &all(facts, |it| &it.assignments)),
        Kpi::TrainingCompletionRate => training_completion_rate(frame, &all(facts, |it| &it.enrolments)),
        Kpi::TrainingParticipationRate => {
            let starters = facts.iter().flat_map(|it| &it.starters).copied().collect();
            training_participation_rate(frame, &all(facts, |it| &it.users), &starters)
        }
        Kpi::SilentPartners => silent_partners(frame, &by_partner(facts, |it| it.access.clone())),
        Kpi::EngagementScore => of_one(frame, kpi, facts, |frame, it| Some(score(frame, it))),
        Kpi::LowScorePartners => low_score_partners(frame, &all_components(frame, facts)),
        Kpi::FaqUnresolvedRate => faq_unresolved_rate(frame, &all(facts, |it| &it.faq)),
        Kpi::ViewsByDealSize => {
            let ViewsByDealSize { measured, rho, .. } =
                views_by_deal_size(frame, &all(facts, |it| &it.viewed));
            let rho = rho.and_then(|it| Fraction::new(it.mantissa(), 10_i128.pow(it.scale())));
            measured.in_currency(CURRENCY).with(Aspect::Correlation, rho.ok_or(Absence::TooFew))
        }
        _ => {
            let known = facts.iter().find_map(|it| it.figure.clone());
            known.unwrap_or_else(|| KpiValue::absent(kpi, Absence::NotRecorded))
        }
    }
}

/// A figure that only one partner can have.
fn of_one(
    frame: &Frame<'_>,
    kpi: Kpi,
    facts: &[Evidence],
    figure: impl Fn(&Frame<'_>, &Evidence) -> Option<KpiValue>,
) -> KpiValue {
    let nothing = Evidence::default();
    match frame.partners {
        [only] => {
            let own = facts.iter().find(|it| it.partner == Some(only.id)).unwrap_or(&nothing);
            figure(frame, own).unwrap_or_else(|| KpiValue::absent(kpi, Absence::NotMeasured))
        }
        _ => KpiValue::absent(kpi, Absence::PerPartner),
    }
}

/// The score of the one partner of a frame.
fn score(frame: &Frame<'_>, facts: &Evidence) -> KpiValue {
    engagement_score(frame.partners[0].id, &components(frame, facts), &frame.settings.score_weights)
}

fn components(frame: &Frame<'_>, facts: &Evidence) -> Components {
    let facts = ScoreFacts {
        assignments: &facts.assignments,
        enrolments: &facts.enrolments,
        usage: Some(&facts.usage),
        logins: &facts.logins,
        has_proposal_tool: facts.usage.proposal_tool_uses > 0,
    };
    Components::of(frame, &facts)
}

fn all_components(frame: &Frame<'_>, facts: &[Evidence]) -> BTreeMap<PartnerId, Components> {
    let (own, nothing) = (by_partner(facts, |it| it), Evidence::default());
    let of = |partner: &PartnerFacts| {
        let frame = Frame { partners: std::slice::from_ref(partner), ..*frame };
        (partner.id, components(&frame, own.get(&partner.id).copied().unwrap_or(&nothing)))
    };
    frame.partners.iter().map(of).collect()
}

fn usage(facts: &[Evidence]) -> Usage {
    by_partner(facts, |it| it.usage.clone())
}

fn by_partner<'a, T>(facts: &'a [Evidence], part: impl Fn(&'a Evidence) -> T) -> BTreeMap<PartnerId, T> {
    facts.iter().filter_map(|it| Some((it.partner?, part(it)))).collect()
}

fn all<T: Clone>(facts: &[Evidence], part: fn(&Evidence) -> &Vec<T>) -> Vec<T> {
    facts.iter().flat_map(part).cloned().collect()
}

fn productive(facts: &[Evidence]) -> Vec<(PartnerId, chrono::DateTime<chrono::Utc>)> {
    let of = |it: &Evidence| {
        it.partner.map(|partner| it.productive.iter().map(move |at| (partner, *at)).collect())
    };
    facts.iter().filter_map(of).flat_map(|it: Vec<_>| it).collect()
}

fn over<'a>(frame: &Frame<'a>, period: Window) -> Frame<'a> {
    Frame { period, ..*frame }
}

fn worths(frame: &Frame<'_>, deals: &[WonDeal]) -> Vec<(Uuid, i128)> {
    let ledger = Ledger::of(frame, deals, &Rates::only(CURRENCY));
    ledger.entries.iter().map(|(deal, worth)| (deal.id, *worth)).collect()
}

fn revenue(frame: &Frame<'_>, deals: &[WonDeal]) -> BTreeMap<PartnerId, i128> {
    let ledger = Ledger::of(frame, deals, &Rates::only(CURRENCY));
    let mut revenue = BTreeMap::new();
    for (deal, worth) in &ledger.entries {
        if let Some(partner) = deal.sourcing_partner {
            *revenue.entry(partner).or_default() += worth;
        }
    }
    revenue
}

/// Amounts by fiscal year and quarter, from the first year with a deal on.
fn quarters(frame: &Frame<'_>, ledger: &Ledger<'_>) -> BTreeMap<i32, Vec<i128>> {
    let mut years: BTreeMap<i32, Vec<i128>> = BTreeMap::new();
    for (deal, worth) in &ledger.entries {
        let date = date_in_tokyo(deal.won_at);
        let year = years.entry(FiscalYear::of(date).0).or_insert_with(|| vec![0; QUARTERS]);
        year[Quarter::of(date).number() as usize - 1] += worth;
    }
    let last = FiscalYear::of(date_in_tokyo(frame.period.until())).0;
    let first = years.keys().next().copied().unwrap_or(last);
    (first..last).map(|it| (it, years.remove(&it).unwrap_or_else(|| vec![0; QUARTERS]))).collect()
}

fn without(mut value: KpiValue, aspect: Aspect) -> KpiValue {
    value.beside.retain(|(it, _)| *it != aspect);
    value
}
