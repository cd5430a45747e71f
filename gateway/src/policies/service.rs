//! Use cases of policy versions: writing them, deciding on them, and which were in force.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::conflicts::ConflictPolicy;
use domain::ids::PolicyVersionId;
use domain::policies::{PolicyKind, PolicyState, PolicyStep, step};
use domain::rule_order::InvalidPolicy;
use entity::policies::policy_version;
use mastering::policy::diff::{self, Difference};
use mastering::policy::{MatchingPolicy, PolicyError, PrecedencePolicy};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use serde::Serialize;
use serde_json::json;

pub use super::activation::{Activation, activate};
pub use super::beginning::seed;
use super::in_force::{InForce, Policies};
use super::refusals::VersionRefusal;
use super::{channel, dry_run, store};
use crate::error::{ConcurrentChange, Error, NotFound, Result};
use crate::golden;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// Most bytes of a document.
const LONGEST_DOCUMENT: usize = 512 * 1024;
/// Most bytes of a version's name, which every trace repeats.
const LONGEST_VERSION: usize = 80;

/// A version to be written.
#[derive(Debug, Clone, Serialize)]
pub struct Draft {
    /// What it decides.
    pub kind: PolicyKind,
    /// The document.
    pub document: String,
    /// Why.
    pub note: Option<String>,
}

/// What is wanted of a version that exists.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    /// The version.
    pub id: PolicyVersionId,
    /// Why.
    pub note: Option<String>,
}

/// The rules that were in force at an instant.
pub async fn in_force_at(
    db: &impl ConnectionTrait,
    policies: &Policies,
    at: DateTime<Utc>,
) -> Result<Arc<InForce>> {
    policies.in_force_at(db, at).await
}

/// The precedence policies there have been, in the order in which they came into force; at least one.
pub async fn precedence_over_time(
    db: &impl ConnectionTrait,
    policies: &Policies,
) -> Result<Vec<(DateTime<Utc>, Arc<PrecedencePolicy>)>> {
    policies.precedence_over_time(db).await
}

/// The version of that id.
pub async fn find(ctx: &RequestContext, id: PolicyVersionId) -> Result<Option<policy_version::Model>> {
    ctx.caller.require(Permission::ReadPolicies)?;
    Ok(store::find(ctx.read(), id).await?)
}

/// The newest version of that name.
pub async fn find_by_version(ctx: &RequestContext, version: &str) -> Result<Option<policy_version::Model>> {
    let named = all(ctx)?.filter(policy_version::Column::Version.eq(version));
    Ok(named.order_by_desc(policy_version::Column::Id).one(ctx.read()).await?)
}

/// The newest versions, newest first.
pub async fn newest(
    ctx: &RequestContext,
    kind: Option<PolicyKind>,
    limit: u64,
) -> Result<Vec<policy_version::Model>> {
    let mut newest = all(ctx)?.order_by_desc(policy_version::Column::Id).limit(limit);
    if let Some(kind) = kind {
        newest = newest.filter(policy_version::Column::Kind.eq(kind));
    }
    Ok(newest.all(ctx.read()).await?)
}

/// The active version of each kind.
pub async fn active(ctx: &RequestContext) -> Result<Vec<policy_version::Model>> {
    ctx.caller.require(Permission::ReadPolicies)?;
    Ok(store::active(ctx.read()).await?)
}

/// All versions, as far as the caller may see them.
pub fn all(ctx: &RequestContext) -> Result<Select<policy_version::Entity>> {
    ctx.caller.require(Permission::ReadPolicies)?;
    Ok(policy_version::Entity::find())
}

/// What a version says otherwise than another one of its kind; than the active one when none is named.
pub async fn difference(
    ctx: &RequestContext,
    id: PolicyVersionId,
    against: Option<PolicyVersionId>,
) -> Result<Vec<Difference>> {
    let version = find(ctx, id).await?.ok_or(NotFound("policy version"))?;
    let other = match against {
        Some(id) => store::find(ctx.read(), id).await?.filter(|it| it.kind == version.kind),
        None => store::active_of(ctx.read(), version.kind).await?,
    };
    let other = other.ok_or(NotFound("policy version to compare with"))?;
    let entries = |it: &policy_version::Model| diff::entries(it.kind, &it.document).map_err(Error::internal);
    Ok(diff::between(&entries(&other)?, &entries(&version)?))
}

