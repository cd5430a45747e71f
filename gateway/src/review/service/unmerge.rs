//! Taking golden records apart under four eyes: who wants it asks, somebody else decides.

use domain::fields::RecordKind;
use domain::ids::ReviewTaskId;
use domain::review::ReviewKind;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{Question, ask};
use crate::error::Result;
use crate::golden::service::{Ambiguous, Unmerge, Unmerged};
use crate::platform::context::RequestContext;

/// Asks somebody else whether records may be taken out of a golden record. When the task is approved, they are.
pub async fn ask_to_unmerge(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    wanted: &Unmerge,
) -> Result<ReviewTaskId> {
    let mut keys: Vec<String> = wanted.take_out.iter().map(ToString::to_string).collect();
    keys.sort_unstable();
    // A request that was rejected may be made again: the instant tells them apart.
    let at = ctx.now.timestamp_micros();
    let fingerprint = format!("{}|{}|{}|{at}", ReviewKind::Unmerge, wanted.golden, keys.join("|"));
    let subject = json!({ "left": wanted.take_out.first(), "unmerge": wanted });
    let question = Question::new(ReviewKind::Unmerge, wanted.kind, fingerprint, subject);
    let question = question.about([Some(wanted.golden), None]).requested_by(&ctx.caller.subject);
    ask(txn, &ctx.clock, ctx.now, question).await
}

/// Tells people what an unmerge left with the survivor because nothing says to which side it belongs.
pub async fn tell_of_ambiguous(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    kind: RecordKind,
    unmerged: &Unmerged,
) -> Result<()> {
    if unmerged.ambiguous.is_empty() {
        return Ok(());
    }
    let at = ctx.now.timestamp_micros();
    let fingerprint = format!("{}|{}|{at}", ReviewKind::UnmergeAmbiguous, unmerged.kept);
    let entry = |it: &Ambiguous| json!({ "field": it.field.name(), "value": it.value, "since": it.since });
    let ambiguous: Vec<_> = unmerged.ambiguous.iter().map(entry).collect();
    let subject = json!({ "parted": unmerged.parted, "ambiguous": ambiguous });
    let question = Question::new(ReviewKind::UnmergeAmbiguous, kind, fingerprint, subject);
    let other = unmerged.parted.first().copied();
    ask(txn, &ctx.clock, ctx.now, question.about([Some(unmerged.kept), other])).await?;
    Ok(())
}
