//! Use cases of KPIs: a figure with its receipt, split into groups if wanted, and a partner's place among the others.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::PartnerId;
use domain::kpis::catalogue::{GroupBy, Kpi};
use domain::kpis::fraction::Fraction;
use domain::kpis::frame::{Frame, PartnerFacts};
use domain::kpis::grouping::{Facts, Grouped, by_facts, by_partners};
use domain::kpis::receipt::Receipt;
use domain::kpis::settings::KpiSettings;
use domain::kpis::statistics::standing::{self, Standing};
use domain::kpis::value::{Flag, KpiValue};
use domain::kpis::window::Window;

use super::evidence::{Evidence, gather};
use super::figures::figure;
use super::groups;
use super::scope::Scope;
use super::{snapshots, usage};
use crate::engagement::measured as events;
use crate::error::{Refusal, Result};
use crate::platform::context::RequestContext;
use crate::{contracts, partners};

/// Days that one question may be about.
const LONGEST: i64 = 1_830;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// For which figure.
    pub kpi: Kpi,
    /// Over what time.
    pub period: Window,
    /// Split by what.
    pub group_by: Option<GroupBy>,
}

/// Why a figure is not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum KpiRefusal {
    /// What it says of everybody is not for a partner.
    #[error("{0} is a figure of the whole channel; ask for one that can be grouped by partner")]
    KpiOfChannel(Kpi),
    /// Nobody reads so much for one answer.
    #[error("a period has at most {LONGEST} days; ask for parts of it")]
    KpiPeriodTooLong,
    /// Only the whole is recorded.
    #[error(
        "figures of the past are recorded of the whole channel; ask as an administrator, and without a group-by"
    )]
    KpiHistoryOfChannel,
    /// Nobody had looked.
    #[error(
        "no figure of this period had been recorded by then; complete weeks and months are, once they are over"
    )]
    KpiNotRecordedYet,
}

impl Refusal for KpiRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// A figure with its receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// All groups together.
    pub receipt: Receipt,
    /// Each group; none when it was not split.
    pub groups: BTreeMap<String, KpiValue>,
    /// What must be known when groups are compared.
    pub flags: BTreeSet<Flag>,
}

/// Answers a question from what the caller may know.
pub async fn answer(ctx: &RequestContext, question: Question) -> Result<Answer> {
    let scope = Scope::of(ctx, question.kpi).await?;
    question.check()?;
    usage::count::catch_up(ctx, scope.partners()).await?;
    let uncounted = events::uncounted_since(ctx.read(), scope.partners()).await?;
    let watermark = uncounted.map_or(ctx.now, |it| it.min(ctx.now));
    let grouped = measure(ctx, &question, &scope).await?;
    let receipt = Receipt::of(grouped.total, question.period, ctx.now, watermark);
    Ok(Answer { question, receipt, groups: grouped.groups, flags: grouped.flags })
}

/// Answers a question as it would have been answered at an instant, from what was recorded.
pub async fn answer_as_of(ctx: &RequestContext, question: Question, at: DateTime<Utc>) -> Result<Answer> {
    let scope = Scope::of(ctx, question.kpi).await?;
    question.check()?;
    if scope.partners().is_some() || question.group_by.is_some() {
        return Err(KpiRefusal::KpiHistoryOfChannel.into());
    }
    let recorded = snapshots::known_at(ctx.read(), question.kpi, question.period, at).await?;
    let receipt = recorded.ok_or(KpiRefusal::KpiNotRecordedYet)?;
    Ok(Answer { question, receipt, groups: BTreeMap::new(), flags: BTreeSet::new() })
}

/// The place of the caller's own partner among all by a figure of which more is better; nothing says who the others are.
pub async fn standing(ctx: &RequestContext, question: Question) -> Result<Option<Standing>> {
    let Some(own) = ctx.caller.partner.filter(|_| question.kpi.ranks_partners()) else { return Ok(None) };
    Scope::of(ctx, question.kpi).await?;
    let by_partner = Question { group_by: Some(GroupBy::Partner), ..question };
    let grouped = measure(ctx, &by_partner, &Scope::Everybody).await?;
    let figure = |(key, value): (&String, &KpiValue)| -> Option<(PartnerId, Fraction)> {
        Some((key.parse::<uuid::Uuid>().ok()?.into(), value.value.ok()?))
    };
    Ok(standing::standing(&grouped.groups.iter().filter_map(figure).collect(), own))
}

impl Question {
    fn check(&self) -> Result<()> {
        if let Some(group_by) = self.group_by {
            self.kpi.check_group_by(group_by)?;
        }
        match self.period.until() - self.period.from() <= TimeDelta::days(LONGEST) {
            true => Ok(()),
            false => Err(KpiRefusal::KpiPeriodTooLong.into()),
        }
    }
}

async fn measure(ctx: &RequestContext, question: &Question, scope: &Scope) -> Result<Grouped<String>> {
    let settings = KpiSettings::default();
    let partners = partner_facts(ctx, scope).await?;
    let frame =
        Frame { period: question.period, partners: &partners, settings: &settings, evaluated_at: ctx.now };
    let facts = gather(ctx, question, scope, &frame).await?;
    let compute = |frame: &Frame<'_>, facts: &[Evidence]| figure(frame, question.kpi, facts);
    let Some(group_by) = question.group_by else {
        let (groups, flags) = (BTreeMap::new(), BTreeSet::new());
        return Ok(Grouped { total: compute(&frame, &facts), groups, flags });
    };
    if group_by == GroupBy::Product {
        let by_product = by_product(&facts);
        return Ok(by_facts((question.kpi, group_by), &by_product, &facts, |it| compute(&frame, it))?);
    }
    let mut members = groups::members(ctx, group_by, &frame, scope).await?;
    if group_by == GroupBy::Partner {
        let roster = frame.roster(question.kpi);
        members.retain(|_, partners| partners.iter().any(|it| roster.holds(*it)));
    }
    let facts = Facts { all: &facts, partner_of: |it: &Evidence| it.partner };
    Ok(by_partners(&frame, (question.kpi, group_by), &members, &facts, compute)?)
}

/// The facts of each product that any of them names.
fn by_product(facts: &[Evidence]) -> BTreeMap<String, Vec<Evidence>> {
    let products: BTreeSet<&str> = facts.iter().flat_map(Evidence::products).collect();
    let about = |product: &str| facts.iter().map(|it| it.about(product)).collect();
    products.into_iter().map(|it| (it.to_owned(), about(it))).collect()
}

/// What KPIs need to know of the partners that count.
pub(super) async fn partner_facts(ctx: &RequestContext, scope: &Scope) -> Result<Vec<PartnerFacts>> {
    let (db, partners) = (ctx.read(), scope.partners());
    let active = partners::measured::active_spans(db, partners).await?;
    let mut contracts = contracts::in_force::spans(db, partners).await?;
    let mut granted = BTreeMap::new();
    for user in partners::measured::users(db, partners).await? {
        for span in user.enabled {
            granted.entry(user.partner).and_modify(|it| *it = span.from.min(*it)).or_insert(span.from);
        }
    }
    let facts = |(id, active)| PartnerFacts {
        id,
        is_test: false,
        active,
        contracts: contracts.remove(&id).unwrap_or_default(),
        access_granted_at: granted.get(&id).copied(),
    };
    Ok(active.into_iter().map(facts).collect())
}
