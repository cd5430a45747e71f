//! Working on the queue.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::review::ReviewDecision;
use uuid::Uuid;

use super::bulk::{DecideReviewTasksInput, DecideReviewTasksPayload};
use super::task::ReviewTask;
use crate::error::{OfField as _, Result};
use crate::golden::graphql::SourceRecordInput;
use crate::golden::loader::RecordRef;
use crate::golden::refusals::MergeRefusal;
use crate::golden::service::Unmerge;
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};
use crate::review::service::bulk::BulkAnswer;
use crate::review::service::{self, Answer, Proposal};

/// Which task to take.
#[derive(Debug, InputObject)]
pub struct ClaimReviewTaskInput {
    /// Its id. Claiming twice does no harm.
    pub task_id: Uuid,
}

/// Which task to keep.
#[derive(Debug, InputObject)]
pub struct RenewReviewClaimInput {
    /// Its id. Renewing twice does no harm.
    pub task_id: Uuid,
}

/// Which task to give back.
#[derive(Debug, InputObject)]
pub struct ReleaseReviewTaskInput {
    /// Its id.
    pub task_id: Uuid,
}

/// What is decided about a task, and why.
#[derive(Debug, InputObject)]
pub struct DecideReviewTaskInput {
    /// Id of the task.
    pub task_id: Uuid,
    /// One of its `decisions`.
    pub decision: ReviewDecision,
    /// Why; 1 to 2,000 characters.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// Which golden records should be one, and why.
#[derive(Debug, InputObject)]
pub struct ProposeMergeInput {
    /// Global ids of two to ten records of one kind: accounts, contacts or leads.
    pub ids: Vec<ID>,
    /// Why; 1 to 2,000 characters.
    pub reason: String,
    /// How many people have to decide alike, 1 or 2.
    #[graphql(default = 1)]
    pub deciders: i32,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

impl ProposeMergeInput {
    fn proposal(&self) -> Result<Proposal> {
        let records = self.ids.iter().map(RecordRef::parse).collect::<Result<Vec<_>>>().of_field("ids")?;
        let kind = records.first().ok_or(MergeRefusal::MergeWithItself).of_field("ids")?.kind;
        if records.iter().any(|it| it.kind != kind) {
            return Err(MergeRefusal::DifferentKinds).of_field("ids");
        }
        let records = records.into_iter().map(|it| it.id).collect();
        Ok(Proposal {
            kind,
            records,
            reason: self.reason.parse().of_field("reason")?,
            deciders: self.deciders,
        })
    }
}

/// Which source records should be taken out of which golden record, and why.
#[derive(Debug, InputObject)]
pub struct ProposeUnmergeInput {
    /// Global id of the golden record.
    pub id: ID,
    /// The source records to take out: some, not all, of its `sourceRecords`.
    pub source_records: Vec<SourceRecordInput>,
    /// Why; 1 to 2,000 characters.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

impl ProposeUnmergeInput {
    fn wanted(&self) -> Result<Unmerge> {
        let RecordRef { kind, id: golden } = RecordRef::parse(&self.id).of_field("id")?;
        let take_out = self
            .source_records
            .iter()
            .map(SourceRecordInput::key)
            .collect::<Result<_>>()
            .of_field("sourceRecords")?;
        Ok(Unmerge { kind, golden, take_out, reason: self.reason.parse().of_field("reason")? })
    }
}

/// The tasks that ask about a proposal.
#[derive(SimpleObject)]
pub struct ProposeMergePayload {
    /// One for each record but the oldest.
    tasks: Vec<ReviewTask>,
}

/// What a change of a task gives back.
#[derive(SimpleObject)]
pub struct ReviewTaskPayload {
    /// The task as it is now.
    task: ReviewTask,
}

/// Working on the review queue.
#[derive(Default)]
pub struct ReviewMutations;

#[Object]
impl ReviewMutations {
    /// Takes a task for half an hour, so that nobody else decides it meanwhile. Claiming it again begins another half
    /// hour.
    async fn claim_review_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] input: ClaimReviewTaskInput,
    ) -> Result<Payload<ReviewTaskPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let row = service::claim(ctx, input.task_id.into()).await?;
            Ok(ReviewTaskPayload { task: ReviewTask::new(ctx, row) })
        })
        .await
    }

    /// Keeps a task that the caller holds for half an hour from now.
    async fn renew_review_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] input: RenewReviewClaimInput,
    ) -> Result<Payload<ReviewTaskPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let row = service::renew(ctx, input.task_id.into()).await?;
            Ok(ReviewTaskPayload { task: ReviewTask::new(ctx, row) })
        })
        .await
    }

    /// Gives back a task that the caller holds.
    async fn release_review_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] input: ReleaseReviewTaskInput,
    ) -> Result<Payload<ReviewTaskPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let row = service::release(ctx, input.task_id.into()).await?;
            Ok(ReviewTaskPayload { task: ReviewTask::new(ctx, row) })
        })
        .await
    }
    /// Decides a task. Nobody needs to claim it first that nobody else holds. When enough people have decided alike,
    /// the decision is carried out at once: the task is `APPLIED`, or it has `FAILED` and its history says why.
    async fn decide_review_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is decided, and why.")] input: DecideReviewTaskInput,
    ) -> Result<Payload<ReviewTaskPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let answer = Answer {
                task: input.task_id.into(),
                decision: input.decision,
                reason: input.reason.parse().of_field("reason")?,
            };
            let row = service::decide(ctx, input.idempotency_key.as_deref(), answer).await?;
            Ok(ReviewTaskPayload { task: ReviewTask::new(ctx, row) })
        })
        .await
    }

    /// Decides all tasks of a preview alike, each on its own: what stands in the way of one does not undo the others.
    async fn decide_review_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is decided about which tasks, and why.")] input: DecideReviewTasksInput,
    ) -> Result<Payload<DecideReviewTasksPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let answer = BulkAnswer {
                decision: input.decision,
                reason: input.reason.parse().of_field("reason")?,
                token: input.preview_token,
            };
            let (key, condition) =
                (input.idempotency_key.as_deref(), input.filter.condition(ctx).of_field("filter")?);
            let outcomes = service::bulk::decide_all(ctx, key, condition, answer).await?;
            Ok(DecideReviewTasksPayload::of(ctx, outcomes))
        })
        .await
    }

    /// Asks data stewards whether golden records are one: the oldest and each of the others. Who proposes does not decide.
    async fn propose_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which records, and why.")] input: ProposeMergeInput,
    ) -> Result<Payload<ProposeMergePayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let rows = service::propose(ctx, input.idempotency_key.as_deref(), input.proposal()?).await?;
            Ok(ProposeMergePayload { tasks: rows.into_iter().map(|row| ReviewTask::new(ctx, row)).collect() })
        })
        .await
    }
    /// Asks data stewards whether source records may be taken out of a golden record. Who proposes does not decide; when
    /// the task is approved, they are.
    async fn propose_unmerge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which records, and why.")] input: ProposeUnmergeInput,
    ) -> Result<Payload<ReviewTaskPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let row =
                service::propose_unmerge(ctx, input.idempotency_key.as_deref(), input.wanted()?).await?;
            Ok(ReviewTaskPayload { task: ReviewTask::new(ctx, row) })
        })
        .await
    }
}
