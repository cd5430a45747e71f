//! The review queue in the API.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::fields::RecordKind;
use domain::review::{ReviewKind, ReviewState};
use domain::sources::SourceKey;
use entity::review::review_task::{Column, Entity, Model};
use mastering::matching::evidence::Evidence;
use mastering::matching::verdict::Verdict;
use sea_orm::sea_query::{Condition, Expr, IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Result;
use crate::golden::graphql::SourceRecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::filter::all_of;

/// A decision asked of a person.
#[derive(SimpleObject)]
pub struct ReviewTask {
    /// Id of the task.
    id: Uuid,
    /// What is asked.
    kind: ReviewKind,
    /// Where the task stands.
    state: ReviewState,
    /// What the records describe.
    record_kind: RecordKind,
    /// The two records in question.
    records: Vec<SourceRecordRef>,
    /// How alike they are, 0 to 100.
    score: Option<i32>,
    /// What speaks for and against it.
    evidence: Vec<MatchEvidence>,
    /// When it was asked.
    created_at: DateTime<Utc>,
    /// When it last moved.
    updated_at: DateTime<Utc>,
}

/// One comparison of two records.
#[derive(SimpleObject)]
pub struct MatchEvidence {
    /// What was compared.
    comparison: String,
    /// Its label in the caller's language.
    comparison_label: &'static str,
    /// How it came out.
    level: String,
    /// Its label in the caller's language.
    level_label: &'static str,
    /// What that is worth.
    points: i32,
}

#[derive(Deserialize)]
struct Subject {
    left: SourceKey,
    right: SourceKey,
    verdict: Verdict,
}

impl ReviewTask {
    fn new(ctx: &RequestContext, row: Model) -> Self {
        let subject: Option<Subject> = serde_json::from_str(&row.subject).ok();
        let records = subject.iter().flat_map(|it| [(&it.left).into(), (&it.right).into()]).collect();
        let evidence = |it: &Evidence| MatchEvidence {
            comparison: it.comparison.code().to_owned(),
            comparison_label: it.comparison.label(ctx.caller.language),
            level: it.level.code().to_owned(),
            level_label: it.level.label(ctx.caller.language),
            points: it.points,
        };
        Self {
            id: row.id.into(),
            kind: row.kind,
            state: row.state,
            record_kind: row.record_kind,
            records,
            score: subject.as_ref().map(|it| it.verdict.score.into()),
            evidence: subject.iter().flat_map(|it| it.verdict.evidence.iter().map(evidence)).collect(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Which tasks; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct ReviewTaskFilter {
    /// What is asked.
    kind: Option<ReviewKind>,
    /// One of these.
    state: Option<Vec<ReviewState>>,
    /// What the records describe.
    record_kind: Option<RecordKind>,
}

impl ReviewTaskFilter {
    fn condition(&self) -> Condition {
        all_of([
            self.kind.map(|it| Column::Kind.eq(it).into_condition()),
            self.state.as_ref().map(|it| Column::State.is_in(it.iter().copied()).into_condition()),
            self.record_kind.map(|it| Column::RecordKind.eq(it).into_condition()),
        ])
    }
}

/// Orders of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum ReviewTaskOrder {
    /// Longest waiting first.
    #[default]
    CreatedAsc,
    /// Newest first.
    CreatedDesc,
}

impl SortKey<Model> for ReviewTaskOrder {
    fn name(self) -> String {
        format!("reviewTasks/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        Expr::col(Column::Id)
    }

    fn is_ascending(self) -> bool {
        self == Self::CreatedAsc
    }

    fn value(self, row: &Model) -> SortValue {
        SortValue::Id(row.id.into())
    }

    fn sample(self) -> SortValue {
        SortValue::Id(Uuid::nil())
    }
}

/// Reading the review queue.
#[derive(Default)]
pub struct ReviewQueries;

#[Object]
impl ReviewQueries {
    /// Decisions asked of people, page by page; staff only.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn review_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which tasks; all when left out.")] filter: Option<ReviewTaskFilter>,
        #[graphql(default, desc = "In which order.")] order_by: ReviewTaskOrder,
    ) -> Result<Page<ReviewTask>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadReviews)?;
        let query = Entity::find().filter(filter.unwrap_or_default().condition());
        let node = |row: Model| (row.id.into(), ReviewTask::new(ctx, row));
        page(ctx, query, Column::Id, order_by, &PageInput { first, after, last, before }, node).await
    }
}
