//! Dry runs: what a version would change of everything that is stored, before anybody goes by it.
//!
//! Here: asking for one, reading and comparing what was found. Not here: the work (`runner`), the counting (`effect`).

pub mod runner;

mod comparison;
mod lease;
mod store;

use domain::access::Permission;
use domain::ids::{PolicyDryRunId, PolicyVersionId};
use domain::policies::{DryRunState, PolicyState};
use entity::policies::dry_run::Model;
use entity::policies::dry_run_example;
use sea_orm::{ConnectionTrait, Select};
use serde_json::json;

pub use comparison::{Compared, FieldComparison, compare};
pub use store::RunsOfVersion;

use super::effect::Findings;
use super::refusals::DryRunRefusal;
use super::service::{drafting, known};
use crate::error::{Error, NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// Asks for a dry run of a version. It is done by the next process that has time.
pub async fn start(ctx: &RequestContext, key: Option<&str>, version: PolicyVersionId) -> Result<Model> {
    ctx.caller.require(Permission::ReadPolicies)?;
    let kind = known(ctx.read(), version).await?.kind;
    require_insight(ctx, drafting(kind))?;
    let once = Once::new(key, "startPolicyDryRun", &version)?;
    let txn = ctx.begin().await?;
    if let Some(earlier) = once.earlier::<PolicyDryRunId>(&txn, ctx).await? {
        return Ok(store::find(&txn, earlier).await?.ok_or(NotFound("dry run"))?);
    }
    let version = known(&txn, version).await?;
    if matches!(version.state, PolicyState::Active | PolicyState::Retired | PolicyState::Rejected) {
        return Err(DryRunRefusal::DryRunOfEnded { state: version.state }.into());
    }
    let row = Model {
        id: ctx.clock.new_id(),
        policy_version_id: version.id,
        against_id: None,
        state: DryRunState::Queued,
        requested_by: ctx.caller.subject.clone(),
        requested_at: ctx.now,
        started_at: None,
        ended_at: None,
        holder: None,
        lease_until: None,
        attempts: 0,
        records_done: 0,
        records_total: 0,
        message: None,
        summary: None,
    };
    let row = store::insert(&txn, row).await?;
    let detail = json!({ "dryRun": row.id });
    let target_id = version.id.into();
    let event = AuditEvent { action: "policies.dryRun", target_kind: "PolicyVersion", target_id, detail };
    audit::record(&txn, ctx, event).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// A dry run by id.
pub async fn find(ctx: &RequestContext, id: PolicyDryRunId) -> Result<Option<Model>> {
    ctx.caller.require(Permission::ReadPolicies)?;
    Ok(store::find(ctx.read(), id).await?)
}

/// What a dry run found, in numbers; `None` while it is not done.
pub fn findings(run: &Model) -> Result<Option<Findings>> {
    let summary = run.summary.as_deref().map(serde_json::from_str).transpose();
    summary.map_err(Error::internal)
}

/// The last dry run of a version that has succeeded.
pub(super) async fn last_done(
    db: &impl ConnectionTrait,
    version: PolicyVersionId,
) -> Result<Option<PolicyDryRunId>> {
    Ok(store::last_done(db, version).await?)
}

/// Two dry runs that have succeeded, side by side. Without a second one: the last other one of the same version, else
/// the last one of any version of that kind.
pub async fn comparison(
    ctx: &RequestContext,
    id: PolicyDryRunId,
    with: Option<PolicyDryRunId>,
) -> Result<Compared> {
    let run = find(ctx, id).await?.ok_or(NotFound("dry run"))?;
    let other = match with {
        Some(id) => store::find(ctx.read(), id).await?,
        None => store::last_other(ctx.read(), &run).await?,
    };
    let other = other.ok_or(NotFound("dry run to compare with"))?;
    let (first, second) = (done(&other)?, done(&run)?);
    Ok(compare(other, &first, run, &second))
}

fn done(run: &Model) -> Result<Findings> {
    Ok(findings(run)?.ok_or(DryRunRefusal::DryRunNotDone { state: run.state })?)
}

/// Examples of what a dry run found. They show values of records, whoever works with them, so they are for those who
/// may write or decide on policies.
pub fn examples(ctx: &RequestContext, id: PolicyDryRunId) -> Result<Select<dry_run_example::Entity>> {
    require_insight(ctx, Permission::DraftMasterDataPolicies)?;
    Ok(store::examples(id))
}

fn require_insight(ctx: &RequestContext, drafting: Permission) -> Result<()> {
    match ctx.caller.may(Permission::ApprovePolicies) {
        true => Ok(()),
        false => Ok(ctx.caller.require(drafting)?),
    }
}
