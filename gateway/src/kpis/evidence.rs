//! What a figure rests on, read from the features: few statements, bounded by the period and the partners that count.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::calendar::{FiscalYear, date_in_tokyo, start_of_day};
use domain::distribution::OfferOutcome;
use domain::ids::{GoldenId, PartnerId};
use domain::kpis::catalogue::{GroupBy, Kpi};
use domain::kpis::frame::Frame;
use domain::kpis::pipeline::closing::ClosedDeal;
use domain::kpis::pipeline::conversion::LeadFact;
use domain::kpis::pipeline::distribution::{OfferFact, RegistrationFact};
use domain::kpis::pipeline::lead_time::LeadTimeFact;
use domain::kpis::revenue::deals::WonDeal;
use domain::kpis::value::KpiValue;
use domain::kpis::window::Window;
use domain::products::ProductScope;
use uuid::Uuid;

use super::scope::Scope;
use super::service::Question;
use crate::distribution::measured::{self as offers, EndedOffer};
use crate::error::{Error, Result};
use crate::leads;
use crate::opportunities::won;
use crate::partners::prospects;
use crate::platform::context::RequestContext;
use crate::registrations::measured::{self as registrations, SubmittedRegistration};

/// Fiscal years that a season is looked for in.
const YEARS_OF_SEASONS: i32 = 5;

/// The facts about one partner.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    /// Whose; direct sales' where it is nobody's.
    pub(super) partner: Option<PartnerId>,
    pub(super) offers: Vec<OfferFact>,
    pub(super) leads: Vec<LeadFact>,
    pub(super) registrations: Vec<RegistrationFact>,
    pub(super) won: Vec<WonDeal>,
    pub(super) closed: Vec<ClosedDeal>,
    pub(super) lead_times: Vec<LeadTimeFact>,
    /// When the partner did something that makes it active.
    pub(super) productive: Vec<DateTime<Utc>>,
    pub(super) selection: Option<KpiValue>,
    /// What a record is about, by its id; only where that was asked for.
    products: BTreeMap<Uuid, ProductScope>,
}

impl Evidence {
    /// The codes of the products that its records name.
    pub(super) fn products(&self) -> impl Iterator<Item = &str> {
        self.products.values().flat_map(ProductScope::codes)
    }

    /// What of it is about a product. A record that names none is about no product in particular.
    pub(super) fn about(&self, product: &str) -> Self {
        let is_about = |id: &Uuid| self.products.get(id).is_some_and(|it| !it.is_all() && it.covers(product));
        let mut facts = self.clone();
        facts.offers.retain(|it| is_about(&it.id));
        facts.leads.retain(|it| is_about(&it.id));
        facts.registrations.retain(|it| is_about(&it.id));
        facts.won.retain(|it| is_about(&it.id));
        facts.closed.retain(|it| is_about(&it.id));
        facts.lead_times.retain(|it| is_about(&it.id));
        facts
    }
}

/// Reads what a question is answered from, one piece for each partner.
pub(super) async fn gather(
    ctx: &RequestContext,
    question: &Question,
    scope: &Scope,
    frame: &Frame<'_>,
) -> Result<Vec<Evidence>> {
    let partners = scope.partners();
    let mut gathering = Gathering { ctx, partners, found: BTreeMap::new() };
    let period = &question.period;
    match question.kpi {
        Kpi::ActivePartners => {
            let within = TimeDelta::days(frame.settings.active_within_days);
            gathering.productive(&Window::before(period.until(), within)).await?;
        }
        Kpi::PartnerSourcedRevenue | Kpi::Top20Share => gathering.sourced(period).await?,
        Kpi::IndirectRevenueShare => gathering.all_won(period).await?,
        Kpi::DealCounts => gathering.purchases(period).await?,
        Kpi::YoyRatio => {
            gathering.sourced(period).await?;
            gathering.sourced(&period.year_before()).await?;
        }
        Kpi::SeasonalIndex => gathering.sourced(&full_years(period)?).await?,
        Kpi::WinRate | Kpi::LossReasons => gathering.closed(period).await?,
        Kpi::AverageLeadTime => gathering.lead_times(period).await?,
        Kpi::LeadConversionRate => gathering.cohort(period).await?,
        Kpi::LeadAcceptanceRate => drop(gathering.offers(period).await?),
        Kpi::RegistrationApprovalRate | Kpi::SlaBreachRate => {
            let decided = registrations::decided_during(ctx.read(), partners, period).await?;
            gathering.take_registrations(decided);
        }
        Kpi::RegistrationConflictRate => {
            let submitted = registrations::submitted_during(ctx.read(), partners, period).await?;
            gathering.take_registrations(submitted);
        }
        Kpi::SelectionScore => gathering.selection(frame).await?,
        _ => {}
    }
    if question.group_by == Some(GroupBy::Product) {
        gathering.products_of_deals().await?;
    }
    Ok(gathering.found.into_values().collect())
}

