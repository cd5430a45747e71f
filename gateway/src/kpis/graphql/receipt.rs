//! What the API shows of one figure: its value and what that was made of, down to the records.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::access::Role;
use domain::kpis::catalogue::Kpi;
use domain::kpis::value::{
    Absence, Aspect, Bar, Exclusion, ExclusionReason, Figure, Flag, KpiValue, Part, Subject,
};
use domain::text::Language;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::PageRefusal;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Records of a page when the client names no number, and at most.
const RECORDS: i32 = 200;

/// A figure with what it was made of.
pub struct KpiFigure<'a> {
    kpi: Kpi,
    measured: &'a KpiValue,
}

impl<'a> KpiFigure<'a> {
    pub(super) fn new(kpi: Kpi, measured: &'a KpiValue) -> Self {
        Self { kpi, measured }
    }

    /// What nothing records has neither an upper nor a lower term.
    fn is_recorded(&self) -> bool {
        !matches!(self.measured.value, Err(Absence::NotRecorded | Absence::PerPartner))
    }
}

/// A figure with what it was made of.
#[Object]
impl KpiFigure<'_> {
    /// The value, rounded half-up to the decimals of its unit; null when there is none, never zero instead.
    async fn value(&self) -> Option<Decimal> {
        let decimals = self.kpi.definition().unit.decimals();
        self.measured.value.ok().map(|it| it.rounded(decimals))
    }

    /// The exact value as a fraction, such as `21/38`.
    async fn exact(&self) -> Option<String> {
        self.measured.value.ok().map(|it| it.to_string())
    }

    /// Why there is no value.
    async fn absence(&self) -> Option<Absence> {
        self.measured.value.err()
    }

    /// ISO 4217 code, when it is money; amounts are in minor units.
    async fn currency(&self) -> Option<&str> {
        self.measured.currency.as_deref()
    }

    /// What is above the line.
    async fn numerator(&self) -> Option<KpiPart<'_>> {
        self.is_recorded().then_some(KpiPart(&self.measured.numerator))
    }

    /// What is below the line; null for counts and sums.
    async fn denominator(&self) -> Option<KpiPart<'_>> {
        self.measured.denominator.as_ref().map(KpiPart)
    }

    /// What was left out, and why.
    async fn exclusions(&self) -> Vec<KpiExclusion<'_>> {
        self.measured.exclusions.iter().map(KpiExclusion).collect()
    }

    /// What must be known before it is used.
    async fn flags(&self) -> Vec<Flag> {
        self.measured.flags.iter().copied().collect()
    }

    /// How many units it rests on.
    async fn sample_size(&self) -> usize {
        self.measured.sample_size()
    }

    /// Where a rate lies in 95 of 100 cases (Wilson); null for what is no share of records.
    async fn interval(&self) -> Option<KpiInterval> {
        self.measured.interval.map(|it| KpiInterval { low: it.low, high: it.high })
    }

    /// Further figures of the same kind.
    async fn beside(&self, ctx: &Context<'_>) -> Vec<KpiAspectFigure> {
        let language = ctx.data_unchecked::<RequestContext>().caller.language;
        self.measured.beside.iter().map(|it| KpiAspectFigure::of(*it, language)).collect()
    }

    /// Its bars, when it is a distribution.
    async fn bars(&self) -> Vec<KpiBar> {
        self.measured.bars.iter().map(KpiBar::from).collect()
    }
}

/// A total and the records that made it.
pub struct KpiPart<'a>(&'a Part);

/// A total and the records that made it.
#[Object]
impl KpiPart<'_> {
    /// The total, as an exact fraction.
    async fn exact(&self) -> String {
        self.0.total.to_string()
    }

    /// The total, with four decimals.
    async fn total(&self) -> Decimal {
        self.0.total.rounded(4).normalize()
    }

    /// What kind of record it was made of.
    async fn subject(&self) -> Subject {
        self.0.subject
    }

    /// The records that made it, in the order of their ids; null for representatives, who see only their own.
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After the record with this id.")] after: Option<ID>,
    ) -> Option<Result<KpiRecords>> {
        records(ctx, self.0.subject, &self.0.ids, first, after)
    }
}

/// Records that were left out.
pub struct KpiExclusion<'a>(&'a Exclusion);

