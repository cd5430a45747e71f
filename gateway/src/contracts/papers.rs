//! What lies in the folder of a contract: references to documents, and notes of what was said.

use chrono::NaiveDate;
use domain::access::Permission;
use domain::ids::{ContractDocumentId, ContractId, NegotiationEntryId};
use domain::text::{Name, Passage};
use entity::contracts::contract::Model;
use entity::contracts::{contract_document, contract_reminder, negotiation_entry};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::service::note;
use super::store;
use crate::error::{NotFound, Result};
use crate::partners;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// Notes where a document of a contract is kept.
pub async fn add_document(
    ctx: &RequestContext,
    key: Option<&str>,
    contract: ContractId,
    (title, reference): (Name, Name),
) -> Result<Model> {
    let once = Once::new(key, "addContractDocument", &(contract, &title, &reference))?;
    let (txn, row) = open(ctx, contract).await?;
    if once.earlier::<ContractDocumentId>(&txn, ctx).await?.is_none() {
        let document = contract_document::Model {
            id: ctx.clock.new_id(),
            contract_id: contract,
            title: title.into(),
            reference: reference.into(),
            added_at: ctx.now,
            added_by: ctx.caller.subject.clone(),
        };
        document.clone().into_active_model().insert(&txn).await?;
        note(&txn, ctx, "contracts.add_document", &row).await?;
        once.remember(&txn, ctx, document.id).await?;
    }
    txn.commit().await?;
    Ok(row)
}

/// Notes what was said about a contract.
pub async fn add_negotiation_entry(
    ctx: &RequestContext,
    key: Option<&str>,
    contract: ContractId,
    (occurred_on, text): (NaiveDate, Passage),
) -> Result<Model> {
    let once = Once::new(key, "addNegotiationEntry", &(contract, occurred_on, &text))?;
    let (txn, row) = open(ctx, contract).await?;
    if once.earlier::<NegotiationEntryId>(&txn, ctx).await?.is_none() {
        let entry = negotiation_entry::Model {
            id: ctx.clock.new_id(),
            contract_id: contract,
            occurred_on,
            note: text.into(),
            entered_at: ctx.now,
            entered_by: ctx.caller.subject.clone(),
        };
        entry.clone().into_active_model().insert(&txn).await?;
        note(&txn, ctx, "contracts.add_negotiation_entry", &row).await?;
        once.remember(&txn, ctx, entry.id).await?;
    }
    txn.commit().await?;
    Ok(row)
}

/// Notes that somebody takes care of what a reminder is about. Doing it again changes nothing.
pub async fn acknowledge_reminder(
    ctx: &RequestContext,
    contract: ContractId,
    due_on: NaiveDate,
) -> Result<Model> {
    let (txn, row) = open(ctx, contract).await?;
    let reminder = contract_reminder::Entity::find_by_id((contract, due_on)).one(&txn).await?;
    let reminder = reminder.ok_or(NotFound("reminder"))?;
    if reminder.acknowledged_at.is_none() {
        let (at, by) = (Some(ctx.now), Some(ctx.caller.subject.clone()));
        let after = contract_reminder::Model { acknowledged_at: at, acknowledged_by: by, ..reminder };
        after.into_active_model().reset_all().update(&txn).await?;
        note(&txn, ctx, "contracts.acknowledge_reminder", &row).await?;
    }
    txn.commit().await?;
    Ok(row)
}

/// The contract, locked, if the caller may write in its folder.
async fn open(ctx: &RequestContext, id: ContractId) -> Result<(DatabaseTransaction, Model)> {
    ctx.caller.require(Permission::ManageContracts)?;
    let txn = ctx.begin().await?;
    let row = store::lock(&txn, &ctx.caller, id).await?.ok_or(NotFound("contract"))?;
    partners::guards::require_own_set(&txn, ctx, row.partner_id).await?;
    Ok((txn, row))
}
