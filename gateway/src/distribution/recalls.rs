//! Taking leads back from partners.

use domain::access::Permission;
use domain::conflicts::ConflictTrigger;
use domain::ids::GoldenId;
use domain::leads::LeadEvent;
use domain::review::Reason;
use entity::leads::golden_lead::Model;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::{candidates, rivals, store};
use crate::error::Result;
use crate::leads::life::{self, Hands};
use crate::leads::steps;
use crate::platform::context::RequestContext;
use crate::{conflicts, partners};

/// Takes a lead back from its partner: it waits for another offer.
pub async fn recall(
    ctx: &RequestContext,
    key: Option<&str>,
    (lead, reason): (GoldenId, Reason),
) -> Result<Model> {
    ctx.caller.require(Permission::OfferLeads)?;
    steps::take(ctx, key, ("recallLead", lead, &reason), async |txn, lead| {
        if let Some(partner) = lead.assigned_partner_id {
            partners::guards::require_own_set(txn, ctx, partner).await?;
        }
        take_back(txn, ctx, lead, Some(reason.as_str())).await
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
    note_taken_back(txn, ctx, lead, reason).await?;
    note_unworked(txn, ctx, lead).await?;
    steps::note(txn, ctx, lead, ("distribution.recall", json!({}))).await
}

/// Notes with the offers of a lead that whoever accepted it does not have it any more.
pub async fn note_taken_back(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &Model,
    reason: Option<&str>,
) -> Result<()> {
    let ids = candidates::ids_of(txn, lead.id).await?;
    Ok(store::note_recalled(txn, &ids, (ctx.now, reason)).await?)
}

/// Notes that nobody works a lead any more: rivals of the partner's claim are judged again.
pub async fn note_unworked(txn: &DatabaseTransaction, ctx: &RequestContext, lead: &Model) -> Result<()> {
    rivals::part(txn, ctx, lead.id).await?;
    let Some(account) = lead.account_id else { return Ok(()) };
    conflicts::service::note_account(txn, ctx, account, ConflictTrigger::ClaimEnded).await
}