/// Records that were left out.
#[Object]
impl KpiExclusion<'_> {
    /// Why.
    async fn reason(&self) -> ExclusionReason {
        self.0.reason
    }

    /// What kind of record.
    async fn subject(&self) -> Subject {
        self.0.subject
    }

    /// How many.
    async fn count(&self) -> usize {
        self.0.ids.len()
    }

    /// Which, in the order of their ids; null for representatives, who see only their own.
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After the record with this id.")] after: Option<ID>,
    ) -> Option<Result<KpiRecords>> {
        records(ctx, self.0.subject, &self.0.ids, first, after)
    }
}

/// A page of the records behind a total.
#[derive(SimpleObject)]
pub struct KpiRecords {
    /// How many there are in all.
    total_count: usize,
    /// Their ids; global ones where the record is a node of this API.
    ids: Vec<ID>,
    /// Pass it as `after` for the next page; null on the last one.
    next: Option<ID>,
}

/// Where a rate lies in 95 of 100 cases.
#[derive(SimpleObject)]
pub struct KpiInterval {
    /// Lower end.
    low: Decimal,
    /// Upper end.
    high: Decimal,
}

/// A figure beside the value.
#[derive(SimpleObject)]
pub struct KpiAspectFigure {
    /// Of what.
    aspect: Aspect,
    /// What that is called, in the caller's language.
    label: &'static str,
    /// The figure.
    value: Option<Decimal>,
    /// Why there is none.
    absence: Option<Absence>,
}

impl KpiAspectFigure {
    fn of((aspect, figure): (Aspect, Figure), language: Language) -> Self {
        let value = figure.ok().map(|it| it.rounded(aspect.decimals()));
        Self { aspect, label: aspect.label(language), value, absence: figure.err() }
    }
}

/// One bar of a distribution.
#[derive(SimpleObject)]
pub struct KpiBar {
    /// What it stands for: a loss reason, a quarter, a bucket.
    key: String,
    /// How many records are in it.
    size: usize,
    /// Its height, with four decimals.
    value: Option<Decimal>,
    /// Why it has none.
    absence: Option<Absence>,
}

impl From<&Bar> for KpiBar {
    fn from(it: &Bar) -> Self {
        let value = it.value.ok().map(|it| it.rounded(4));
        Self { key: it.key.clone(), size: it.size, value, absence: it.value.err() }
    }
}

/// What lies behind a figure is for those who see all rows that it was made of.
fn records(
    ctx: &Context<'_>,
    subject: Subject,
    ids: &[Uuid],
    first: Option<i32>,
    after: Option<ID>,
) -> Option<Result<KpiRecords>> {
    let caller = &ctx.data_unchecked::<RequestContext>().caller;
    let sees_all = caller.is_staff() || caller.roles.contains(&Role::PartnerAdmin);
    sees_all.then(|| page(subject, ids, first, after))
}

fn page(subject: Subject, ids: &[Uuid], first: Option<i32>, after: Option<ID>) -> Result<KpiRecords> {
    let first = first.unwrap_or(RECORDS);
    let size = usize::try_from(first).ok().filter(|_| (1..=RECORDS).contains(&first));
    let size = size.ok_or(PageRefusal::PageSize)?;
    let begin = match after {
        Some(after) => {
            let last = decoded(subject, &after)?;
            ids.partition_point(|it| *it <= last)
        }
        None => 0,
    };
    let end = ids.len().min(begin + size);
    let shown: Vec<ID> = ids[begin..end].iter().map(|it| encoded(subject, *it)).collect();
    let next = shown.last().filter(|_| end < ids.len()).cloned();
    Ok(KpiRecords { total_count: ids.len(), ids: shown, next })
}

/// The type of node that such a record has in the API.
fn node_type(subject: Subject) -> Option<NodeType> {
    match subject {
        Subject::Partner => Some(NodeType::Partner),
        Subject::User => Some(NodeType::PartnerUser),
        Subject::Deal => Some(NodeType::Opportunity),
        Subject::Lead => Some(NodeType::Lead),
        Subject::Offer => Some(NodeType::LeadOffer),
        Subject::Registration => Some(NodeType::DealRegistration),
        Subject::Assignment => Some(NodeType::SupportAssignment),
        Subject::Enrolment => Some(NodeType::Enrolment),
        _ => None,
    }
}

fn encoded(subject: Subject, id: Uuid) -> ID {
    node_type(subject).map_or_else(|| ID(id.to_string()), |it| NodeId::encode(it, id))
}

fn decoded(subject: Subject, id: &ID) -> Result<Uuid> {
    Ok(match node_type(subject) {
        Some(node_type) => NodeId::decode(id, node_type)?,
        None => {
            Uuid::try_parse(id).map_err(|_| crate::platform::graphql::node_id::InvalidNodeId::Malformed)?
        }
    })
}
