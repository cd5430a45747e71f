//! What people decide about conflicts: whose the deal is, that it was a false alarm, that they disagree.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::access::{Permission, Role};
use domain::calendar::Calendar;
use domain::conflicts::{
    ClaimKey, ClaimKind, ConflictRefusal, ConflictState, ConflictStatus, ConflictType, Party, Resolution,
    Verdict,
};
use domain::ids::{ConflictId, RegistrationId};
use domain::registrations::{ClaimFinding, RejectCode};
use domain::review::Reason;
use entity::conflicts::{channel_conflict, conflict_party};
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::{access, raising, store, verdicts};
use crate::error::{Error, NotFound, Result};
use crate::platform::auth::AccessRefused;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::policies::Policies;
use crate::registrations::service::{self as registrations, Finding};

/// What a person decides about whose a deal is.
#[derive(Debug, Clone, Serialize)]
pub enum Wanted {
    /// One claim goes first.
    Upheld(ClaimKey),
    /// Several share the deal, in basis points.
    Split(Vec<(ClaimKey, u32)>),
    /// All may stay.
    Coexist,
}

/// A decision about a conflict.
#[derive(Debug, Clone, Serialize)]
pub struct Ruling {
    /// Which.
    pub id: ConflictId,
    /// Whose the deal is.
    pub wanted: Wanted,
    /// Why.
    pub reason: Reason,
}

/// Settles a conflict. An appeal is answered by somebody else than whom it is against.
pub async fn resolve(
    ctx: &RequestContext,
    key: Option<&str>,
    ruling: Ruling,
) -> Result<channel_conflict::Model> {
    let once = Once::new(key, "resolveConflict", &ruling)?;
    let seen = access::find(ctx.read(), &ctx.caller, ruling.id).await?;
    let txn = ctx.begin().await?;
    // Whoever judges claims on this customer meanwhile would wait for us, and we for them.
    registrations::wait_for_customers(&txn, ctx, seen.map(|it| it.claimed_id)).await?;
    let row = decidable(&txn, ctx, ruling.id).await?;
    if once.earlier::<ConflictId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    let verdict = store::verdict(&txn, row.verdict_id).await?.ok_or(NotFound("verdict"))?;
    let verdict = verdicts::read(&verdict)?;
    let resolution = resolution(&verdict, &ruling.wanted)?;
    let waiting = [ConflictStatus::Detected, ConflictStatus::Appealed, ConflictStatus::Reopened];
    let state = raising::state(&row);
    let state = if waiting.contains(&state.status) { state.review()? } else { state };
    let state = state.resolve(&ctx.caller.subject, ctx.now)?;
    let row = channel_conflict::Model {
        outcome: resolution.kind(),
        resolution: Some(serde_json::to_string(&resolution).map_err(Error::internal)?),
        reason: Some(ruling.reason.as_str().to_owned()),
        ..put(ctx, row, state)
    };
    let row = store::replace_conflict(&txn, row).await?;
    let parties = parties(&txn, row.id, &resolution).await?;
    store::set_parties(&txn, row.id, parties).await?;
    note_findings(&txn, &row, &verdict, |key| match resolution {
        Resolution::Upheld { winner } if winner == key => (ClaimFinding::Upheld, None),
        Resolution::Upheld { winner } => (ClaimFinding::Lost, Some(lost_to(&verdict, winner))),
        _ => (ClaimFinding::Shared, None),
    })
    .await?;
    raising::note(&txn, ctx, "conflicts.resolve", &row).await?;
    raising::tell_parties(&txn, ctx, (&row, &verdict)).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    registrations::announce(ctx).await;
    Ok(row)
}

/// Declares a conflict a false alarm: its claims do not stand in each other's way.
pub async fn dismiss(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, reason): (ConflictId, Reason),
) -> Result<channel_conflict::Model> {
    let once = Once::new(key, "dismissConflict", &(id, &reason))?;
    let seen = access::find(ctx.read(), &ctx.caller, id).await?;
    let txn = ctx.begin().await?;
    registrations::wait_for_customers(&txn, ctx, seen.map(|it| it.claimed_id)).await?;
    let row = decidable(&txn, ctx, id).await?;
    if once.earlier::<ConflictId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    let state = raising::state(&row).dismiss(&ctx.caller.subject)?;
    let row = channel_conflict::Model { reason: Some(reason.as_str().to_owned()), ..put(ctx, row, state) };
    let row = store::replace_conflict(&txn, row).await?;
    let verdict = store::verdict(&txn, row.verdict_id).await?.ok_or(NotFound("verdict"))?;
    let verdict = verdicts::read(&verdict)?;
    note_findings(&txn, &row, &verdict, |_| (ClaimFinding::Clear, None)).await?;
    raising::note(&txn, ctx, "conflicts.dismiss", &row).await?;
    raising::tell_parties(&txn, ctx, (&row, &verdict)).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    registrations::announce(ctx).await;
    Ok(row)
}

