//! Dry runs as the API shows them.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, PolicyDryRunId};
use domain::policies::{DryRunChange, DryRunState};
use entity::policies::{dry_run, dry_run_example};
use mastering::survivorship::steps::Step;
use sea_orm::sea_query::{Expr, SimpleExpr};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::policies::dry_run as runs;
use crate::policies::dry_run::{Compared, FieldComparison};
use crate::policies::effect::Findings;

/// One dry run of a policy version over everything that is stored. It changes nothing.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PolicyDryRun {
    /// Id of the dry run.
    id: ID,
    /// The version that was tried.
    policy_version_id: ID,
    /// The version that was in force meanwhile, with which it is compared; null until it is done.
    against_id: Option<ID>,
    /// Where it stands.
    state: DryRunState,
    /// Who asked for it.
    requested_by: String,
    /// When it was asked for.
    requested_at: DateTime<Utc>,
    /// When the work began; again, if it had to be begun again.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
    /// Golden records looked at so far.
    records_done: i64,
    /// Golden records to look at; 0 until the work has begun.
    records_total: i64,
    /// Why it failed.
    message: Option<String>,
    /// What it found, in numbers; null until it is done.
    effect: Option<Findings>,
    #[graphql(skip)]
    key: PolicyDryRunId,
}

impl PolicyDryRun {
    /// As the API shows it.
    pub fn new(row: dry_run::Model) -> Result<Self> {
        let effect = runs::findings(&row)?;
        Ok(Self {
            id: ID(row.id.to_string()),
            policy_version_id: ID(row.policy_version_id.to_string()),
            against_id: row.against_id.map(|it| ID(it.to_string())),
            state: row.state,
            requested_by: row.requested_by,
            requested_at: row.requested_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            records_done: row.records_done,
            records_total: row.records_total,
            message: row.message,
            effect,
            key: row.id,
        })
    }
}

#[ComplexObject]
impl PolicyDryRun {
    /// Examples of what it found, page by page: some of each change of each field. They show values of records, so they
    /// are for those who write policies or decide on them.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    async fn examples(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
    ) -> Result<Page<PolicyEffectExample>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let query = runs::examples(ctx, self.key)?;
        let node = |row: dry_run_example::Model| (row.id.into(), PolicyEffectExample::from(row));
        let input = PageInput { first, after, last, before };
        page(ctx, query, dry_run_example::Column::Id, AsFound, &input, node).await
    }
}

/// Examples in the order in which they were found.
#[derive(Debug, Clone, Copy)]
struct AsFound;

impl SortKey<dry_run_example::Model> for AsFound {
    fn name(self) -> String {
        "policyEffectExamples".to_owned()
    }

    fn expression(self) -> SimpleExpr {
        Expr::col(dry_run_example::Column::Id)
    }

    fn is_ascending(self) -> bool {
        true
    }

    fn value(self, row: &dry_run_example::Model) -> SortValue {
        SortValue::Id(row.id.into())
    }

    fn sample(self) -> SortValue {
        SortValue::Id(Uuid::nil())
    }
}

/// One change that a dry run found.
#[derive(SimpleObject)]
pub struct PolicyEffectExample {
    /// What changes.
    change: DryRunChange,
    /// The kind of record.
    kind: RecordKind,
    /// The golden record, by its global id.
    record_id: Option<ID>,
    /// The survivor, where records become one.
    other_id: Option<ID>,
    /// The field, as policies name it.
    field: Option<String>,
    /// The value that is served now; of a write-back, what the system says.
    value_before: Option<String>,
    /// The value that would be served, or written.
    value_after: Option<String>,
    /// The source record whose value is served now; of a write-back, the one that is told.
    source_before: Option<String>,
    /// The source record whose value would be served; of a write-back, the one that is told.
    source_after: Option<String>,
    /// The rule that decides now.
    rule_before: Option<Step>,
    /// The rule that would decide.
    rule_after: Option<Step>,
}

impl From<dry_run_example::Model> for PolicyEffectExample {
    fn from(row: dry_run_example::Model) -> Self {
        let rule = |it: Option<String>| it.and_then(|it| it.parse().ok());
        Self {
            change: row.change,
            kind: row.kind,
            record_id: row.golden_id.map(|it| global(row.kind, it)),
            other_id: row.other_id.map(|it| global(row.kind, it)),
            field: row.field,
            value_before: row.value_before,
            value_after: row.value_after,
            source_before: row.source_before,
            source_after: row.source_after,
            rule_before: rule(row.rule_before),
            rule_after: rule(row.rule_after),
        }
    }
}

fn global(kind: RecordKind, id: GoldenId) -> ID {
    let node_type = match kind {
        RecordKind::Account => NodeType::Account,
        RecordKind::Contact => NodeType::Contact,
        RecordKind::Lead => NodeType::Lead,
        RecordKind::Opportunity => NodeType::Opportunity,
    };
    NodeId::encode(node_type, id)
}

/// Two dry runs side by side.
#[derive(SimpleObject)]
pub struct PolicyDryRunComparison {
    /// The earlier one, or the one that was named to compare with.
    first: PolicyDryRun,
    /// The one that was asked about.
    second: PolicyDryRun,
    /// Fields on which at least one of them found something.
    fields: Vec<PolicyDryRunFieldComparison>,
}

impl TryFrom<Compared> for PolicyDryRunComparison {
    type Error = Error;

    fn try_from(it: Compared) -> Result<Self> {
        let fields = it.fields.into_iter().map(Into::into).collect();
        Ok(Self { first: PolicyDryRun::new(it.first)?, second: PolicyDryRun::new(it.second)?, fields })
    }
}

/// What two dry runs found on one field.
#[derive(SimpleObject)]
pub struct PolicyDryRunFieldComparison {
    /// The kind of record.
    kind: RecordKind,
    /// The field, as policies name it.
    field: String,
    /// Records that the first would serve another value.
    values_first: i64,
    /// Records that the second would serve another value.
    values_second: i64,
    /// Records that the first would serve the same value for another reason.
    reasons_first: i64,
    /// Records that the second would serve the same value for another reason.
    reasons_second: i64,
    /// Values that the first would write back.
    write_backs_first: i64,
    /// Values that the second would write back.
    write_backs_second: i64,
}

impl From<FieldComparison> for PolicyDryRunFieldComparison {
    fn from(it: FieldComparison) -> Self {
        Self {
            kind: it.kind,
            field: it.field,
            values_first: it.values[0],
            values_second: it.values[1],
            reasons_first: it.reasons[0],
            reasons_second: it.reasons[1],
            write_backs_first: it.write_backs[0],
            write_backs_second: it.write_backs[1],
        }
    }
}
