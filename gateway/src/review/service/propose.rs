//! Proposing that golden records are one: who may not decide asks those who may.

use domain::access::Permission;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, ReviewBatchId, ReviewTaskId};
use domain::review::{Reason, ReviewAction};
use entity::review::review_task::Model;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::deed::{self, Deed};
use super::{MatchQuestion, ask_all, weigh};
use crate::error::{NotFound, Refusal, Result};
use crate::golden::loader::RecordRef;
use crate::golden::refusals::MergeRefusal;
use crate::golden::service::Mastering;
use crate::golden::{self, visible};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::review::{news, store};

/// Most records of one proposal.
const MOST_RECORDS: usize = 10;

/// Which golden records should be one, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Proposal {
    /// What they describe.
    pub kind: RecordKind,
    /// The records.
    pub records: Vec<GoldenId>,
    /// Why.
    pub reason: Reason,
    /// How many people have to decide alike.
    pub deciders: i32,
}

/// Why a proposal is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ProposalRefusal {
    /// Too many.
    #[error("propose at most {MOST_RECORDS} records at once")]
    TooManyRecords,
    /// Not one or two.
    #[error("one or two people decide; set `deciders` to 1 or 2")]
    DecidersOutOfRange,
}

impl Refusal for ProposalRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Asks whether golden records are one: the oldest and each of the others.
pub async fn propose(ctx: &RequestContext, key: Option<&str>, proposal: Proposal) -> Result<Vec<Model>> {
    ctx.caller.require(Permission::ProposeMerges)?;
    check(&proposal)?;
    let once = Once::new(key, "proposeMerge", &proposal)?;
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    if let Some(earlier) = once.earlier::<ReviewBatchId>(&txn, ctx).await? {
        let tasks = store::tasks_of_batch(&txn, earlier, ReviewAction::Proposed).await?;
        return Ok(store::by_ids(&txn, &ctx.caller, &tasks).await?);
    }
    let tasks = ask(&txn, ctx, &proposal).await?;
    let batch = ctx.clock.new_id();
    let rows = store::by_ids(&txn, &ctx.caller, &tasks).await?;
    for row in &rows {
        let proposed = Deed::of(ReviewAction::Proposed).because(proposal.reason.as_str());
        deed::note(&txn, ctx, row, proposed.in_batch(Some(batch))).await?;
    }
    once.remember(&txn, ctx, batch).await?;
    txn.commit().await?;
    news::announce_request(ctx).await;
    Ok(rows)
}

fn check(proposal: &Proposal) -> Result<()> {
    golden::service::check_joinable(proposal.kind)?;
    match proposal {
        it if it.records.len() > MOST_RECORDS => Err(ProposalRefusal::TooManyRecords.into()),
        it if !(1..=2).contains(&it.deciders) => Err(ProposalRefusal::DecidersOutOfRange.into()),
        _ => Ok(()),
    }
}

async fn ask(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    proposal: &Proposal,
) -> Result<Vec<ReviewTaskId>> {
    let goldens = visible(txn, ctx, proposal).await?;
    golden::service::check_never_matched(txn, &goldens).await?;
    let engine = Mastering::of(ctx).engine(txn).await?;
    let (oldest, others) = (goldens[0], &goldens[1..]);
    let mut questions = Vec::with_capacity(others.len());
    for other in others {
        let likeliest = golden::service::likeliest(txn, &engine, proposal.kind, [oldest, *other]).await?;
        let likeliest = likeliest.ok_or(MergeRefusal::RecordArchived)?;
        let question = MatchQuestion {
            kind: proposal.kind,
            goldens: [Some(oldest), Some(*other)],
            pair: likeliest.pair.map(Into::into),
            verdict: &likeliest.verdict,
        };
        let question = question.question().requested_by(&ctx.caller.subject);
        questions.push(question.with_deciders(proposal.deciders).anew());
    }
    let tasks = ask_all(txn, &ctx.clock, ctx.now, questions).await?;
    weigh(txn, ctx.now).await?;
    Ok(tasks)
}

/// The golden records, oldest first, as far as the caller sees them: every one, or it is not found.
async fn visible(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    proposal: &Proposal,
) -> Result<Vec<GoldenId>> {
    let mut goldens = Vec::with_capacity(proposal.records.len());
    for &id in &proposal.records {
        goldens.push(
            visible::today(txn, &ctx.caller, RecordRef { kind: proposal.kind, id })
                .await?
                .ok_or(NotFound("record"))?,
        );
    }
    goldens.sort_unstable();
    let named = goldens.len();
    goldens.dedup();
    match goldens.len() {
        it if it < 2 || it < named => Err(MergeRefusal::MergeWithItself.into()),
        _ => Ok(goldens),
    }
}
