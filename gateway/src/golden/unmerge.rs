//! Taking a golden record apart, without loss, under four eyes.
//!
//! The records that are taken out are declared different from those that stay, and everything is grouped anew: each part
//! gets the id back that its records had before. What people entered after the merge has no evidence for either side: it
//! stays with the survivor and is listed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::fields::{Field, RecordKind};
use domain::holds::HoldKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::review::{MatchAnswer, Reason};
use domain::sources::SourceKey;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::changes::{self, FieldChange};
use super::decisions::{self, Word};
use super::facts::{self, Fact};
use super::links::Occasion;
use super::matching::{Pair, pair};
use super::merge::event;
use super::refusals::MergeRefusal;
use super::service::Mastering;
use super::stays::{self, Stay};
use super::{absorb, served, service, take_back};
use crate::error::{NotFound, Result};
use crate::platform::audit;
use crate::platform::context::RequestContext;

/// Which records are to be taken out of which golden record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unmerge {
    /// What it describes.
    pub kind: RecordKind,
    /// The golden record.
    pub golden: GoldenId,
    /// The source records to take out.
    pub take_out: Vec<SourceKey>,
    /// Why.
    pub reason: Reason,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmerged {
    /// The golden record that keeps the id.
    pub kept: GoldenId,
    /// The golden records that stand for themselves again.
    pub parted: Vec<GoldenId>,
    /// Those of them that never existed before; when it is only foreseen, their ids mean nothing.
    pub created: BTreeSet<GoldenId>,
    /// What is served otherwise.
    pub changes: Vec<FieldChange>,
    /// What stays with the survivor because nothing says to which side it belongs.
    pub ambiguous: Vec<Ambiguous>,
    /// When the two sides had come together.
    pub joined_at: Option<DateTime<Utc>>,
}

/// Something that was entered or fixed after the merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguous {
    /// Whether it was pinned or locked; `None` for what was entered.
    pub hold: Option<HoldKind>,
    /// The field.
    pub field: Field,
    /// What it says now.
    pub value: Option<String>,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What would come of taking records out of a golden record: does all of it and takes it back.
pub async fn foresee_unmerge(ctx: &RequestContext, wanted: &Unmerge) -> Result<Unmerged> {
    ctx.caller.require(Permission::MergeRecords)?;
    let txn = ctx.begin().await?;
    service::wait_for_turn(&txn).await?;
    let foreseen = unmerge(&txn, ctx, wanted).await?;
    txn.rollback().await?;
    Ok(foreseen)
}

/// Takes records out of a golden record.
pub(super) async fn unmerge(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    unmerge: &Unmerge,
) -> Result<Unmerged> {
    let golden = served::current_kind(txn, unmerge.kind, unmerge.golden).await?.ok_or(NotFound("record"))?;
    let members: Vec<_> = facts::members(txn, &[golden]).await?.into_iter().map(|it| it.1).collect();
    let members = facts::by_ids(txn, &members).await?;
    let (out, rest) = part(&members, &unmerge.take_out)?;
    let across: Vec<Pair> = out.iter().flat_map(|a| rest.iter().map(|b| pair(*a, *b))).collect();
    let word = Word::of(ctx, MatchAnswer::Different, &unmerge.reason);
    decisions::decide(txn, &ctx.clock, unmerge.kind, &across, word).await?;
    let engine = Mastering::of(ctx).engine(txn).await?;
    let occasion = Occasion { kind: unmerge.kind, now: ctx.now };
    let all: Vec<SourceRecordId> = members.iter().map(|it| it.row.id).collect();
    let merged_at = together_since(txn, &out, &rest).await?;
    let before = changes::served(txn, unmerge.kind, &[golden]).await?;
    let linked = absorb::regroup(txn, &engine, occasion, &all, &ctx.caller.subject).await?;
    let mut ambiguous = merged_at.map(|at| entered_since(&members, at)).unwrap_or_default();
    ambiguous.extend(linked.ambiguous.iter().cloned());
    let parts: BTreeSet<GoldenId> = out.iter().chain(&rest).map(|it| linked.goldens[it]).collect();
    if parts.len() < 2 {
        // A record that its source has deleted lives nowhere else.
        return Err(MergeRefusal::NotMerged.into());
    }
    take_back::take_back(txn, &engine, occasion, &members, &linked).await?;
    let after = changes::served(txn, unmerge.kind, &parts.iter().copied().collect::<Vec<_>>()).await?;
    let changes = changes::between(&before, &after);
    let detail = json!({ "kind": unmerge.kind, "takenOut": out, "ambiguous": ambiguous.len() });
    audit::record(txn, ctx, event("golden.unmerge", unmerge.kind, golden, detail)).await?;
    let parted = parts.into_iter().filter(|it| *it != golden).collect();
    let created = linked.created;
    Ok(Unmerged { kept: golden, parted, created, changes, ambiguous, joined_at: merged_at })
}

/// The records that go and those that stay, as far as they take part in matching.
fn part(members: &[Fact], take_out: &[SourceKey]) -> Result<(Vec<SourceRecordId>, Vec<SourceRecordId>)> {
    let taking_part = || members.iter().filter(|it| !it.is_note());
    if let Some(stranger) = take_out.iter().find(|key| !taking_part().any(|it| *it.key == **key)) {
        return Err(MergeRefusal::NotAMember(stranger.to_string()).into());
    }
    let (out, rest): (Vec<&Fact>, Vec<&Fact>) = taking_part().partition(|it| take_out.contains(&it.key));
    if out.is_empty() || rest.is_empty() {
        return Err(MergeRefusal::NotMerged.into());
    }
    let ids = |facts: Vec<&Fact>| facts.into_iter().map(|it| it.row.id).collect();
    Ok((ids(out), ids(rest)))
}

/// When the two sides came together, in the golden record that both are in now: since then what people enter has no evidence
/// for either.
async fn together_since(
    db: &impl ConnectionTrait,
    out: &[SourceRecordId],
    rest: &[SourceRecordId],
) -> Result<Option<DateTime<Utc>>> {
    let (out, rest) = (stays::of(db, out).await?, stays::of(db, rest).await?);
    let came = |side: BTreeMap<SourceRecordId, Vec<Stay>>| {
        side.into_values().filter_map(|stays| Some(stays.last()?.1)).min()
    };
    Ok(came(out).zip(came(rest)).map(|(one, other)| one.max(other)))
}

/// What people entered after the merge.
fn entered_since(members: &[Fact], merged_at: DateTime<Utc>) -> Vec<Ambiguous> {
    let mut ambiguous: BTreeMap<Field, Ambiguous> = BTreeMap::new();
    for note in members.iter().filter(|it| it.is_note()) {
        for (field, state) in note.states.iter().filter(|(_, it)| it.origin.observed_at > merged_at) {
            let (value, since) = (state.value.clone(), state.origin.observed_at);
            ambiguous.entry(field).or_insert(Ambiguous { hold: None, field, value, since });
        }
    }
    ambiguous.into_values().collect()
}
