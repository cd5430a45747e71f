//! Leads in partners' hands: beginning to work them, and taking them back.

use domain::access::Permission;
use domain::conflicts::ConflictTrigger;
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::leads::LeadEvent;
use domain::review::Reason;
use entity::leads::golden_lead::Model;
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::json;

use super::{candidates, rivals, store};
use crate::error::{NotFound, Result};
use crate::leads::life::{self, Hands};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{conflicts, golden, leads, partners};

/// Takes a lead back from its partner: it waits for another offer.
pub async fn recall(
    ctx: &RequestContext,
    key: Option<&str>,
    (lead, reason): (GoldenId, Reason),
) -> Result<Model> {
    ctx.caller.require(Permission::OfferLeads)?;
    change(ctx, key, ("recallLead", lead, &reason), async |txn, lead| {
        if let Some(partner) = lead.assigned_partner_id {
            partners::service::require_own_set(txn, ctx, partner).await?;
        }
        take_back(txn, ctx, lead, Some(reason.as_str())).await
    })
    .await
}

/// Notes that the partner begins to work a lead that it accepted.
pub async fn start(ctx: &RequestContext, key: Option<&str>, lead: GoldenId) -> Result<Model> {
    ctx.caller.require(Permission::EditCustomers)?;
    change(ctx, key, ("startLead", lead, &()), async |txn, lead| {
        life::happen(txn, ctx, lead, (LeadEvent::Act, Hands::Same)).await?;
        note(txn, ctx, lead, "leads.start").await
    })
    .await
}

/// Takes a lead back in a transaction that has its turn. Rivals of the partner's claim are judged again.
pub(super) async fn take_back(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &Model,
    reason: Option<&str>,
) -> Result<()> {
    life::happen(txn, ctx, lead, (LeadEvent::Recall, Hands::Nobodys)).await?;
    store::note_recalled(txn, &candidates::ids_of(txn, lead.id).await?, (ctx.now, reason)).await?;
    rivals::part(txn, ctx, lead.id).await?;
    if let Some(account) = lead.account_id {
        conflicts::service::note_account(txn, ctx, account, ConflictTrigger::ClaimEnded).await?;
    }
    note(txn, ctx, lead, "distribution.recall").await
}

async fn note(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &Model,
    action: &'static str,
) -> Result<()> {
    let detail = json!({ "partner": lead.assigned_partner_id });
    let (target_kind, target_id) = (RecordKind::Lead.into(), lead.id.into());
    audit::record(txn, ctx, AuditEvent { action, target_kind, target_id, detail }).await
}

/// Moves a lead that the caller sees in one transaction, which waits for its turn.
async fn change(
    ctx: &RequestContext,
    key: Option<&str>,
    (operation, id, request): (&'static str, GoldenId, &impl Serialize),
    step: impl AsyncFnOnce(&DatabaseTransaction, &Model) -> Result<()>,
) -> Result<Model> {
    let once = Once::new(key, operation, &(id, request))?;
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    let before = leads::service::find_in(&txn, ctx, id).await?.ok_or(NotFound("lead"))?;
    if once.earlier::<GoldenId>(&txn, ctx).await?.is_some() {
        return Ok(before);
    }
    step(&txn, &before).await?;
    once.remember(&txn, ctx, before.id).await?;
    txn.commit().await?;
    Ok(leads::service::find(ctx, before.id).await?.ok_or(NotFound("lead"))?)
}
