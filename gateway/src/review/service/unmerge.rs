//! Taking golden records apart under four eyes: who wants it asks, somebody else decides.

use domain::access::Permission;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, ReviewTaskId};
use domain::review::{ReviewAction, ReviewKind};
use domain::sources::SourceKey;
use entity::review::review_task::Model;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::deed::{self, Deed};
use super::{Question, ask, ask_all, find};
use crate::error::{NotFound, Result};
use crate::golden::loader::RecordRef;
use crate::golden::records;
use crate::golden::refusals::MergeRefusal;
use crate::golden::service::{Ambiguous, Unmerge, Unmerged};
use crate::golden::{self, visible};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::review::news;

/// Asks somebody else whether source records may be taken out of a golden record. When the task is approved, they are.
pub async fn propose_unmerge(ctx: &RequestContext, key: Option<&str>, wanted: Unmerge) -> Result<Model> {
    ctx.caller.require(Permission::ProposeMerges)?;
    let once = Once::new(key, "proposeUnmerge", &wanted)?;
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    if let Some(task) = once.earlier::<ReviewTaskId>(&txn, ctx).await? {
        drop(txn);
        return Ok(find(ctx, task).await?.ok_or(NotFound("review task"))?);
    }
    let record = RecordRef { kind: wanted.kind, id: wanted.golden };
    let golden = visible::today(&txn, &ctx.caller, record).await?.ok_or(NotFound("record"))?;
    check(&txn, golden, &wanted.take_out).await?;
    let question = question(ctx, &Unmerge { golden, ..wanted.clone() });
    let task = ask(&txn, &ctx.clock, ctx.now, question).await?;
    let row = deed::lock(&txn, ctx, task).await?.row;
    let proposed = Deed::of(ReviewAction::Proposed).because(wanted.reason.as_str());
    deed::note(&txn, ctx, &row, proposed).await?;
    once.remember(&txn, ctx, task).await?;
    txn.commit().await?;
    news::announce_request(ctx).await;
    Ok(row)
}

/// Some, not all, of the records that the golden record is made of.
async fn check(txn: &impl ConnectionTrait, golden: GoldenId, take_out: &[SourceKey]) -> Result<()> {
    let mut members = records::members(txn, &[golden]).await?.remove(&golden).unwrap_or_default();
    members.retain(|it| !it.is_note());
    if let Some(stranger) = take_out.iter().find(|key| members.iter().all(|it| it.key != **key)) {
        return Err(MergeRefusal::NotAMember(stranger.to_string()).into());
    }
    let stays = members.iter().any(|it| !take_out.contains(&it.key));
    if stays && !take_out.is_empty() { Ok(()) } else { Err(MergeRefusal::NotMerged.into()) }
}

/// A request that was rejected may be made again: the instant tells them apart.
fn question(ctx: &RequestContext, wanted: &Unmerge) -> Question {
    let at = ctx.now.timestamp_micros();
    let mut keys: Vec<String> = wanted.take_out.iter().map(ToString::to_string).collect();
    keys.sort_unstable();
    let fingerprint = format!("{}|{}|{}|{at}", ReviewKind::Unmerge, wanted.golden, keys.join("|"));
    let subject = json!({ "left": wanted.take_out.first(), "unmerge": wanted });
    let question = Question::new(ReviewKind::Unmerge, wanted.kind, fingerprint, subject);
    question.about([Some(wanted.golden), None]).requested_by(&ctx.caller.subject)
}

/// Tells people what an unmerge left with the survivor because nothing says to which side it belongs: what was entered in one
/// question, and every pin and lock in one of its own.
pub async fn tell_of_ambiguous(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    kind: RecordKind,
    unmerged: &Unmerged,
) -> Result<()> {
    let (held, entered): (Vec<_>, Vec<_>) = unmerged.ambiguous.iter().partition(|it| it.hold.is_some());
    let goldens = [Some(unmerged.kept), unmerged.parted.first().copied()];
    let at = ctx.now.timestamp_micros();
    let asked = |what: &str| format!("{}|{}|{at}{what}", ReviewKind::UnmergeAmbiguous, unmerged.kept);
    let entry = |it: &&Ambiguous| json!({ "field": it.field.name(), "value": it.value, "since": it.since });
    let mut questions = Vec::with_capacity(held.len() + 1);
    if !entered.is_empty() {
        let ambiguous: Vec<_> = entered.iter().map(entry).collect();
        let subject = json!({ "joinedAt": unmerged.joined_at, "partedAt": ctx.now, "ambiguous": ambiguous });
        questions.push((asked(""), subject));
    }
    for it in &held {
        let subject = json!({ "field": it.field.name(), "hold": it.hold, "ambiguous": [entry(it)] });
        questions.push((asked(&format!("|{}|{:?}", it.field.name(), it.hold)), subject));
    }
    let question = |(fingerprint, subject)| {
        Question::new(ReviewKind::UnmergeAmbiguous, kind, fingerprint, subject).about(goldens)
    };
    ask_all(txn, &ctx.clock, ctx.now, questions.into_iter().map(question).collect()).await?;
    Ok(())
}
