//! Verdicts as they are kept: with the version that decided, everything they rest on, and what is new since the last one.

use std::sync::Arc;

use domain::conflicts::{ConflictPolicy, ConflictTrigger, Verdict, VerdictDiff, diff, judge};
use domain::ids::VerdictId;
use domain::policies::PolicyKind;
use entity::conflicts::conflict_verdict;
use entity::registrations::deal_registration::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::facts::{self, Asking};
use super::freshness::{self, Asked};
use super::store;
use crate::error::{Error, NotFound, Result};
use crate::platform::context::RequestContext;
use crate::policies::{InForce, Policies};
use crate::registrations::service as registrations;

/// What the rules say of a registration now.
pub(super) struct Judged {
    /// The verdict.
    pub(super) verdict: Verdict,
    /// By which it is known: a new one, or the last one when nothing that matters is new.
    pub(super) id: VerdictId,
    /// The last verdict before.
    pub(super) earlier: Option<Verdict>,
}

/// A verdict that is replayed, and what the rules say of the same facts today.
pub(super) struct Replayed {
    pub(super) stored: String,
    pub(super) replayed: String,
}

/// Judges a registration, and keeps the verdict when it is the first, or when something that matters is new.
pub(super) async fn judge_registration(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    subject: &Model,
    (occasion, asked): (ConflictTrigger, &Asked),
) -> Result<Judged> {
    let rules = ctx.shared::<Policies>().in_force(txn).await?;
    let doubts = registrations::doubts_of(txn, &[subject.id]).await?.remove(&subject.id).unwrap_or_default();
    let readings = freshness::readings(txn, ctx, asked).await?;
    let asking = Asking { now: ctx.clock.now(), policy: &rules.conflict, readings, subject, doubts };
    let verdict = judge(&rules.conflict, facts::gather(txn, asking).await?);
    let last = store::last_verdict(txn, subject.id).await?;
    let earlier = last.as_ref().map(read).transpose()?;
    let news = earlier.as_ref().map(|it| diff(it, &verdict));
    if let (Some(last), Some(news)) = (&last, &news)
        && !news.is_material()
        && news.policy.is_none()
        && occasion != ConflictTrigger::Submission
    {
        return Ok(Judged { verdict, id: last.id, earlier });
    }
    let id = keep(txn, ctx, subject, &verdict, (occasion, news.as_ref(), &rules)).await?;
    Ok(Judged { verdict, id, earlier })
}

async fn keep(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    subject: &Model,
    verdict: &Verdict,
    (occasion, news, rules): (ConflictTrigger, Option<&VerdictDiff>, &InForce),
) -> Result<VerdictId> {
    let row = conflict_verdict::Model {
        id: ctx.clock.new_id(),
        registration_id: subject.id,
        evaluated_at: verdict.case.facts().evaluated_at,
        occasion,
        outcome: verdict.outcome.kind(),
        policy_version_id: rules.version(PolicyKind::Conflict),
        policy: verdict.policy.clone(),
        canonical: verdict.canonical_json(),
        diff: news.map(serde_json::to_string).transpose().map_err(Error::internal)?,
    };
    Ok(store::insert_verdict(txn, row).await?.id)
}

/// A verdict as it was given.
pub(super) fn read(row: &conflict_verdict::Model) -> Result<Verdict> {
    serde_json::from_str(&row.canonical).map_err(Error::internal)
}

/// Judges the facts of a verdict again, by the version that decided.
pub(super) async fn replay(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    id: VerdictId,
) -> Result<Replayed> {
    let row = store::verdict(db, id).await?.ok_or(NotFound("verdict"))?;
    let policy: Arc<ConflictPolicy> = match row.policy_version_id {
        Some(version) => crate::policies::service::conflict_policy(db, version).await?,
        None => Arc::clone(&ctx.shared::<Policies>().in_force(db).await?.conflict),
    };
    let replayed = domain::conflicts::replay(&row.canonical, &policy).map_err(Error::internal)?;
    Ok(Replayed { replayed: replayed.canonical_json(), stored: row.canonical })
}
