//! What people at the vendor decide about a registration.

use domain::access::Permission;
use domain::calendar::Calendar;
use domain::ids::RegistrationId;
use domain::registrations::{
    Approval, ApprovalBasis, RegistrationRefusal, RegistrationState, RegistrationStatus, RegistrationStep,
    RejectCode,
};
use entity::registrations::deal_registration::Model;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::news::announce;
use super::service::{Decision, Note, known, locked, save};
use super::submission::{protection_days, windows};
use super::{state, turn};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{conflicts, partners};

/// Asks the partner for more.
pub async fn return_for_information(
    ctx: &RequestContext,
    key: Option<&str>,
    decision: Decision<()>,
) -> Result<Model> {
    let done = Deed {
        operation: "returnRegistration",
        action: "registrations.return",
        step: RegistrationStep::Returned,
    };
    decide(ctx, key, decision, done, async |txn, row, decision| {
        reason(decision)?;
        let windows = windows(txn, ctx).await?;
        Ok(state::of(row)?.return_for_information(ctx.now, &ctx.shared::<Calendar>(), &windows)?)
    })
    .await
}

/// Approves a registration: from now on the deal is the partner's for a known time. With a reason, against the verdict.
///
/// A verdict that is to be relied upon is given again first: the one that is known may be days old.
pub async fn approve(ctx: &RequestContext, key: Option<&str>, decision: Decision<()>) -> Result<Model> {
    ctx.caller.require(Permission::DecideRegistrations)?;
    let seen = known(ctx.read(), ctx, decision.id).await?;
    if decision.reason.is_none() && seen.status == RegistrationStatus::UnderReview {
        conflicts::service::look_again(ctx, &seen).await?;
    }
    let done = Deed {
        operation: "approveRegistration",
        action: "registrations.approve",
        step: RegistrationStep::Approved,
    };
    decide(ctx, key, decision, done, async |txn, row, decision| {
        let basis = match (row.finding, decision.reason.as_deref()) {
            (Some(finding), None) => ApprovalBasis::Verdict(finding),
            (finding, Some(reason)) => ApprovalBasis::Override { finding, reason },
            (None, None) => return Err(RegistrationRefusal::OverrideReasonMissing.into()),
        };
        let approval = Approval {
            submitter: row.submitted_by.as_deref().unwrap_or_default(),
            approver: &ctx.caller.subject,
            basis,
            protection_days: protection_days(txn, ctx, row, &windows(txn, ctx).await?).await?,
        };
        Ok(state::of(row)?.approve(&approval, ctx.now)?)
    })
    .await
}

/// Rejects a registration, with what its partner is told.
pub async fn reject(
    ctx: &RequestContext,
    key: Option<&str>,
    decision: Decision<RejectCode>,
) -> Result<Model> {
    let done = Deed {
        operation: "rejectRegistration",
        action: "registrations.reject",
        step: RegistrationStep::Rejected,
    };
    decide(ctx, key, decision, done, async |_, row, decision| {
        let submitter = row.submitted_by.as_deref().unwrap_or_default();
        Ok(state::of(row)?.reject(decision.detail, submitter, &ctx.caller.subject)?)
    })
    .await
}

/// Prolongs the protection of a deal that somebody works on.
pub async fn extend(ctx: &RequestContext, key: Option<&str>, decision: Decision<()>) -> Result<Model> {
    let done = Deed {
        operation: "extendRegistration",
        action: "registrations.extend",
        step: RegistrationStep::Extended,
    };
    decide(ctx, key, decision, done, async |txn, row, _| {
        let windows = windows(txn, ctx).await?;
        Ok(state::of(row)?.extend(row.last_activity_at, ctx.now, &windows)?)
    })
    .await
}

/// Takes a registration away from its partner.
pub async fn revoke(ctx: &RequestContext, key: Option<&str>, decision: Decision<()>) -> Result<Model> {
    let done = Deed {
        operation: "revokeRegistration",
        action: "registrations.revoke",
        step: RegistrationStep::Revoked,
    };
    decide(ctx, key, decision, done, async |_, row, decision| {
        Ok(state::of(row)?.revoke(decision.reason.as_deref().unwrap_or_default())?)
    })
    .await
}

fn reason<T: Serialize>(decision: &Decision<T>) -> Result<&str> {
    let given = decision.reason.as_deref().filter(|it| !it.trim().is_empty());
    Ok(given.ok_or(RegistrationRefusal::ReasonMissing)?)
}

/// What is done, by its names.
#[derive(Clone, Copy)]
struct Deed {
    operation: &'static str,
    action: &'static str,
    step: RegistrationStep,
}

/// Moves a registration on in one transaction, in the turn of its customer: two deciders see each other's decisions.
async fn decide<T: Serialize>(
    ctx: &RequestContext,
    key: Option<&str>,
    decision: Decision<T>,
    deed: Deed,
    step: impl AsyncFnOnce(&DatabaseTransaction, &Model, &Decision<T>) -> Result<RegistrationState>,
) -> Result<Model> {
    ctx.caller.require(Permission::DecideRegistrations)?;
    let once = Once::new(key, deed.operation, &decision)?;
    let seen = known(ctx.read(), ctx, decision.id).await?;
    let txn = ctx.begin().await?;
    turn::of_claim(&txn, ctx, &seen).await?;
    let row = locked(&txn, ctx, decision.id).await?;
    if once.earlier::<RegistrationId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    partners::guards::require_own_set(&txn, ctx, row.partner_id).await?;
    let after = step(&txn, &row, &decision).await?;
    let mut row = state::put(row, after, &windows(&txn, ctx).await?, ctx.now)?;
    if matches!(deed.step, RegistrationStep::Approved | RegistrationStep::Rejected) {
        (row.decided_at, row.decided_by) = (Some(ctx.now), Some(ctx.caller.subject.clone()));
    }
    let note = Note { text: decision.reason.as_deref(), instant: row.expires_at };
    let row = save(&txn, ctx, row, (deed.step, note), deed.action).await?;
    if row.status.is_terminal() {
        conflicts::service::note_claim(&txn, ctx, &row).await?;
    }
    once.remember(&txn, ctx, decision.id).await?;
    txn.commit().await?;
    announce(ctx).await;
    Ok(row)
}
