//! What a figure rests on, read from the features: few statements, bounded by the period and the partners that count.
//!
//! Here: the facts about one partner, and which of them a figure needs. How they are read is in `channel`, `support` and `records`.

mod channel;
mod records;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::calendar::{FiscalYear, date_in_tokyo, start_of_day};
use domain::ids::{PartnerId, PartnerUserId};
use domain::kpis::catalogue::{GroupBy, Kpi};
use domain::kpis::engagement::consumption::AssignmentFact;
use domain::kpis::engagement::faq::FaqUse;
use domain::kpis::engagement::presence::AccessFact;
use domain::kpis::engagement::training::{EnrolmentFact, UserFact};
use domain::kpis::engagement::usage::UsageFact;
use domain::kpis::frame::Frame;
use domain::kpis::pipeline::closing::ClosedDeal;
use domain::kpis::pipeline::conversion::LeadFact;
use domain::kpis::pipeline::distribution::{OfferFact, RegistrationFact};
use domain::kpis::pipeline::lead_time::LeadTimeFact;
use domain::kpis::pipeline::views_by_deal_size::ViewedDeal;
use domain::kpis::revenue::deals::WonDeal;
use domain::kpis::value::KpiValue;
use domain::kpis::window::Window;
use domain::products::ProductScope;
use uuid::Uuid;

use super::scope::Scope;
use super::service::Question;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::registrations::measured as registrations;

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
    /// A figure that stands as it is: a score, or what is no matter of partners.
    pub(super) figure: Option<KpiValue>,
    pub(super) users: Vec<UserFact>,
    pub(super) assignments: Vec<AssignmentFact>,
    pub(super) enrolments: Vec<EnrolmentFact>,
    pub(super) usage: UsageFact,
    /// Who started a training.
    pub(super) starters: BTreeSet<PartnerUserId>,
    pub(super) access: AccessFact,
    /// An instant in each of the last weeks in which somebody logged in.
    pub(super) logins: Vec<DateTime<Utc>>,
    pub(super) faq: Vec<FaqUse>,
    pub(super) viewed: Vec<ViewedDeal>,
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
        facts.viewed.retain(|it| is_about(&it.id));
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
        Kpi::SeasonalIndex => gathering.sourced(&full_years(period)).await?,
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
        Kpi::UsageCounts => {
            gathering.users().await?;
            gathering.usage(period).await?;
        }
        Kpi::LoginFrequency | Kpi::TrainingParticipationRate => {
            gathering.users().await?;
            gathering.of_users(period).await?;
        }
        Kpi::SupportConsumptionRate => gathering.assignments(period).await?,
        Kpi::TrainingCompletionRate => gathering.enrolments(period).await?,
        Kpi::SilentPartners => gathering.last_accesses(period).await?,
        Kpi::EngagementScore | Kpi::LowScorePartners => gathering.score(frame).await?,
        Kpi::ReviewBacklog => gathering.backlog().await?,
        Kpi::SyncLag => gathering.sync_lag().await?,
        Kpi::FaqUnresolvedRate => gathering.faq(period).await?,
        Kpi::ViewsByDealSize => gathering.viewed(frame).await?,
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
}

/// The full fiscal years before the end of a period.
pub(super) fn full_years(period: &Window) -> Window {
    let last = FiscalYear::of(date_in_tokyo(period.until()));
    let first = FiscalYear(last.0 - YEARS_OF_SEASONS);
    let (from, until) = (start_of_day(first.period().from), start_of_day(last.period().from));
    Window::before(until, until - from)
}
