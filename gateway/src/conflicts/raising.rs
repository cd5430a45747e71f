//! From a verdict to a conflict: raised once, opened again when something is new, and never a silent revocation.

use std::collections::BTreeSet;

use domain::conflicts::{
    ClaimKind, ConflictState, ConflictStatus, ConflictTrigger, ConflictType, Outcome, OutcomeKind, Party,
    Verdict, VerdictDiff,
};
use domain::ids::{ConflictId, PartnerId, RegistrationId};
use domain::registrations::{ClaimFinding, RegistrationStatus, RegistrationStep};
use entity::conflicts::{channel_conflict, conflict_party};
use entity::registrations::deal_registration;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::messages::{self, Told};
use super::verdicts::{self, Judged};
use super::{checks, facts, store};
use crate::error::{Error, NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::registrations::service::{self as registrations, Finding, Note};

/// Draws the consequences of a verdict: the conflict it is part of, and what is found about each claim.
pub(super) async fn follow(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    subject: &deal_registration::Model,
    judged: &Judged,
) -> Result<()> {
    let (conflict, is_news) = match store::conflict_of(txn, subject.id).await? {
        Some(seen) => {
            // Partners appeal without waiting for our turn.
            let before = store::lock_conflict(txn, seen.id).await?.ok_or(NotFound("conflict"))?;
            let after = reconsider(txn, ctx, before.clone(), judged).await?;
            let is_opened = after.status == ConflictStatus::Reopened && before.status != after.status;
            (Some(after), is_opened)
        }
        None => {
            let raised = raise(txn, ctx, subject, judged).await?;
            let is_open = raised.as_ref().is_some_and(|it| it.status != ConflictStatus::Dismissed);
            (raised, is_open)
        }
    };
    note_findings(txn, subject.id, judged).await?;
    match conflict.filter(|_| is_news) {
        Some(conflict) => tell_parties(txn, ctx, (&conflict, &judged.verdict)).await,
        None => Ok(()),
    }
}

/// Whether what a person decided counts, whatever the rules say: also when the conflict was opened again, until a person
/// decides anew. Only a person gives a reason for dismissing a conflict.
pub fn is_decided_by_person(conflict: &channel_conflict::Model) -> bool {
    match conflict.status {
        ConflictStatus::Dismissed => conflict.reason.is_some(),
        _ => conflict.resolution.is_some(),
    }
}

/// Those of these claims about which a person has decided.
async fn decided_by_person(
    txn: &DatabaseTransaction,
    claims: &BTreeSet<RegistrationId>,
) -> Result<BTreeSet<RegistrationId>> {
    let conflicts = store::conflicts_among(txn, claims).await?;
    Ok(conflicts.into_iter().filter(|it| is_decided_by_person(&it.1)).map(|it| it.0).collect())
}

/// Raises a conflict, unless there is none, or another one has the same parties already.
async fn raise(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    subject: &deal_registration::Model,
    judged: &Judged,
) -> Result<Option<channel_conflict::Model>> {
    let verdict = &judged.verdict;
    if verdict.types.is_empty() || is_covered(txn, subject.id, verdict).await? {
        return Ok(None);
    }
    let (state, news) = match &judged.earlier {
        // What was clear is so no longer: a person looks at it, whoever goes first now.
        Some(earlier) => {
            let (state, news) = ConflictState::of(ConflictStatus::Dismissed).reconsider(earlier, verdict);
            (state, Some(news))
        }
        None => (ConflictState::detected().settle(settling(txn, verdict).await?, ctx.now)?, None),
    };
    let row = channel_conflict::Model {
        id: ctx.clock.new_id(),
        version: 1,
        registration_id: subject.id,
        partner_id: subject.partner_id,
        claimed_id: verdict.case.subject().account.golden,
        types: codes(&verdict.types),
        status: state.status,
        outcome: verdict.outcome.kind(),
        verdict_id: judged.id,
        settled_at: state.settled_at,
        reviewer: None,
        resolution: None,
        reason: None,
        appealed_at: None,
        appeal_against: None,
        appealed_by: None,
        appeal_reason: None,
        diff: news.as_ref().map(text).transpose()?,
        raised_at: ctx.now,
        updated_at: ctx.now,
    };
    let row = store::insert_conflict(txn, row).await?;
    store::set_parties(txn, row.id, parties(row.id, verdict)).await?;
    note(txn, ctx, "conflicts.raise", &row).await?;
    Ok(Some(row))
}

/// Whether an open conflict has all of these parties: it tells of this one too.
async fn is_covered(txn: &DatabaseTransaction, id: RegistrationId, verdict: &Verdict) -> Result<bool> {
    if verdict.contested.len() < 2 {
        return Ok(false);
    }
    let mut open = store::conflicts_with(txn, id).await?;
    open.retain(|it| !matches!(it.status, ConflictStatus::Dismissed | ConflictStatus::Closed));
    let ids: Vec<ConflictId> = open.iter().map(|it| it.id).collect();
    let parties = store::parties(txn, &ids).await?;
    let has_all = |conflict: &ConflictId| {
        let is_party = |key: &domain::conflicts::ClaimKey| {
            parties
                .iter()
                .any(|it| it.conflict_id == *conflict && it.kind == key.kind && it.claim_id == key.id)
        };
        verdict.contested.iter().all(is_party)
    };
    Ok(ids.iter().any(has_all))
}

/// By what a new conflict is settled. The rules do not settle what would take an approval away, nor what a person decided.
async fn settling(txn: &DatabaseTransaction, verdict: &Verdict) -> Result<Outcome> {
    if verdict.outcome == Outcome::Provisional {
        return Ok(Outcome::Provisional);
    }
    let lost = |it: &&domain::conflicts::ClaimKey| verdict.finding(**it) == Some(ClaimFinding::Lost);
    let losers: Vec<RegistrationId> =
        registrations_of(verdict).filter(lost).map(|it| RegistrationId(it.id)).collect();
    let losers = registrations::by_ids(txn, &losers).await?;
    let takes_away = losers.iter().any(|it| it.status == RegistrationStatus::Approved);
    let is_decided = !decided_by_person(txn, &contested(verdict)).await?.is_empty();
    Ok(if takes_away || is_decided { Outcome::Manual } else { verdict.outcome })
}

/// Takes a new verdict into account.
async fn reconsider(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    conflict: channel_conflict::Model,
    judged: &Judged,
) -> Result<channel_conflict::Model> {
    let verdict = &judged.verdict;
    if conflict.verdict_id == judged.id {
        return Ok(conflict);
    }
    let stood_on = store::verdict(txn, conflict.verdict_id).await?.ok_or(NotFound("verdict"))?;
    let before = state(&conflict);
    let (mut after, news) = before.clone().reconsider(&verdicts::read(&stood_on)?, verdict);
    if after.status == ConflictStatus::Detected && verdict.outcome != Outcome::Provisional {
        after = after.settle(settling(txn, verdict).await?, ctx.now)?;
    }
    let is_moved = after.status != before.status;
    let is_decided = is_decided_by_person(&conflict) && !is_moved;
    let row = channel_conflict::Model {
        version: conflict.version + 1,
        claimed_id: verdict.case.subject().account.golden,
        types: if verdict.types.is_empty() { conflict.types } else { codes(&verdict.types) },
        status: after.status,
        // What was decided lost its object: it is the rules that dismiss.
        reason: conflict.reason.filter(|_| !is_moved || after.status != ConflictStatus::Dismissed),
        settled_at: after.settled_at,
        outcome: if is_decided { conflict.outcome } else { verdict.outcome.kind() },
        verdict_id: judged.id,
        diff: if news.is_material() { Some(text(&news)?) } else { conflict.diff },
        updated_at: ctx.now,
        ..conflict
    };
    let row = store::replace_conflict(txn, row).await?;
    if !verdict.types.is_empty() {
        store::set_parties(txn, row.id, parties(row.id, verdict)).await?;
    }
    note(txn, ctx, "conflicts.reconsider", &row).await?;
    if is_moved {
        // What was decided about the others may hold no more.
        let others = contested_in(&store::parties(txn, &[row.id]).await?);
        checks::note(txn, &ctx.clock, others, (ConflictTrigger::ClaimEnded, ctx.now)).await?;
    }
    Ok(row)
}

/// Notes with each registration of a conflict that something is new about it, and tells people.
pub(super) async fn tell_parties(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    (conflict, verdict): (&channel_conflict::Model, &Verdict),
) -> Result<()> {
    let parties = store::parties(txn, &[conflict.id]).await?;
    let claims: Vec<RegistrationId> = contested_in(&parties).into_iter().collect();
    let registrations = registrations::by_ids(txn, &claims).await?;
    for row in &registrations {
        let done = (RegistrationStep::Contested, Note::default());
        registrations::note(txn, ctx, row, done, "registrations.contested").await?;
    }
    messages::tell(txn, ctx, &Told { conflict, verdict, parties: &parties, registrations: &registrations })
        .await
}

/// The registrations that are part of a conflict.
fn contested_in(parties: &[conflict_party::Model]) -> BTreeSet<RegistrationId> {
    let claims = parties.iter().filter(|it| it.kind == ClaimKind::Registration);
    claims.map(|it| RegistrationId(it.claim_id)).collect()
}

/// Notes what the verdict says of each registration in it, where it is something else than before. What a person decided
/// stands, and whoever comes to those claims later waits for a person too.
async fn note_findings(txn: &DatabaseTransaction, subject: RegistrationId, judged: &Judged) -> Result<()> {
    let verdict = &judged.verdict;
    let mut ids = contested(verdict);
    ids.insert(subject);
    let decided = decided_by_person(txn, &ids).await?;
    let open: Vec<RegistrationId> = ids.difference(&decided).copied().collect();
    for row in registrations::by_ids(txn, &open).await? {
        let key = facts::key(row.id);
        // A claim that is over has no finding; one whose verdict waits keeps what it had.
        let Some(mut finding) = verdict.finding(key) else { continue };
        if !decided.is_empty() && finding != ClaimFinding::Provisional {
            finding = ClaimFinding::Manual;
        }
        let code = verdict.removal(key).filter(|_| finding == ClaimFinding::Lost).map(|it| it.1.code);
        let is_known = row.finding == Some(finding) && row.finding_code == code;
        if row.id != subject && (is_known || finding == ClaimFinding::Provisional) {
            continue;
        }
        registrations::note_finding(txn, row.id, Finding { verdict: judged.id, finding, code }).await?;
    }
    Ok(())
}

fn contested(verdict: &Verdict) -> BTreeSet<RegistrationId> {
    registrations_of(verdict).map(|it| RegistrationId(it.id)).collect()
}

fn registrations_of(verdict: &Verdict) -> impl Iterator<Item = &domain::conflicts::ClaimKey> {
    verdict.contested.iter().filter(|it| it.kind == ClaimKind::Registration)
}

/// Where a conflict stands, as the rules see it.
pub fn state(row: &channel_conflict::Model) -> ConflictState {
    let appeal = row.appealed_at.map(|at| (at, row.appeal_against.clone()));
    ConflictState::of(row.status).with(row.settled_at, row.reviewer.clone(), appeal)
}

fn parties(conflict_id: ConflictId, verdict: &Verdict) -> Vec<conflict_party::Model> {
    let party = |key: &domain::conflicts::ClaimKey| {
        let partner = verdict.case.claim(*key).and_then(|it| match it.party() {
            Party::Partner(partner) => Some(partner),
            Party::Direct => None,
        });
        row(conflict_id, *key, partner)
    };
    verdict.contested.iter().map(party).collect()
}

fn row(
    conflict_id: ConflictId,
    key: domain::conflicts::ClaimKey,
    partner_id: Option<PartnerId>,
) -> conflict_party::Model {
    conflict_party::Model { conflict_id, kind: key.kind, claim_id: key.id, partner_id, share: None }
}

fn codes(types: &BTreeSet<ConflictType>) -> String {
    types.iter().map(|it| it.code()).collect::<Vec<_>>().join(",")
}

fn text(news: &VerdictDiff) -> Result<String> {
    serde_json::to_string(news).map_err(Error::internal)
}

/// Notes what happened to a conflict.
pub(super) async fn note(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    action: &'static str,
    row: &channel_conflict::Model,
) -> Result<()> {
    let outcome: OutcomeKind = row.outcome;
    let detail =
        json!({ "status": row.status, "types": row.types, "outcome": outcome, "verdict": row.verdict_id });
    let target_id = row.id.into();
    audit::record(txn, ctx, AuditEvent { action, target_kind: "ChannelConflict", target_id, detail }).await
}
