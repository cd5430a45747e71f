//! A person joins golden records, or says of two source records whether they are one.
//!
//! Here: the use cases. What a person said is an input of grouping (`decisions`); nothing is moved by hand, so that every
//! replay comes to the same.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Permission;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::review::{MatchAnswer, Reason};
use domain::sources::SourceKey;
use entity::golden::match_decision;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use serde_json::json;

use super::changes::{self, FieldChange};
use super::decisions::{self, Word};
use super::facts::{self, Fact};
use super::links::Occasion;
use super::matching::{Pair, pair};
use super::refusals::MergeRefusal;
use super::service::Mastering;
use super::{absorb, served, service};
use crate::error::{NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::review;

/// Which golden records are to become one.
#[derive(Debug, Clone, Serialize)]
pub struct Merge {
    /// What they describe.
    pub kind: RecordKind,
    /// The records; the oldest survives.
    pub records: Vec<GoldenId>,
    /// Why.
    pub reason: Reason,
    /// Whether it is only to be seen what would happen.
    pub is_dry_run: bool,
}

/// What joining golden records came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The golden record that all of them are now.
    pub survivor: GoldenId,
    /// What is served otherwise; nothing when the request was answered before.
    pub changes: Vec<FieldChange>,
}

/// Joins golden records. Their ids resolve to the oldest from now on.
///
/// A dry run does all of it and takes it back.
pub async fn merge(ctx: &RequestContext, key: Option<&str>, merge: Merge) -> Result<Merged> {
    ctx.caller.require(Permission::MergeRecords)?;
    check_kind(merge.kind)?;
    let once = Once::new(key, "mergeRecords", &merge)?;
    let txn = ctx.begin().await?;
    service::wait_for_turn(&txn).await?;
    if let Some(survivor) = once.earlier::<GoldenId>(&txn, ctx).await? {
        return Ok(Merged { survivor, changes: Vec::new() });
    }
    let before = changes::served(&txn, merge.kind, &merge.records).await?;
    let survivor = join(&txn, ctx, &merge).await?;
    let after = changes::served(&txn, merge.kind, &[survivor]).await?;
    let merged = Merged { survivor, changes: changes::between(&before, &after) };
    if merge.is_dry_run {
        txn.rollback().await?;
        return Ok(merged);
    }
    let detail = json!({ "records": merge.records, "kind": merge.kind });
    audit::record(&txn, ctx, event("golden.merge", merge.kind, survivor, detail)).await?;
    once.remember(&txn, ctx, survivor).await?;
    txn.commit().await?;
    review::service::announce_request(ctx).await;
    Ok(merged)
}

/// Only kinds of records that may be duplicates are joined.
pub(super) fn check_kind(kind: RecordKind) -> Result<()> {
    if facts::is_matched(kind) { Ok(()) } else { Err(MergeRefusal::KindNotMatched.into()) }
}

async fn join(txn: &DatabaseTransaction, ctx: &RequestContext, merge: &Merge) -> Result<GoldenId> {
    let mut records = BTreeSet::new();
    for id in &merge.records {
        records.insert(served::current_kind(txn, merge.kind, *id).await?.ok_or(NotFound("record"))?);
    }
    if records.len() < 2 || records.len() < merge.records.len() {
        return Err(MergeRefusal::MergeWithItself.into());
    }
    let mut heads = Vec::with_capacity(records.len());
    for id in &records {
        heads.push(Head::of(txn, *id).await?);
    }
    let sides: Vec<_> = heads.iter().map(|it| it.members.as_slice()).collect();
    check_apart(txn, &sides, None).await?;
    let first = heads[0].record;
    let pairs: BTreeSet<Pair> = heads[1..].iter().flat_map(|it| heads[0].across(it)).collect();
    let pairs: Vec<Pair> = pairs.into_iter().collect();
    let word = Word::of(ctx, MatchAnswer::Same, &merge.reason);
    decisions::decide(txn, &ctx.clock, merge.kind, &pairs, word).await?;
    let engine = Mastering::of(ctx).engine(txn).await?;
    let occasion = Occasion { kind: merge.kind, now: ctx.now };
    let heads: Vec<SourceRecordId> = heads.iter().map(|it| it.record).collect();
    let linked = absorb::regroup(txn, &engine, occasion, &heads, &ctx.caller.subject).await?;
    Ok(linked.goldens[&first])
}

/// A golden record as it is joined with others: by the first of its records, in the order of their identity outside.
struct Head {
    record: SourceRecordId,
    /// Those of its records that take part in matching.
    matchable: Vec<SourceRecordId>,
    members: Vec<SourceRecordId>,
}

impl Head {
    async fn of(db: &impl ConnectionTrait, id: GoldenId) -> Result<Self> {
        Ok(Self::find(db, id).await?.ok_or(MergeRefusal::RecordArchived)?)
    }

    /// `None` when no source record of it is alive.
    async fn find(db: &impl ConnectionTrait, id: GoldenId) -> Result<Option<Self>> {
        let members: Vec<_> = facts::members(db, &[id]).await?.into_iter().map(|it| it.1).collect();
        let mut facts: Vec<Fact> = facts::by_ids(db, &members).await?;
        facts.retain(Fact::is_matchable);
        let first = facts.iter().min_by_key(|it| it.key.clone());
        let Some(record) = first.map(|it| it.row.id) else { return Ok(None) };
        Ok(Some(Self { record, matchable: facts.iter().map(|it| it.row.id).collect(), members }))
    }

