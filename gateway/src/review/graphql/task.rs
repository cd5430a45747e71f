//! One task, with everything needed to decide it.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::review::{ReviewDecision, ReviewKind, ReviewState};
use entity::review::review_task::Model;
use uuid::Uuid;

use super::comparison::{self, ComparedField, ReviewedRecord};
use super::consequence::{ReviewConsequence, consequences};
use super::evidence::{MatchEvidence, MatchFinding};
use super::history::ReviewEvent;
use crate::error::Result;
use crate::golden::graphql::SourceRecordRef;
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::review::loader::EventsOf;
use crate::review::standing::standing;
use crate::review::subject::{Subject, details, goldens};

/// A decision asked of a person.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ReviewTask {
    /// Id of the task.
    id: Uuid,
    /// What is asked.
    kind: ReviewKind,
    /// The label of that in the caller's language.
    kind_label: &'static str,
    /// Where the task stands. A claim whose time is over leaves it open.
    state: ReviewState,
    /// The label of that in the caller's language.
    state_label: &'static str,
    /// What the records describe.
    record_kind: RecordKind,
    /// The records in question: two that may be one, or those to take out.
    records: Vec<SourceRecordRef>,
    /// The golden records concerned when the question was last asked, by their global ids.
    golden_ids: Vec<ID>,
    /// How alike the records are, 0 to 100.
    score: Option<i32>,
    /// What the matching policy makes of them.
    finding: Option<MatchFinding>,
    /// What speaks for and against it.
    evidence: Vec<MatchEvidence>,
    /// What hangs on the answer: 1,000 for an open deal, 10 for each source record up to 50, and the score.
    weight: i32,
    /// The answers there are.
    decisions: Vec<ReviewDecisionOption>,
    /// Who asked, when it was a person: somebody else decides.
    requested_by: Option<String>,
    /// How many people have to decide alike.
    deciders: i32,
    /// Who is at it.
    claimed_by: Option<String>,
    /// Until when.
    claimed_until: Option<DateTime<Utc>>,
    /// When it was asked.
    created_at: DateTime<Utc>,
    /// When it last moved.
    updated_at: DateTime<Utc>,
    /// Seconds since it was asked.
    age_seconds: i64,
    #[graphql(skip)]
    row: Model,
    #[graphql(skip)]
    subject: Subject,
}

/// Something that a task says of its question.
#[derive(SimpleObject)]
pub struct ReviewDetail {
    /// What it is; parts of it behind a dot.
    name: String,
    /// The text.
    value: String,
}

/// An answer that a task can be given.
#[derive(SimpleObject)]
pub struct ReviewDecisionOption {
    /// The answer.
    decision: ReviewDecision,
    /// Its label in the caller's language.
    label: &'static str,
}

impl ReviewTask {
    pub(super) fn new(ctx: &RequestContext, row: Model) -> Self {
        let language = ctx.caller.language;
        let subject = Subject::of(&row);
        let verdict = subject.verdict.as_ref();
        let evidence = verdict.iter().flat_map(|it| &it.evidence);
        let task = standing(&row);
        let (state, holder) = (task.state_at(ctx.now), task.holder_at(ctx.now));
        let option = |it: &ReviewDecision| ReviewDecisionOption { decision: *it, label: it.label(language) };
        Self {
            id: row.id.into(),
            kind: row.kind,
            kind_label: row.kind.label(language),
            state,
            state_label: state.label(language),
            record_kind: row.record_kind,
            records: subject.records().into_iter().map(SourceRecordRef::from).collect(),
            golden_ids: goldens(&row).map(|id| RecordRef { kind: row.record_kind, id }.global_id()).collect(),
            score: row.score,
            finding: verdict.map(|it| MatchFinding::of(it, language)),
            evidence: evidence.map(|it| MatchEvidence::of(it, language)).collect(),
            weight: row.weight.unwrap_or_default(),
            decisions: row.kind.decisions().iter().map(option).collect(),
            requested_by: row.requested_by.clone(),
            deciders: row.deciders.unwrap_or(1),
            claimed_by: holder.map(|it| it.by.to_owned()),
            claimed_until: holder.map(|it| it.until),
            created_at: row.created_at,
            updated_at: row.updated_at,
            age_seconds: (ctx.now - row.created_at).num_seconds().max(0),
            row,
            subject,
        }
    }
}

#[ComplexObject]
impl ReviewTask {
    /// The first record, as its source says it today.
    async fn left(&self, ctx: &Context<'_>) -> Result<Option<ReviewedRecord>> {
        comparison::record(ctx.data_unchecked(), self.record_kind, self.subject.left.as_ref()).await
    }

    /// The second record, as its source says it today.
    async fn right(&self, ctx: &Context<'_>) -> Result<Option<ReviewedRecord>> {
        comparison::record(ctx.data_unchecked(), self.record_kind, self.subject.right.as_ref()).await
    }

    /// Both records side by side: the fields of which one of them says something.
    #[graphql(complexity = "10 * child_complexity")]
    async fn comparison(&self, ctx: &Context<'_>) -> Result<Vec<ComparedField>> {
        comparison::fields(ctx.data_unchecked(), self.record_kind, &self.subject).await
    }

    /// What each answer would change, were it given now.
    #[graphql(complexity = "10 * child_complexity")]
    async fn consequences(&self, ctx: &Context<'_>) -> Result<Vec<ReviewConsequence>> {
        consequences(ctx.data_unchecked(), &self.row, &self.subject).await
    }

    /// What else the question is about: of a stale pin what is pinned and what would be served instead, of a delete
    /// horizon the system and since when.
    async fn details(&self) -> Vec<ReviewDetail> {
        details(&self.row).into_iter().map(|(name, value)| ReviewDetail { name, value }).collect()
    }

    /// What happened to the task, oldest first: who was at it, who decided, and why.
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<ReviewEvent>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let events = ctx.batch::<EventsOf>().get(ctx, self.row.id).await?.unwrap_or_default();
        Ok(events.iter().map(|it| ReviewEvent::of(it, ctx.caller.language)).collect())
    }
}
