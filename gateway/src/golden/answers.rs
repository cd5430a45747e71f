//! What people have answered about pairs of records, as others see it, and taking it back.
//!
//! From when an answer is withdrawn, the evidence counts again. A withdrawal never takes a golden record apart: that is
//! done under four eyes (`unmerge`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::access::Permission;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, MatchDecisionId, SourceRecordId};
use domain::review::{MatchAnswer, Reason};
use domain::sources::SourceKey;
use entity::golden::match_decision;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use serde_json::json;

use super::changes::{self, FieldChange};
use super::facts::{self, Fact};
use super::links::{Linked, Occasion};
use super::loader::RecordRef;
use super::refusals::MergeRefusal;
use super::service::{Mastering, wait_for_turn};
use super::{absorb, decisions, merge, visible};
use crate::error::{NotFound, Result};
use crate::platform::audit;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::review;
use crate::review::service::match_fingerprint;

/// An answer that holds, with the two records it is about.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The answer.
    pub row: match_decision::Model,
    /// What the sources call the records.
    pub pair: [Arc<SourceKey>; 2],
    /// The golden records they belong to now.
    pub goldens: [Option<GoldenId>; 2],
}

/// Which answers are withdrawn, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Withdrawal {
    /// The answers, about records of one kind.
    pub answers: Vec<MatchDecisionId>,
    /// Why.
    pub reason: Reason,
    /// Whether it is only to be seen what would happen.
    pub is_dry_run: bool,
}

/// What came of a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// What the records describe.
    pub kind: RecordKind,
    /// The golden records that the records belong to now.
    pub goldens: BTreeSet<GoldenId>,
    /// What is served otherwise; nothing when the request was answered before.
    pub changes: Vec<FieldChange>,
}

/// The answers in force about the records of a golden record, newest first.
pub async fn about(ctx: &RequestContext, record: RecordRef) -> Result<Option<Vec<Answered>>> {
    ctx.caller.require(Permission::ReadSources)?;
    let db = ctx.read();
    let Some(golden) = visible::today(db, &ctx.caller, record).await? else { return Ok(None) };
    let members: Vec<SourceRecordId> =
        facts::members(db, &[golden]).await?.into_iter().map(|it| it.1).collect();
    let rows: BTreeMap<_, _> =
        decisions::of_records(db, &members).await?.into_iter().map(|it| (it.id, it)).collect();
    let facts = facts_of(db, rows.values()).await?;
    let told = rows.into_values().rev().filter_map(|row| {
        let pair = [facts.get(&row.left_record_id)?, facts.get(&row.right_record_id)?];
        let goldens = pair.map(|it| it.golden);
        Some(Answered { pair: pair.map(|it| Arc::clone(&it.key)), goldens, row })
    });
    let told: Vec<Answered> = told.collect();
    let others: BTreeSet<GoldenId> = told.iter().flat_map(|it| it.goldens).flatten().collect();
    let seen = visible::those(db, &ctx.caller, record.kind, &others).await?;
    let is_seen = |it: &Answered| it.goldens.iter().flatten().all(|golden| seen.contains(golden));
    Ok(Some(told.into_iter().filter(is_seen).collect()))
}