/// A partner whose claim does not go first disagrees, once and in time.
pub async fn appeal(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, reason): (RegistrationId, Reason),
) -> Result<entity::registrations::deal_registration::Model> {
    ctx.caller.require(Permission::WriteRegistrations)?;
    let once = Once::new(key, "appealConflict", &(id, &reason))?;
    let txn = ctx.begin().await?;
    let registration = registrations::known(&txn, ctx, id).await?;
    if once.earlier::<RegistrationId>(&txn, ctx).await?.is_some() {
        return Ok(registration);
    }
    let settled = store::conflicts_with(&txn, id).await?.into_iter();
    let settled = settled.map(|it| it.id).next().ok_or(NotFound("conflict about this registration"))?;
    let row = store::lock_conflict(&txn, settled).await?.ok_or(NotFound("conflict"))?;
    let finding = registration.finding.ok_or(ConflictRefusal::AppealNotLoser)?;
    let rules = ctx.shared::<Policies>().in_force(&txn).await?;
    let state = raising::state(&row).appeal(finding, ctx.now, &ctx.shared::<Calendar>(), &rules.conflict)?;
    let against = state.appeal.as_ref().and_then(|it| it.against.clone());
    let row = channel_conflict::Model {
        appealed_at: Some(ctx.now),
        appeal_against: against,
        appealed_by: Some(registration.partner_id),
        appeal_reason: Some(reason.as_str().to_owned()),
        ..put(ctx, row, state)
    };
    let row = store::replace_conflict(&txn, row).await?;
    raising::note(&txn, ctx, "conflicts.appeal", &row).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(registration)
}

/// Conflicts closed in one turn.
const BATCH: u64 = 200;

/// Closes the conflicts that nobody can appeal any more.
pub(super) async fn close_settled(ctx: &RequestContext) -> Result<()> {
    let rules = ctx.shared::<Policies>().in_force(ctx.read()).await?;
    // Business days are at least as long as days: what is younger can be appealed.
    let oldest = ctx.now - TimeDelta::days(rules.conflict.appeal_business_days().into());
    for seen in store::settled_before(ctx.read(), oldest, BATCH).await? {
        let txn = ctx.begin().await?;
        let Some(row) = store::lock_conflict(&txn, seen.id).await? else { continue };
        match raising::state(&row).close(ctx.now, &ctx.shared::<Calendar>(), &rules.conflict) {
            Ok(closed) => {
                let row = store::replace_conflict(&txn, put(ctx, row, closed)).await?;
                raising::note(&txn, ctx, "conflicts.close", &row).await?;
                txn.commit().await?;
            }
            Err(ConflictRefusal::AppealStillPossible { .. } | ConflictRefusal::ConflictState { .. }) => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok(())
}

/// The conflict, locked, if the caller may decide about it: stewards about whether accounts are one, channel managers about
/// conflicts of the partners they manage.
async fn decidable(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    id: ConflictId,
) -> Result<channel_conflict::Model> {
    ctx.caller.require(Permission::DecideConflicts)?;
    access::find(txn, &ctx.caller, id).await?.ok_or(NotFound("conflict"))?;
    let row = store::lock_conflict(txn, id).await?.ok_or(NotFound("conflict"))?;
    let has = |role| ctx.caller.roles.contains(&role);
    let is_about_accounts = row.types.split(',').any(|it| it == ConflictType::PossibleSameAccount.code());
    match has(Role::Admin) || has(Role::ChannelManager) || is_about_accounts {
        true => Ok(row),
        false => Err(AccessRefused { permission: Permission::DecideConflicts }.into()),
    }
}

fn put(ctx: &RequestContext, row: channel_conflict::Model, state: ConflictState) -> channel_conflict::Model {
    channel_conflict::Model {
        version: row.version + 1,
        status: state.status,
        settled_at: state.settled_at,
        reviewer: state.reviewer,
        updated_at: ctx.now,
        ..row
    }
}

fn resolution(verdict: &Verdict, wanted: &Wanted) -> Result<Resolution> {
    Ok(match wanted {
        Wanted::Upheld(winner) => Resolution::upheld(verdict, *winner)?,
        Wanted::Split(shares) => {
            let shares: BTreeMap<ClaimKey, u32> = shares.iter().copied().collect();
            Resolution::split(verdict, &shares)?
        }
        Wanted::Coexist => Resolution::Coexist,
    })
}

async fn parties(
    txn: &DatabaseTransaction,
    id: ConflictId,
    resolution: &Resolution,
) -> Result<Vec<conflict_party::Model>> {
    let share = |it: &conflict_party::Model| match resolution {
        Resolution::Split { shares } => {
            let own = shares.iter().find(|(key, _)| key.kind == it.kind && key.id == it.claim_id);
            own.and_then(|(_, share)| i32::try_from(*share).ok())
        }
        _ => None,
    };
    let parties = store::parties(txn, &[id]).await?;
    Ok(parties.into_iter().map(|it| conflict_party::Model { share: share(&it), ..it }).collect())
}

/// Notes what a person decided about each registration.
async fn note_findings(
    txn: &DatabaseTransaction,
    row: &channel_conflict::Model,
    verdict: &Verdict,
    found: impl Fn(ClaimKey) -> (ClaimFinding, Option<RejectCode>),
) -> Result<()> {
    for key in verdict.contested.iter().filter(|it| it.kind == ClaimKind::Registration) {
        let (finding, code) = found(*key);
        let found = Finding { verdict: row.verdict_id, finding, code };
        registrations::note_finding(txn, RegistrationId(key.id), found).await?;
    }
    Ok(())
}

/// What those are told who do not go first.
fn lost_to(verdict: &Verdict, winner: ClaimKey) -> RejectCode {
    match verdict.case.claim(winner).map(domain::conflicts::Claim::party) {
        Some(Party::Direct) => RejectCode::DirectEngaged,
        _ if winner.kind == ClaimKind::Incumbent => RejectCode::ExistingCustomer,
        _ => RejectCode::AlreadyRegistered,
    }
}
