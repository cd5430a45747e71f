//! What the API shows of figures: the catalogue, an answer, its groups.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::ids::PartnerId;
use domain::kpis::catalogue::{GroupBy, Kpi, Population, Unit};
use domain::kpis::statistics::standing::Standing;
use domain::kpis::value::{Flag, KpiValue};
use domain::text::Language;
use uuid::Uuid;

use super::receipt::KpiFigure;
use crate::error::Result;
use crate::kpis::service::{self, Answer};
use crate::partners;
use crate::partners::graphql::Partner;
use crate::platform::context::RequestContext;

/// A figure of the catalogue.
pub struct KpiDefinition(pub(super) Kpi);

/// A figure of the catalogue.
#[Object]
impl KpiDefinition {
    /// Its code.
    async fn code(&self) -> Kpi {
        self.0
    }

    /// Its name in reports and on the command line, such as `winRate`.
    async fn name(&self) -> String {
        self.0.name()
    }

    /// What it is called in Japanese.
    async fn label_ja(&self) -> &str {
        self.0.label(Language::Ja)
    }

    /// What it is called in English.
    async fn label_en(&self) -> &str {
        self.0.label(Language::En)
    }

    /// What its value is.
    async fn unit(&self) -> Unit {
        self.0.definition().unit
    }

    /// Which partners it is about.
    async fn population(&self) -> Population {
        self.0.definition().population
    }

    /// By what it can be grouped.
    async fn groupings(&self) -> &[GroupBy] {
        self.0.definition().group_bys
    }

    /// Which formula; rises with every change of meaning.
    async fn formula_version(&self) -> u32 {
        self.0.definition().formula_version
    }
}

/// A figure over a period.
pub struct KpiAnswer(pub(super) Answer);

/// A figure over a period.
#[Object]
impl KpiAnswer {
    /// What it is.
    async fn kpi(&self) -> KpiDefinition {
        KpiDefinition(self.0.question.kpi)
    }

    /// The first instant of the period.
    async fn from(&self) -> DateTime<Utc> {
        self.0.receipt.period.from()
    }

    /// The first instant after it.
    async fn until(&self) -> DateTime<Utc> {
        self.0.receipt.period.until()
    }

    /// The figure; of all groups together where it is split, which is a ratio of sums and no mean of the groups.
    async fn figure(&self) -> KpiFigure<'_> {
        KpiFigure::new(self.0.question.kpi, &self.0.receipt.measured)
    }

    /// Each group with a figure of its own; empty when it was not asked for.
    #[graphql(complexity = "20 * child_complexity")]
    async fn groups(&self) -> Vec<KpiGroup<'_>> {
        let kpi = self.0.question.kpi;
        let is_by_partner = self.0.question.group_by == Some(GroupBy::Partner);
        let partner = |key: &str| key.parse::<Uuid>().ok().filter(|_| is_by_partner).map(PartnerId);
        let groups = self.0.groups.iter();
        groups.map(|(key, measured)| KpiGroup { key, kpi, measured, partner: partner(key) }).collect()
    }

    /// What must be known when groups are compared.
    async fn group_flags(&self) -> Vec<Flag> {
        self.0.flags.iter().copied().collect()
    }

    /// The place of the caller's own partner among all; null for staff, among too few to stay anonymous, and for figures by
    /// which partners are not put into an order.
    async fn standing(&self, ctx: &Context<'_>) -> Result<Option<KpiStanding>> {
        let standing = service::standing(ctx.data_unchecked::<RequestContext>(), self.0.question).await?;
        Ok(standing.map(KpiStanding::from))
    }

    /// Which formula was used.
    async fn formula_version(&self) -> u32 {
        self.0.receipt.formula_version
    }

    /// When it was computed.
    async fn computed_at(&self) -> DateTime<Utc> {
        self.0.receipt.computed_at
    }

    /// Until when everything that arrived was counted.
    async fn watermark(&self) -> DateTime<Utc> {
        self.0.receipt.watermark
    }
}

/// One group of a figure.
pub struct KpiGroup<'a> {
    key: &'a str,
    kpi: Kpi,
    measured: &'a KpiValue,
    partner: Option<PartnerId>,
}

/// One group of a figure.
#[Object]
impl KpiGroup<'_> {
    /// What the group is called by: a code, a subject, an id; `NONE` for partners that have none.
    async fn key(&self) -> &str {
        self.key
    }

    /// The partner, where it is grouped by partner.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        partners::graphql::at_edge(ctx.data_unchecked(), self.partner?).await.transpose()
    }

    /// Its figure.
    async fn figure(&self) -> KpiFigure<'_> {
        KpiFigure::new(self.kpi, self.measured)
    }
}

/// A place among others.
#[derive(SimpleObject)]
pub struct KpiStanding {
    /// The place from the best; equals share it.
    place: usize,
    /// Among how many.
    among: usize,
}

impl From<Standing> for KpiStanding {
    fn from(it: Standing) -> Self {
        Self { place: it.place, among: it.among }
    }
}