/// The version that a valid document declares, with the hash of its text.
pub fn declared(kind: PolicyKind, document: &str) -> Result<String> {
    if document.len() > LONGEST_DOCUMENT {
        return Err(VersionRefusal::PolicyTooLong { limit: LONGEST_DOCUMENT }.into());
    }
    let invalid = |cause: PolicyError| VersionRefusal::InvalidPolicy(cause.to_string());
    let unusable = |cause: InvalidPolicy| VersionRefusal::InvalidPolicy(cause.to_string());
    let version = match kind {
        PolicyKind::Precedence => PrecedencePolicy::parse(document).map_err(invalid)?.version().to_owned(),
        PolicyKind::Matching => MatchingPolicy::parse(document).map_err(invalid)?.version().to_owned(),
        PolicyKind::Conflict => channel::conflict(document).map_err(unusable)?.version().to_owned(),
        PolicyKind::Lifecycle => channel::lifecycle(document).map_err(unusable)?.version,
        PolicyKind::Distribution => channel::distribution(document).map_err(unusable)?.version().to_owned(),
    };
    if version.len() > LONGEST_VERSION {
        let message = format!("`version` is too long: with its hash it has at most {LONGEST_VERSION} bytes");
        return Err(VersionRefusal::InvalidPolicy(message).into());
    }
    Ok(version)
}

/// The conflict policy that a stored version is.
pub async fn conflict_policy(db: &impl ConnectionTrait, id: PolicyVersionId) -> Result<Arc<ConflictPolicy>> {
    Ok(Arc::new(channel::conflict(&known(db, id).await?.document).map_err(Error::internal)?))
}

/// What it takes to write policies of a kind.
pub(super) fn drafting(kind: PolicyKind) -> Permission {
    match kind.is_about_records() {
        true => Permission::DraftMasterDataPolicies,
        false => Permission::DraftChannelPolicies,
    }
}

