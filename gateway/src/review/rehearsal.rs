//! Answers that are carried out to see what they change, and taken back.
//!
//! Here: those whose consequence hangs on what people have entered and fixed. Where the records alone decide, `consequence`
//! works it out without touching the store.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::ids::{GoldenId, ReviewTaskId};
use domain::review::ReviewDecision;
use domain::sources::SourceKey;
use entity::review::review_task::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::consequence::Effect;
use super::subject::{Subject, goldens};
use super::{service, store};
use crate::error::Result;
use crate::golden::{self, records};
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::{BatchLoad, Loaded};

/// Whether the consequence of an answer is seen by carrying it out.
pub(super) fn is_rehearsed(decision: ReviewDecision) -> bool {
    use ReviewDecision as D;
    matches!(decision, D::Approve | D::Goes | D::TakeOther)
}

/// What the rehearsed answer to a task would do; nothing when it could not be carried out.
#[derive(Default)]
pub(super) struct Rehearsed;

impl BatchLoad for Rehearsed {
    type Key = ReviewTaskId;
    type Value = Arc<Effect>;

    async fn load(ctx: &RequestContext, ids: &[ReviewTaskId]) -> Loaded<Self> {
        let tasks = store::by_ids(ctx.read(), &ctx.caller, ids).await?;
        let txn = ctx.begin().await?;
        golden::service::wait_for_turn(&txn).await?;
        let mut effects = HashMap::new();
        for task in tasks.iter().filter(|it| it.state.is_waiting()) {
            let answer = task.kind.decisions().iter().copied().find(|it| is_rehearsed(*it));
            let Some(answer) = answer else { continue };
            if let Some(effect) = rehearse(&txn, ctx, task, answer).await? {
                effects.insert(task.id, Arc::new(effect));
            }
        }
        txn.rollback().await?;
        Ok(effects)
    }
}

async fn rehearse(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    task: &Model,
    answer: ReviewDecision,
) -> Result<Option<Effect>> {
    let Some(kept) = task.golden_id else { return Ok(None) };
    let (kind, subject) = (task.record_kind, Subject::of(task));
    let now: Vec<GoldenId> = goldens(task).collect();
    let before = golden::service::served(txn, kind, &now).await?;
    let keys: Vec<SourceKey> = subject.records().into_iter().cloned().collect();
    let seen = async |db: &DatabaseTransaction| {
        let then: BTreeSet<GoldenId> = now.iter().copied().chain(goldens_of(db, &keys).await?).collect();
        let after = golden::service::served(db, kind, &then.into_iter().collect::<Vec<_>>()).await?;
        Ok(Effect::of_deed(kind, kept, (&before, &after)))
    };
    Ok(service::try_out(txn, ctx, task, answer, seen).await?.flatten())
}

/// The golden records that these source records belong to.
async fn goldens_of(db: &impl ConnectionTrait, keys: &[SourceKey]) -> Result<Vec<GoldenId>> {
    Ok(records::by_keys(db, keys).await?.into_iter().filter_map(|it| it.golden).collect())
}