    /// What is said when a person joins two golden records: every record of either is one with the first of the other.
    /// Were it said of the first ones alone, rules might leave others behind that look too different.
    fn across(&self, other: &Self) -> impl Iterator<Item = Pair> {
        let theirs = other.matchable.iter().map(|it| pair(self.record, *it));
        theirs.chain(self.matchable.iter().map(|it| pair(*it, other.record)))
    }
}

/// Across what a person declared different nothing is joined before that is taken back.
pub(super) async fn check_never_matched(db: &impl ConnectionTrait, goldens: &[GoldenId]) -> Result<()> {
    let mut sides: BTreeMap<GoldenId, Vec<SourceRecordId>> = BTreeMap::new();
    for (golden, record) in facts::members(db, goldens).await? {
        sides.entry(golden).or_default().push(record);
    }
    check_apart(db, &sides.values().map(Vec::as_slice).collect::<Vec<_>>(), None).await
}

/// The same for the records of each side; what was said of the pair that is answered anew does not count.
async fn check_apart(
    db: &impl ConnectionTrait,
    sides: &[&[SourceRecordId]],
    answered: Option<Pair>,
) -> Result<()> {
    let members: Vec<SourceRecordId> = sides.iter().flat_map(|it| it.iter().copied()).collect();
    let place = |id| sides.iter().position(|it| it.contains(&id));
    let is_across = |it: &match_decision::Model| {
        let (left, right) = (place(it.left_record_id), place(it.right_record_id));
        let is_answered = answered == Some((it.left_record_id, it.right_record_id));
        !is_answered
            && it.answer == MatchAnswer::Different
            && left.is_some()
            && right.is_some()
            && left != right
    };
    match decisions::of_records(db, &members).await?.into_iter().find(is_across) {
        None => Ok(()),
        Some(it) => Err(MergeRefusal::NeverMatch { by: it.decided_by, at: it.decided_at }.into()),
    }
}

/// Notes what a person says of two source records, and groups what hangs together with them anew. Gives the golden
/// records they belong to then, in the order of the pair.
pub(super) async fn decide(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    kind: RecordKind,
    keys: [&SourceKey; 2],
    (answer, reason): (MatchAnswer, &Reason),
) -> Result<[GoldenId; 2]> {
    let one = facts::by_key(txn, keys[0]).await?.ok_or(NotFound("source record"))?;
    let other = facts::by_key(txn, keys[1]).await?.ok_or(NotFound("source record"))?;
    let said = pair(one.row.id, other.row.id);
    if one.row.id == other.row.id {
        return Err(MergeRefusal::MergeWithItself.into());
    }
    if answer == MatchAnswer::Same {
        check_others_not_different(txn, [&one, &other], said).await?;
    }
    let mut pairs = vec![said];
    if answer == MatchAnswer::Same {
        pairs.extend(heads_of_deleted(txn, [&one, &other]).await?);
    }
    decisions::decide(txn, &ctx.clock, kind, &pairs, Word::of(ctx, answer, reason)).await?;
    let occasion = Occasion { kind, now: ctx.now };
    let engine = Mastering::of(ctx).engine(txn).await?;
    let records: Vec<SourceRecordId> = pairs.iter().flat_map(|it| [it.0, it.1]).collect();
    let linked = absorb::regroup(txn, &engine, occasion, &records, &ctx.caller.subject).await?;
    let goldens = [&one, &other].map(|it| linked.goldens[&it.row.id]);
    if answer == MatchAnswer::Different && goldens[0] == goldens[1] {
        return Err(MergeRefusal::HeldTogether.into());
    }
    let detail = json!({ "answer": answer, "records": [one.row.id, other.row.id] });
    audit::record(txn, ctx, event("golden.decide_match", kind, goldens[0], detail)).await?;
    Ok(goldens)
}

/// A record that its source has deleted is compared with nothing: what lives in its golden record stands for it.
pub(super) async fn heads_of_deleted(db: &impl ConnectionTrait, facts: [&Fact; 2]) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for (one, other) in [(facts[0], facts[1]), (facts[1], facts[0])] {
        let Some(golden) = one.golden.filter(|_| !one.is_matchable()) else { continue };
        if let Some(head) = Head::find(db, golden).await? {
            pairs.push(pair(head.record, other.row.id));
        }
    }
    Ok(pairs)
}

/// The answer takes the place of what was said of the pair itself, but not of what was said of others between the two.
async fn check_others_not_different(db: &impl ConnectionTrait, facts: [&Fact; 2], said: Pair) -> Result<()> {
    let mut sides = Vec::with_capacity(2);
    for fact in facts {
        let golden = fact.golden.ok_or(NotFound("record"))?;
        let members = facts::members(db, &[golden]).await?.into_iter().map(|it| it.1);
        sides.push(members.collect::<Vec<SourceRecordId>>());
    }
    if facts[0].golden == facts[1].golden {
        return Ok(());
    }
    check_apart(db, &[&sides[0], &sides[1]], Some(said)).await
}

pub(super) fn event(
    action: &'static str,
    kind: RecordKind,
    id: GoldenId,
    detail: serde_json::Value,
) -> AuditEvent {
    AuditEvent { action, target_kind: kind.into(), target_id: id.into(), detail }
}
