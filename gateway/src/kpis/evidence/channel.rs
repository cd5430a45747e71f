//! What is known of deals, offers, registrations and prospects.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::calendar::{date_in_tokyo, start_of_day};
use domain::distribution::OfferOutcome;
use domain::engagement::Measure;
use domain::ids::{GoldenId, PartnerId};
use domain::kpis::frame::Frame;
use domain::kpis::pipeline::conversion::LeadFact;
use domain::kpis::pipeline::lead_time::LeadTimeFact;
use domain::kpis::pipeline::views_by_deal_size::ViewedDeal;
use domain::kpis::window::Window;
use uuid::Uuid;

use super::Gathering;
use crate::distribution::measured::{self as offers, EndedOffer};
use crate::engagement::measured as events;
use crate::error::{Error, Result};
use crate::kpis::figures::CURRENCY;
use crate::kpis::usage::read;
use crate::leads;
use crate::opportunities::won;
use crate::partners::prospects;
use crate::registrations::measured::{self as registrations, SubmittedRegistration};
use crate::training::measured as training;

impl Gathering<'_> {
    pub(super) async fn sourced(&mut self, period: &Window) -> Result<()> {
        for deal in won::won_during(self.ctx.read(), self.partners, period).await? {
            if deal.sourcing_partner.is_some() {
                self.of(deal.sourcing_partner).won.push(deal);
            }
        }
        Ok(())
    }

    /// Direct sales are below the line of everybody's share.
    pub(super) async fn all_won(&mut self, period: &Window) -> Result<()> {
        for deal in won::won_during(self.ctx.read(), None, period).await? {
            self.of(deal.sourcing_partner).won.push(deal);
        }
        Ok(())
    }

    /// Deals of the period and of the one that it is compared with, and what their customers had bought before.
    pub(super) async fn purchases(&mut self, period: &Window) -> Result<()> {
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

    pub(super) async fn closed(&mut self, period: &Window) -> Result<()> {
        for (partner, deal) in won::closed_during(self.ctx.read(), self.partners, period).await? {
            self.of(Some(partner)).closed.push(deal);
        }
        Ok(())
    }

    /// A deal with a partner starts when its lead is accepted or it is registered, whichever came first.
    pub(super) async fn lead_times(&mut self, period: &Window) -> Result<()> {
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

    pub(super) async fn offers(&mut self, period: &Window) -> Result<Vec<EndedOffer>> {
        let ended = offers::ended_during(self.ctx.read(), self.partners, period).await?;
        for offer in &ended {
            let facts = self.of(Some(offer.fact.partner));
            facts.offers.push(offer.fact);
            facts.products.insert(offer.fact.id, offer.products.clone());
        }
        Ok(ended)
    }

    /// The leads that were accepted, with what became of them.
    pub(super) async fn cohort(&mut self, period: &Window) -> Result<()> {
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

    pub(super) fn take_registrations(&mut self, measured: Vec<SubmittedRegistration>) {
        for it in measured {
            let facts = self.of(Some(it.fact.partner));
            facts.registrations.push(it.fact);
            facts.products.insert(it.fact.id, it.products);
        }
    }

    /// What makes a partner active: accepting a lead, registering a deal, winning one, completing a training.
    pub(super) async fn productive(&mut self, period: &Window) -> Result<()> {
        let db = self.ctx.read();
        let offers = offers::ended_during(db, self.partners, period).await?;
        let accepted = offers.iter().filter(|it| it.fact.outcome == OfferOutcome::Accepted);
        let accepted = accepted.map(|it| (it.fact.partner, it.fact.closed_at));
        let registered = registrations::submitted_during(db, self.partners, period).await?;
        let registered = registered.iter().map(|it| (it.fact.partner, it.fact.submitted_at));
        let won = won::won_during(db, self.partners, period).await?;
        let won = won.iter().filter_map(|it| Some((it.sourcing_partner?, it.won_at)));
        let learned: Vec<Measure> =
            Measure::ALL.iter().copied().filter(|it| it.productive_action().is_some()).collect();
        let learned = events::times_of(db, self.partners, &learned, period).await?;
        let completed = training::completions(db, self.partners, period).await?;
        for (partner, at) in accepted.chain(registered).chain(won).chain(learned).chain(completed) {
            self.of(Some(partner)).productive.push(at);
        }
        Ok(())
    }

    /// Won deals with what their partners had viewed in the days before.
    pub(super) async fn viewed(&mut self, frame: &Frame<'_>) -> Result<()> {
        let db = self.ctx.read();
        let mut deals = won::won_during(db, self.partners, &frame.period).await?;
        deals.retain(|it| it.sourcing_partner.is_some());
        let partners: BTreeSet<PartnerId> = deals.iter().filter_map(|it| it.sourcing_partner).collect();
        let partners: Vec<PartnerId> = partners.into_iter().collect();
        let since = frame.period.from() - frame.settings.influence();
        let around = Window::new(since, frame.period.until()).map_err(Error::internal)?;
        let views = read::views(db, &partners, &around).await?;
        for deal in deals {
            let amount = deal.amount.filter(|it| it.currency == CURRENCY);
            let (Some(partner), Some(amount)) = (deal.sourcing_partner, amount) else { continue };
            let before = Window::before(deal.won_at, frame.settings.influence());
            let days = views.get(&partner).into_iter().flatten();
            let seen = days.filter(|(day, _)| before.contains(start_of_day(*day))).map(|(_, count)| count);
            let fact = ViewedDeal {
                id: deal.id,
                won_at: deal.won_at,
                views: seen.sum(),
                amount: amount.minor.into(),
            };
            self.of(Some(partner)).viewed.push(fact);
        }
        Ok(())
    }

    pub(super) async fn selection(&mut self, frame: &Frame<'_>) -> Result<()> {
        let partners: Vec<PartnerId> = frame.partners.iter().map(|it| it.id).collect();
        for assessment in prospects::assessments(self.ctx.read(), &partners).await? {
            self.of(Some(assessment.partner)).figure = Some(assessment.score);
        }
        Ok(())
    }

    /// A deal is about what its registration was about.
    pub(super) async fn products_of_deals(&mut self) -> Result<()> {
        let deals = self.found.values().flat_map(|it| {
            let won = it.won.iter().map(|it| it.id);
            let closed = it.closed.iter().map(|it| it.id);
            let timed = it.lead_times.iter().map(|it| it.id);
            won.chain(closed).chain(timed).chain(it.viewed.iter().map(|it| it.id))
        });
        let deals: Vec<GoldenId> = deals.map(GoldenId).collect();
        for it in registrations::behind(self.ctx.read(), &deals).await? {
            // Whoever else registered the same deal tells nothing about the products of those whose deal it is.
            let whose = self.found.get_mut(&Some(it.fact.partner));
            if let (Some(deal), Some(evidence)) = (it.opportunity, whose) {
                evidence.products.insert(deal.into(), it.products);
            }
        }
        Ok(())
    }
}
