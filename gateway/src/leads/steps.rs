//! Steps in the life of a lead that people take: beginning to work it, finding it good, finding it not for us, and opening it
//! again.
//!
//! Not here: offering it and taking it back (`distribution`), what the CRM says of it (`golden`).

use domain::access::Permission;
use domain::fields::{RecordKind, lead};
use domain::ids::GoldenId;
use domain::leads::{DisqualificationReason, LeadEvent, LeadStage};
use domain::review::Reason;
use domain::sources::Values;
use entity::leads::golden_lead::Model;
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::{Value, json};

use super::life::{self, Hands};
use super::service::{self, AssignmentRefusal};
use crate::error::{NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{distribution, golden, partners};

/// Notes that the partner begins to work a lead that it accepted.
pub async fn start(ctx: &RequestContext, key: Option<&str>, lead: GoldenId) -> Result<Model> {
    work(ctx, key, ("startLead", lead, &()), async |txn, lead| {
        life::happen(txn, ctx, lead, (LeadEvent::Act, Hands::Same)).await?;
        note(txn, ctx, lead, ("leads.start", json!({}))).await
    })
    .await
}

/// Notes that there is a need and a budget.
pub async fn qualify(ctx: &RequestContext, key: Option<&str>, lead: GoldenId) -> Result<Model> {
    work(ctx, key, ("qualifyLead", lead, &()), async |txn, lead| {
        life::happen(txn, ctx, lead, (LeadEvent::Qualify, Hands::Same)).await?;
        note(txn, ctx, lead, ("leads.qualify", json!({}))).await
    })
    .await
}

/// Notes that a lead is not for us, and why. Its partner keeps it, and claims nothing by it any more.
pub async fn disqualify(
    ctx: &RequestContext,
    key: Option<&str>,
    (lead, reason): (GoldenId, DisqualificationReason),
) -> Result<Model> {
    work(ctx, key, ("disqualifyLead", lead, &reason), async |txn, lead| {
        if life::stage(lead) == LeadStage::Offered && distribution::service::is_offered(txn, lead.id).await? {
            return Err(AssignmentRefusal::LeadOffered.into());
        }
        let why: Values =
            [(lead::disqualification_reason, Some(reason.code().to_owned()))].into_iter().collect();
        life::happen_with(txn, ctx, lead, (LeadEvent::Disqualify, Hands::Same), why).await?;
        distribution::service::note_unworked(txn, ctx, lead).await?;
        note(txn, ctx, lead, ("leads.disqualify", json!({ "reason": reason }))).await
    })
    .await
}

/// Opens a lead again that was not for us: nobody works it, and it may be offered.
pub async fn reopen(
    ctx: &RequestContext,
    key: Option<&str>,
    (lead, reason): (GoldenId, Reason),
) -> Result<Model> {
    ctx.caller.require(Permission::OfferLeads)?;
    take(ctx, key, ("reopenLead", lead, &reason), async |txn, lead| {
        if let Some(partner) = lead.assigned_partner_id {
            partners::guards::require_own_set(txn, ctx, partner).await?;
        }
        let no_reason: Values = [(lead::disqualification_reason, None)].into_iter().collect();
        life::happen_with(txn, ctx, lead, (LeadEvent::Reopen, Hands::Nobodys), no_reason).await?;
        distribution::service::note_taken_back(txn, ctx, lead, Some(reason.as_str())).await?;
        note(txn, ctx, lead, ("leads.reopen", json!({ "reason": reason }))).await
    })
    .await
}

/// A step of whoever works the lead: its partner, or staff.
async fn work(
    ctx: &RequestContext,
    key: Option<&str>,
    what: (&'static str, GoldenId, &impl Serialize),
    step: impl AsyncFnOnce(&DatabaseTransaction, &Model) -> Result<()>,
) -> Result<Model> {
    ctx.caller.require(Permission::EditCustomers)?;
    take(ctx, key, what, async |txn, lead| {
        if !ctx.caller.is_staff() && ctx.caller.partner != lead.assigned_partner_id {
            return Err(NotFound("lead").into());
        }
        step(txn, lead).await
    })
    .await
}

/// Takes a step with a lead that the caller sees, in one transaction, which waits for its turn.
pub(crate) async fn take(
    ctx: &RequestContext,
    key: Option<&str>,
    (operation, id, request): (&'static str, GoldenId, &impl Serialize),
    step: impl AsyncFnOnce(&DatabaseTransaction, &Model) -> Result<()>,
) -> Result<Model> {
    let once = Once::new(key, operation, &(id, request))?;
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    let before = service::find_in(&txn, ctx, id).await?.ok_or(NotFound("lead"))?;
    if once.earlier::<GoldenId>(&txn, ctx).await?.is_some() {
        return Ok(before);
    }
    step(&txn, &before).await?;
    once.remember(&txn, ctx, before.id).await?;
    txn.commit().await?;
    Ok(service::find(ctx, before.id).await?.ok_or(NotFound("lead"))?)
}

/// Notes who took a step with a lead, and whose lead it was.
pub(crate) async fn note(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &Model,
    (action, mut detail): (&'static str, Value),
) -> Result<()> {
    detail["partner"] = json!(lead.assigned_partner_id);
    let (target_kind, target_id) = (RecordKind::Lead.into(), lead.id.into());
    audit::record(txn, ctx, AuditEvent { action, target_kind, target_id, detail }).await
}