/// Withdraws answers. What rules or people have said besides counts from now on.
///
/// A dry run does all of it and takes it back.
pub async fn withdraw(ctx: &RequestContext, key: Option<&str>, withdrawal: Withdrawal) -> Result<Withdrawn> {
    ctx.caller.require(Permission::MergeRecords)?;
    let once = Once::new(key, "withdrawMatchDecisions", &withdrawal)?;
    let txn = ctx.begin().await?;
    wait_for_turn(&txn).await?;
    let is_repeated = once.earlier::<MatchDecisionId>(&txn, ctx).await?.is_some();
    let rows = decisions::by_ids(&txn, &withdrawal.answers).await?;
    let kind = only_kind(&rows, &withdrawal.answers)?;
    let facts = facts_of(&txn, &rows).await?;
    if is_repeated {
        let goldens = facts.values().filter_map(|it| it.golden).collect();
        return Ok(Withdrawn { kind, goldens, changes: Vec::new() });
    }
    if rows.iter().any(|it| it.ended_at.is_some()) {
        return Err(NotFound("match decision").into());
    }
    let before: BTreeSet<GoldenId> = facts.values().filter_map(|it| it.golden).collect();
    let before = changes::served(&txn, kind, &before.into_iter().collect::<Vec<_>>()).await?;
    let linked = take_back(&txn, ctx, kind, (&rows, &withdrawal.reason), &facts).await?;
    let goldens: BTreeSet<GoldenId> = facts.keys().filter_map(|it| linked.goldens.get(it)).copied().collect();
    let after = changes::served(&txn, kind, &goldens.iter().copied().collect::<Vec<_>>()).await?;
    let changes = changes::between(&before, &after);
    let withdrawn = Withdrawn { kind, goldens, changes };
    if withdrawal.is_dry_run {
        txn.rollback().await?;
        return Ok(withdrawn);
    }
    once.remember(&txn, ctx, rows[0].id).await?;
    txn.commit().await?;
    review::service::announce_request(ctx).await;
    Ok(withdrawn)
}

/// What these answers are about: one kind of record, and every one is known.
fn only_kind(rows: &[match_decision::Model], wanted: &[MatchDecisionId]) -> Result<RecordKind> {
    let first = rows.first().ok_or(NotFound("match decision"))?;
    let wanted: BTreeSet<_> = wanted.iter().collect();
    if rows.len() != wanted.len() {
        return Err(NotFound("match decision").into());
    }
    match rows.iter().all(|it| it.kind == first.kind) {
        true => Ok(first.kind),
        false => Err(MergeRefusal::DifferentKinds.into()),
    }
}

async fn take_back(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    kind: RecordKind,
    (rows, reason): (&[match_decision::Model], &Reason),
    facts: &BTreeMap<SourceRecordId, Fact>,
) -> Result<Linked> {
    let ended: Vec<&match_decision::Model> = rows.iter().collect();
    decisions::end(txn, (&ctx.caller.subject, ctx.now), &ended, Some(reason.as_str())).await?;
    let asked = rows.iter().filter_map(|it| {
        let pair = [facts.get(&it.left_record_id)?, facts.get(&it.right_record_id)?];
        Some(match_fingerprint(kind, pair.map(|it| &*it.key)))
    });
    let asked: Vec<String> = asked.collect();
    review::service::forget_answers(txn, &ctx.clock, ctx.now, &asked).await?;
    let engine = Mastering::of(ctx).engine(txn).await?;
    let occasion = Occasion { kind, now: ctx.now };
    let records: Vec<SourceRecordId> = facts.keys().copied().collect();
    let linked = absorb::compare_anew(txn, &engine, occasion, &records, &ctx.caller.subject).await?;
    let parts = |it: &match_decision::Model| {
        let [one, other] = [it.left_record_id, it.right_record_id].map(|it| linked.goldens.get(&it));
        it.answer == MatchAnswer::Same && one != other
    };
    if rows.iter().any(parts) {
        return Err(MergeRefusal::WithdrawalParts.into());
    }
    let golden = linked.goldens[&rows[0].left_record_id];
    let detail = json!({ "answers": rows.iter().map(|it| it.id).collect::<Vec<_>>() });
    audit::record(txn, ctx, merge::event("golden.withdraw_answers", kind, golden, detail)).await?;
    Ok(linked)
}

async fn facts_of(
    db: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = &match_decision::Model>,
) -> Result<BTreeMap<SourceRecordId, Fact>> {
    let records: BTreeSet<SourceRecordId> =
        rows.into_iter().flat_map(|it| [it.left_record_id, it.right_record_id]).collect();
    let facts = facts::by_ids(db, &records.into_iter().collect::<Vec<_>>()).await?;
    Ok(facts.into_iter().map(|it| (it.row.id, it)).collect())
}