struct Gathering<'a> {
    ctx: &'a RequestContext,
    partners: Option<&'a [PartnerId]>,
    found: BTreeMap<Option<PartnerId>, Evidence>,
}

impl Gathering<'_> {
    fn of(&mut self, partner: Option<PartnerId>) -> &mut Evidence {
        self.found.entry(partner).or_insert_with(|| Evidence { partner, ..Evidence::default() })
    }

    async fn sourced(&mut self, period: &Window) -> Result<()> {
        for deal in won::won_during(self.ctx.read(), self.partners, period).await? {
            if deal.sourcing_partner.is_some() {
                self.of(deal.sourcing_partner).won.push(deal);
            }
        }
        Ok(())
    }

    /// Direct sales are below the line of everybody's share.
    async fn all_won(&mut self, period: &Window) -> Result<()> {
        for deal in won::won_during(self.ctx.read(), None, period).await? {
            self.of(deal.sourcing_partner).won.push(deal);
        }
        Ok(())
    }

    /// Deals of the period and of the one that it is compared with, and what their customers had bought before.
    async fn purchases(&mut self, period: &Window) -> Result<()> {
        let previous = period.previous();
        self.sourced(&previous).await?;
        self.sourced(period).await?;
        let accounts = self.found.values().flat_map(|it| &it.won).map(|it| GoldenId(it.account));
        let accounts: Vec<GoldenId> = accounts.collect();
        let first_date = date_in_tokyo(previous.from());
        let before = won::bought_before(self.ctx.read(), self.partners, &accounts, first_date).await?;
        for facts in self.found.values_mut() {
            let customers: BTreeSet<Uuid> = facts.won.iter().map(|it| it.account).collect();
            facts.won.extend(before.iter().filter(|it| customers.contains(&it.account)).cloned());
        }
        Ok(())
    }

    async fn closed(&mut self, period: &Window) -> Result<()> {
        for (partner, deal) in won::closed_during(self.ctx.read(), self.partners, period).await? {
            self.of(Some(partner)).closed.push(deal);
        }
        Ok(())
    }

    /// A deal with a partner starts when its lead is accepted or it is registered, whichever came first.
    async fn lead_times(&mut self, period: &Window) -> Result<()> {
        let db = self.ctx.read();
        let won = won::won_during(db, self.partners, period).await?;
        let ids: Vec<GoldenId> = won.iter().map(|it| it.id.into()).collect();
        let leads = leads::measured::behind(db, &ids).await?;
        let accepted = offers::accepted(db, &leads.keys().copied().collect::<Vec<_>>()).await?;
        let accepted = accepted.iter().map(|it| (leads[&it.lead], it.fact.partner, it.fact.closed_at));
        let registered = registrations::behind(db, &ids).await?;
        let registered =
            registered.iter().filter_map(|it| Some((it.opportunity?, it.fact.partner, it.fact.submitted_at)));
        let mut starts: BTreeMap<(GoldenId, PartnerId), DateTime<Utc>> = BTreeMap::new();
        for (deal, partner, at) in accepted.chain(registered) {
            starts.entry((deal, partner)).and_modify(|it| *it = (*it).min(at)).or_insert(at);
        }
        for deal in won {
            let Some(partner) = deal.sourcing_partner else { continue };
            let started_at = starts.get(&(deal.id.into(), partner)).copied();
            let fact = LeadTimeFact { id: deal.id, started_at, won_at: deal.won_at };
            self.of(Some(partner)).lead_times.push(fact);
        }
        Ok(())
    }

    async fn offers(&mut self, period: &Window) -> Result<Vec<EndedOffer>> {
        let ended = offers::ended_during(self.ctx.read(), self.partners, period).await?;
        for offer in &ended {
            let facts = self.of(Some(offer.fact.partner));
            facts.offers.push(offer.fact);
            facts.products.insert(offer.fact.id, offer.products.clone());
        }
        Ok(ended)
    }

    /// The leads that were accepted, with what became of them.
    async fn cohort(&mut self, period: &Window) -> Result<()> {
        let mut accepted = self.offers(period).await?;
        accepted.retain(|it| it.fact.outcome == OfferOutcome::Accepted);
        let leads: Vec<GoldenId> = accepted.iter().map(|it| it.lead).collect();
        let conversions = leads::measured::conversions(self.ctx, &leads).await?;
        for offer in accepted {
            let (partner, accepted_at) = (offer.fact.partner, offer.fact.closed_at);
            let fact = LeadFact {
                id: offer.lead.into(),
                partner,
                accepted_at,
                converted_at: conversions.get(&offer.lead).copied().filter(|it| *it >= accepted_at),
                is_partner_trained: false,
            };
            let facts = self.of(Some(partner));
            facts.products.insert(fact.id, offer.products);
            facts.leads.push(fact);
        }
        Ok(())
    }

    fn take_registrations(&mut self, measured: Vec<SubmittedRegistration>) {
        for it in measured {
            let facts = self.of(Some(it.fact.partner));
            facts.registrations.push(it.fact);
            facts.products.insert(it.fact.id, it.products);
        }
    }

    /// What makes a partner active: accepting a lead, registering a deal, winning one.
    async fn productive(&mut self, period: &Window) -> Result<()> {
        let db = self.ctx.read();
        let offers = offers::ended_during(db, self.partners, period).await?;
        let accepted = offers.iter().filter(|it| it.fact.outcome == OfferOutcome::Accepted);
        let accepted = accepted.map(|it| (it.fact.partner, it.fact.closed_at));
        let registered = registrations::submitted_during(db, self.partners, period).await?;
        let registered = registered.iter().map(|it| (it.fact.partner, it.fact.submitted_at));
        let won = won::won_during(db, self.partners, period).await?;
        let won = won.iter().filter_map(|it| Some((it.sourcing_partner?, it.won_at)));
        for (partner, at) in accepted.chain(registered).chain(won) {
            self.of(Some(partner)).productive.push(at);
        }
        Ok(())
    }

    async fn selection(&mut self, frame: &Frame<'_>) -> Result<()> {
        let partners: Vec<PartnerId> = frame.partners.iter().map(|it| it.id).collect();
        for assessment in prospects::assessments(self.ctx.read(), &partners).await? {
            self.of(Some(assessment.partner)).selection = Some(assessment.score);
        }
        Ok(())
    }

    /// A deal is about what its registration was about.
    async fn products_of_deals(&mut self) -> Result<()> {
        let deals = self.found.values().flat_map(|it| {
            let won = it.won.iter().map(|it| it.id);
            won.chain(it.closed.iter().map(|it| it.id)).chain(it.lead_times.iter().map(|it| it.id))
        });
        let deals: Vec<GoldenId> = deals.map(GoldenId).collect();
        for it in registrations::behind(self.ctx.read(), &deals).await? {
            let Some(deal) = it.opportunity else { continue };
            self.of(Some(it.fact.partner)).products.insert(deal.into(), it.products);
        }
        Ok(())
    }
}

/// The full fiscal years before the end of a period.
fn full_years(period: &Window) -> Result<Window> {
    let last = FiscalYear::of(date_in_tokyo(period.until()));
    let first = FiscalYear(last.0 - YEARS_OF_SEASONS);
    let (from, until) = (first.period().from, last.period().from);
    Window::new(start_of_day(from), start_of_day(until)).map_err(Error::internal)
}
