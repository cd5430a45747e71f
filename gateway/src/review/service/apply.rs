//! Carrying a decision out: each kind of question belongs to a feature, and its answer goes there.

use domain::holds::HoldKind;
use domain::ids::GoldenId;
use domain::review::{MatchAnswer, Reason, ReviewDecision, ReviewKind};
use entity::review::review_task;
use sea_orm::{DatabaseTransaction, TransactionTrait};

use super::decide::Answer;
use super::unmerge;
use crate::error::{Error, Refusal, Result};
use crate::golden::loader::RecordRef;
use crate::golden::pins::service::Place;
use crate::golden::refusals::MergeRefusal;
use crate::golden::service::Span;
use crate::golden::{self, pins, visible};
use crate::platform::context::RequestContext;
use crate::review::subject::Subject;
use crate::sync::outbound;

/// Why a decision cannot be carried out, whatever it is.
#[derive(Debug, Clone, Copy, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
enum ApplyRefusal {
    /// The task does not say what is needed.
    #[error("this task does not name its records any more; it will be asked again when they change")]
    ReviewSubjectUnreadable,
}

impl Refusal for ApplyRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Carries a decision out. Gives what stood in the way, if a rule did: then nothing is changed.
pub(super) async fn apply(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    task: &review_task::Model,
    answer: &Answer,
) -> Result<Option<String>> {
    let attempt = txn.begin().await?;
    match dispatch(&attempt, ctx, task, (answer.decision, &answer.reason)).await {
        Ok(()) => {
            attempt.commit().await?;
            Ok(None)
        }
        Err(Error::Refused { message, .. }) => {
            attempt.rollback().await?;
            Ok(Some(message))
        }
        Err(error) => Err(error),
    }
}

/// Carries a decision out and looks at what has become, then takes it back. `None` when a rule stands in the way.
pub(in crate::review) async fn try_out<T>(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    task: &review_task::Model,
    decision: ReviewDecision,
    look: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T>,
) -> Result<Option<T>> {
    let reason = "preview".parse().expect("a reason of one word");
    let attempt = txn.begin().await?;
    let seen = match dispatch(&attempt, ctx, task, (decision, &reason)).await {
        Ok(()) => Some(look(&attempt).await?),
        Err(Error::Refused { .. }) => None,
        Err(error) => return Err(error),
    };
    attempt.rollback().await?;
    Ok(seen)
}

async fn dispatch(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    task: &review_task::Model,
    (decision, reason): (ReviewDecision, &Reason),
) -> Result<()> {
    use ReviewDecision as D;
    match (task.kind, decision) {
        (ReviewKind::Match, D::Same) | (ReviewKind::SourceMerge, D::Follow) => {
            decide_match(txn, ctx, task, (MatchAnswer::Same, reason)).await
        }
        (ReviewKind::Match, D::Different) | (ReviewKind::SourceMerge, D::KeepApart) => {
            decide_match(txn, ctx, task, (MatchAnswer::Different, reason)).await
        }
        (ReviewKind::Unmerge, D::Approve) => {
            let wanted = Subject::of(task).unmerge.ok_or(ApplyRefusal::ReviewSubjectUnreadable)?;
            let unmerged = golden::service::unmerge(txn, ctx, &wanted).await?;
            unmerge::tell_of_ambiguous(txn, ctx, wanted.kind, &unmerged).await
        }
        (ReviewKind::StalePin, D::KeepPin) => {
            pins::service::keep_pin(txn, ctx, pinned(txn, task).await?).await
        }
        (ReviewKind::StalePin, D::Unpin) => {
            let place = pinned(txn, task).await?;
            pins::service::take_off(txn, ctx, HoldKind::Pin, place, reason).await
        }
        (ReviewKind::FieldConflict, D::TakeOther) => {
            let lost = Subject::of(task).lost.ok_or(ApplyRefusal::ReviewSubjectUnreadable)?;
            let place = pinned(txn, task).await?;
            pins::service::pin_instead(txn, ctx, place, lost.value, reason).await
        }
        (ReviewKind::UnmergeAmbiguous, D::Goes) => goes(txn, ctx, task).await,
        (ReviewKind::WriteBackFailed | ReviewKind::Loop, D::SendAgain) => {
            let change = Subject::of(task).change.ok_or(ApplyRefusal::ReviewSubjectUnreadable)?;
            outbound::service::send_again_in(txn, ctx, &[change]).await.map(drop)
        }
        // Taken note of: the decision itself is all there is.
        _ => Ok(()),
    }
}

/// What an unmerge left with one record goes to the other.
async fn goes(txn: &DatabaseTransaction, ctx: &RequestContext, task: &review_task::Model) -> Result<()> {
    let unreadable = ApplyRefusal::ReviewSubjectUnreadable;
    let kind = task.record_kind;
    let today = async |id: Option<GoldenId>| {
        let record = RecordRef { kind, id: id.ok_or(unreadable)? };
        Ok::<_, Error>(visible::today(txn, &ctx.caller, record).await?.ok_or(unreadable)?)
    };
    let (kept, parted) = (today(task.golden_id).await?, today(task.other_golden_id).await?);
    if kept == parted {
        return Err(MergeRefusal::MergeWithItself.into());
    }
    let subject = Subject::of(task);
    if let Some(hold) = subject.hold {
        return pins::service::hand_over(txn, ctx, hold, pinned(txn, task).await?, parted).await;
    }
    let (joined_at, parted_at) = subject.joined_at.zip(subject.parted_at).ok_or(unreadable)?;
    let span = Span { joined_at, parted_at };
    golden::service::hand_over(txn, ctx, RecordRef { kind, id: kept }, parted, span).await
}

/// The field whose pin is in question.
async fn pinned(txn: &DatabaseTransaction, task: &review_task::Model) -> Result<Place> {
    let field = Subject::of(task).field;
    let (golden, field) = task.golden_id.zip(field).ok_or(ApplyRefusal::ReviewSubjectUnreadable)?;
    Place::find(txn, task.record_kind, golden, &field).await
}

async fn decide_match(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    task: &review_task::Model,
    word: (MatchAnswer, &Reason),
) -> Result<()> {
    let subject = Subject::of(task);
    let pair = subject.pair().ok_or(ApplyRefusal::ReviewSubjectUnreadable)?;
    golden::service::decide_match(txn, ctx, task.record_kind, pair, word).await?;
    Ok(())
}
