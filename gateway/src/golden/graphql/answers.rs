//! What people have answered about pairs of records, in the API.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::review::MatchAnswer;
use uuid::Uuid;

use super::merges::RecordFieldChange;
use super::provenance::SourceRecordRef;
use crate::error::{OfField as _, Result};
use crate::golden::answers::{self, Answered, Withdrawal};
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::at_hand::page_at_hand;
use crate::platform::graphql::connection::{Page, PageInput, page_cost};
use crate::platform::graphql::payload::{Payload, answer};

/// What a person said of two records: one, or never. It holds whatever the rules find, until it is withdrawn or answered anew.
#[derive(SimpleObject)]
pub struct MatchDecision {
    /// Its id.
    id: Uuid,
    /// What was said.
    answer: MatchAnswer,
    /// The label of that in the caller's language.
    answer_label: &'static str,
    /// The two records.
    records: Vec<SourceRecordRef>,
    /// The golden records they belong to now, in the same order.
    golden_ids: Vec<ID>,
    /// Why.
    reason: String,
    /// Subject of who said it.
    by: String,
    /// When.
    at: DateTime<Utc>,
}

impl MatchDecision {
    fn of(ctx: &RequestContext, it: Answered) -> Self {
        let kind = it.row.kind;
        let global = |id| RecordRef { kind, id }.global_id();
        Self {
            id: it.row.id.into(),
            answer: it.row.answer,
            answer_label: it.row.answer.label(ctx.caller.language),
            records: it.pair.iter().map(|it| (&**it).into()).collect(),
            golden_ids: it.goldens.into_iter().flatten().map(global).collect(),
            reason: it.row.reason,
            by: it.row.decided_by,
            at: it.row.decided_at,
        }
    }
}

/// Which answers are withdrawn, and why.
#[derive(Debug, InputObject)]
pub struct WithdrawMatchDecisionsInput {
    /// Ids of answers about records of one kind, as `matchDecisions` gives them.
    ids: Vec<Uuid>,
    /// Why; 1 to 2,000 characters.
    reason: String,
    /// Only show what would change.
    #[graphql(default)]
    dry_run: bool,
    /// The same key gives the same answer: make one for each new request.
    idempotency_key: Option<String>,
}

/// What came of a withdrawal.
#[derive(SimpleObject)]
pub struct WithdrawMatchDecisionsPayload {
    /// The golden records that the records belong to now; ask for them by `node`.
    record_ids: Vec<ID>,
    /// What is served otherwise; empty when the request was answered before.
    changes: Vec<RecordFieldChange>,
    /// Nothing was done, only foreseen.
    is_dry_run: bool,
}

/// Looking through what people have answered.
#[derive(Default)]
pub struct MatchDecisionQueries;

#[Object]
impl MatchDecisionQueries {
    /// What people have answered about the records of a golden record and others, newest first, as far as it holds; null
    /// when there is no such record or the caller does not see it. Staff only.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    async fn match_decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record's global id.")] id: ID,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
    ) -> Option<Result<Page<MatchDecision>>> {
        let input = PageInput { first, after, last, before };
        decisions(ctx.data_unchecked(), &id, &input).await.transpose()
    }
}

async fn decisions(ctx: &RequestContext, id: &ID, input: &PageInput) -> Result<Option<Page<MatchDecision>>> {
    let Some(told) = answers::about(ctx, RecordRef::parse(id)?).await? else { return Ok(None) };
    let told = told.into_iter().map(|it| MatchDecision::of(ctx, it)).collect();
    page_at_hand("matchDecisions", told, input).map(Some)
}

/// Taking answers back.
#[derive(Default)]
pub struct MatchDecisionMutations;

#[Object]
impl MatchDecisionMutations {
    /// Withdraws what people have said of records: from now on the evidence counts, and rules may join what was declared
    /// different. Refused where it would take a golden record apart: `proposeUnmerge` does that, under four eyes.
    async fn withdraw_match_decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which answers, and why.")] input: WithdrawMatchDecisionsInput,
    ) -> Result<Payload<WithdrawMatchDecisionsPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let withdrawal = Withdrawal {
                answers: input.ids.into_iter().map(Into::into).collect(),
                reason: input.reason.parse().of_field("reason")?,
                is_dry_run: input.dry_run,
            };
            let done = answers::withdraw(ctx, input.idempotency_key.as_deref(), withdrawal).await?;
            let kind = done.kind;
            Ok(WithdrawMatchDecisionsPayload {
                record_ids: done.goldens.into_iter().map(|id| RecordRef { kind, id }.global_id()).collect(),
                changes: done.changes.into_iter().map(|it| RecordFieldChange::of(ctx, kind, it)).collect(),
                is_dry_run: input.dry_run,
            })
        })
        .await
    }
}