/// Writes a version, which nobody goes by yet.
pub async fn draft(ctx: &RequestContext, key: Option<&str>, draft: Draft) -> Result<policy_version::Model> {
    ctx.caller.require(drafting(draft.kind))?;
    let version = declared(draft.kind, &draft.document)?;
    let once = Once::new(key, "draftPolicy", &draft)?;
    let txn = ctx.begin().await?;
    if let Some(earlier) = once.earlier(&txn, ctx).await? {
        return known(&txn, earlier).await;
    }
    let row = policy_version::Model {
        id: ctx.clock.new_id(),
        kind: draft.kind,
        version,
        document: draft.document,
        state: PolicyState::Draft,
        author: ctx.caller.subject.clone(),
        note: draft.note,
        created_at: ctx.now,
        submitted_at: None,
        decided_by: None,
        decided_at: None,
        decision_note: None,
        approved_against_id: None,
        activated_by: None,
        activated_at: None,
        retired_at: None,
        effect: None,
        approved_dry_run_id: None,
    };
    let row = store::insert(&txn, row).await?;
    record(&txn, ctx, "policies.draft", &row).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// Asks for approval. Only what can decide about every record in the store may come so far.
pub async fn submit(
    ctx: &RequestContext,
    key: Option<&str>,
    decision: Decision,
) -> Result<policy_version::Model> {
    ctx.caller.require(Permission::ReadPolicies)?;
    ctx.caller.require(drafting(known(ctx.read(), decision.id).await?.kind))?;
    change(ctx, key, &decision, PolicyStep::Submit, async |txn, mut version| {
        check_complete(txn, &version).await?;
        version.submitted_at = Some(ctx.now);
        version.note = decision.note.clone().or(version.note);
        Ok(version)
    })
    .await
}

/// Agrees to a version as it differs from the active one. Nobody approves what they wrote.
pub async fn approve(
    ctx: &RequestContext,
    key: Option<&str>,
    decision: Decision,
) -> Result<policy_version::Model> {
    ctx.caller.require(Permission::ApprovePolicies)?;
    change(ctx, key, &decision, PolicyStep::Approve, async |txn, mut version| {
        version.approved_against_id = store::active_of(txn, version.kind).await?.map(|it| it.id);
        version.approved_dry_run_id = dry_run::last_done(txn, version.id).await?;
        Ok(decided(ctx, &decision, version))
    })
    .await
}

/// Refuses a version for good.
pub async fn reject(
    ctx: &RequestContext,
    key: Option<&str>,
    decision: Decision,
) -> Result<policy_version::Model> {
    ctx.caller.require(Permission::ApprovePolicies)?;
    change(ctx, key, &decision, PolicyStep::Reject, async |_, version| Ok(decided(ctx, &decision, version)))
        .await
}

fn decided(
    ctx: &RequestContext,
    decision: &Decision,
    mut version: policy_version::Model,
) -> policy_version::Model {
    version.decided_by = Some(ctx.caller.subject.clone());
    version.decided_at = Some(ctx.now);
    version.decision_note.clone_from(&decision.note);
    version
}

/// Moves a version on, in one transaction.
async fn change(
    ctx: &RequestContext,
    key: Option<&str>,
    decision: &Decision,
    wanted: PolicyStep,
    fill_in: impl AsyncFnOnce(&DatabaseTransaction, policy_version::Model) -> Result<policy_version::Model>,
) -> Result<policy_version::Model> {
    let (operation, action) = names(wanted);
    let once = Once::new(key, operation, decision)?;
    let txn = ctx.begin().await?;
    if let Some(earlier) = once.earlier(&txn, ctx).await? {
        return known(&txn, earlier).await;
    }
    let seen = known(&txn, decision.id).await?;
    let state = step(seen.state, &seen.author, wanted, &ctx.caller.subject)?;
    let from = seen.state;
    let moved = policy_version::Model { state, ..fill_in(&txn, seen).await? };
    let moved = store::replace(&txn, from, moved).await?.ok_or(ConcurrentChange)?;
    record(&txn, ctx, action, &moved).await?;
    once.remember(&txn, ctx, moved.id).await?;
    txn.commit().await?;
    Ok(moved)
}

fn names(step: PolicyStep) -> (&'static str, &'static str) {
    match step {
        PolicyStep::Submit => ("submitPolicy", "policies.submit"),
        PolicyStep::Approve => ("approvePolicy", "policies.approve"),
        PolicyStep::Reject => ("rejectPolicy", "policies.reject"),
        PolicyStep::Activate => ("activatePolicy", "policies.activate"),
    }
}

async fn check_complete(txn: &DatabaseTransaction, version: &policy_version::Model) -> Result<()> {
    if let Some(active) = store::active_of(txn, version.kind).await?
        && active.document == version.document
    {
        return Err(VersionRefusal::PolicyUnchanged { version: active.version }.into());
    }
    check_ranks(txn, version).await
}

/// A precedence policy ranks every system that has supplied records.
pub(super) async fn check_ranks(txn: &DatabaseTransaction, version: &policy_version::Model) -> Result<()> {
    if version.kind != PolicyKind::Precedence {
        return Ok(());
    }
    let policy = PrecedencePolicy::parse(&version.document).map_err(Error::internal)?;
    let systems = golden::service::systems(txn).await?;
    let unranked = systems.iter().filter(|it| policy.rank(it).is_none());
    let unranked: Vec<&str> = unranked.map(|it| it.code()).collect();
    match unranked.as_slice() {
        [] => Ok(()),
        systems => Err(VersionRefusal::UnrankedSource { systems: systems.join(", ") }.into()),
    }
}

pub(super) async fn known(db: &impl ConnectionTrait, id: PolicyVersionId) -> Result<policy_version::Model> {
    Ok(store::find(db, id).await?.ok_or(NotFound("policy version"))?)
}

pub(super) async fn record(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    action: &'static str,
    version: &policy_version::Model,
) -> Result<()> {
    let detail = json!({ "kind": version.kind, "version": version.version });
    let target_id = version.id.into();
    audit::record(txn, ctx, AuditEvent { action, target_kind: "PolicyVersion", target_id, detail }).await
}
