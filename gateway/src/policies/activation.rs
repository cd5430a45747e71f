//! Putting a version into force: in one transaction, together with all that it changes.

use domain::access::Permission;
use domain::policies::{PolicyKind, PolicyState, PolicyStep, step};
use entity::policies::policy_version;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::effect::Findings;
use super::refusals::VersionRefusal;
use super::service::{Decision, check_ranks, known};
use super::{effect, store};
use crate::error::{ConcurrentChange, Error, Result};
use crate::golden::service::Mastering;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{conflicts, golden};

/// A version that has come into force, and what it changed.
#[derive(Debug, Clone)]
pub struct Activation {
    /// The version.
    pub version: policy_version::Model,
    /// What it changed. It stays with the version; `None` for one from before that was so.
    pub findings: Option<Findings>,
}

/// Puts an approved version into force, and settles every golden record by it. All of it happens, or nothing.
///
/// What the approver compared it with must still be active: of two activations at once, one is refused.
pub async fn activate(ctx: &RequestContext, key: Option<&str>, decision: Decision) -> Result<Activation> {
    ctx.caller.require(Permission::ApprovePolicies)?;
    let once = Once::new(key, "activatePolicy", &decision)?;
    let txn = ctx.begin().await?;
    golden::service::wait_for_long_turn(&txn).await?;
    if let Some(earlier) = once.earlier(&txn, ctx).await? {
        let version = known(&txn, earlier).await?;
        return Ok(Activation { findings: effect_of(&version)?, version });
    }
    let mastering = Mastering::of(ctx);
    let before = mastering.engine(&txn).await?;
    let version = switch(&txn, ctx, known(&txn, decision.id).await?).await?;
    let after = mastering.engine(&txn).await?;
    let findings =
        effect::apply(&txn, [&before, &after], version.kind, (ctx.now, &ctx.caller.subject)).await?;
    if matches!(version.kind, PolicyKind::Conflict | PolicyKind::Matching) {
        conflicts::service::note_open_conflicts(&txn, ctx).await?;
    }
    let effect = Some(serde_json::to_string(&findings).map_err(Error::internal)?);
    let version = policy_version::Model { effect, ..version };
    let version = store::replace(&txn, PolicyState::Active, version).await?.ok_or(ConcurrentChange)?;
    let detail = json!({
        "kind": version.kind, "version": version.version, "note": decision.note,
        "records": findings.records, "recordsChanged": findings.records_changed,
    });
    let target_id = version.id.into();
    let event = AuditEvent { action: "policies.activate", target_kind: "PolicyVersion", target_id, detail };
    audit::record(&txn, ctx, event).await?;
    once.remember(&txn, ctx, version.id).await?;
    txn.commit().await?;
    Ok(Activation { version, findings: Some(findings) })
}

/// What a version changed when it came into force; `None` when it never did.
pub fn effect_of(version: &policy_version::Model) -> Result<Option<Findings>> {
    let effect = version.effect.as_deref().map(serde_json::from_str).transpose();
    effect.map_err(Error::internal)
}

/// Lets the version take the place of the active one.
async fn switch(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    version: policy_version::Model,
) -> Result<policy_version::Model> {
    let state = step(version.state, &version.author, PolicyStep::Activate, &ctx.caller.subject)?;
    let active = store::active_of(txn, version.kind).await?;
    if active.as_ref().map(|it| it.id) != version.approved_against_id {
        return Err(VersionRefusal::PolicyMoved.into());
    }
    // A system may have supplied its first records since the version was submitted.
    check_ranks(txn, &version).await?;
    if let Some(active) = active {
        let retired =
            policy_version::Model { state: PolicyState::Retired, retired_at: Some(ctx.now), ..active };
        store::replace(txn, PolicyState::Active, retired).await?.ok_or(ConcurrentChange)?;
    }
    let activated_by = Some(ctx.caller.subject.clone());
    let activated = policy_version::Model { state, activated_by, activated_at: Some(ctx.now), ..version };
    Ok(store::replace(txn, PolicyState::Approved, activated).await?.ok_or(ConcurrentChange)?)
}
