//! What the calendar makes of contracts: they begin, end, expire, or are renewed.

use chrono::NaiveDate;
use domain::calendar::date_in_tokyo;
use domain::contracts::{ContractNews, ContractStatus, ContractTerm};
use entity::contracts::contract::Model;
use entity::contracts::contract_version;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, IntoActiveModel};

use super::agreement::{facts, term};
use super::service::{note, note_claims};
use super::store;
use crate::error::Result;
use crate::platform::context::RequestContext;

/// Notes all that the dates of a contract have made of it by today, also of its successors. Gives the contract as it is.
pub(super) async fn follow(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    contract: Model,
) -> Result<Model> {
    let today = date_in_tokyo(ctx.now);
    let mut given = contract.clone();
    let mut current = contract;
    loop {
        let versions = store::versions(txn, &[current.id]).await?.remove(&current.id).unwrap_or_default();
        let known = facts(&current, &versions)?;
        let Some(news) = known.news(today) else { return Ok(given) };
        let status = match news {
            ContractNews::Begins => ContractStatus::InForce,
            ContractNews::Terminates => ContractStatus::Terminated,
            ContractNews::Expires => ContractStatus::Expired,
            ContractNews::Renews { .. } => ContractStatus::Renewed,
        };
        current = become_(txn, ctx, current, status).await?;
        if current.id == given.id {
            given = current.clone();
        }
        if let ContractNews::Renews { successor } = news {
            let last = in_effect(&versions, current.end_date);
            current = renew(txn, ctx, &current, successor, last).await?;
        }
    }
}

async fn become_(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    contract: Model,
    status: ContractStatus,
) -> Result<Model> {
    contract.status.check_step(status)?;
    let after = Model { status, version: contract.version + 1, updated_at: ctx.now, ..contract };
    after.clone().into_active_model().reset_all().update(txn).await?;
    note(txn, ctx, "contracts.follow_dates", &after).await?;
    note_claims(txn, ctx, &after).await?;
    Ok(after)
}

/// The successor: the same terms for the next term, under the same number.
async fn renew(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    contract: &Model,
    successor: ContractTerm,
    terms: &contract_version::Model,
) -> Result<Model> {
    let id = ctx.clock.new_id();
    let version = contract_version::Model {
        id: ctx.clock.new_id(),
        contract_id: id,
        number: 1,
        effective_on: successor.first(),
        summary: None,
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
        ..terms.clone()
    };
    let mut row = Model {
        id,
        version: 1,
        renewal: contract.renewal + 1,
        status: ContractStatus::InForce,
        start_date: successor.first(),
        end_date: successor.last(),
        signed_on: None,
        notice_given_on: None,
        predecessor_id: Some(contract.id),
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
        updated_at: ctx.now,
        ..contract.clone()
    };
    let notice = facts(&row, std::slice::from_ref(&version))?.versions.at_end().notice;
    row.notice_deadline = term(&row)?.notice_deadline(&notice);
    row.clone().into_active_model().insert(txn).await?;
    version.into_active_model().insert(txn).await?;
    note(txn, ctx, "contracts.renew", &row).await?;
    Ok(row)
}

/// The version in effect on a date: the latest effective date that has come, of several on one date the last agreed; the
/// first version before all of them.
pub(super) fn in_effect(versions: &[contract_version::Model], date: NaiveDate) -> &contract_version::Model {
    let come = versions.iter().filter(|it| it.effective_on <= date);
    let latest = come.max_by_key(|it| (it.effective_on, it.number));
    latest.or(versions.first()).expect("a contract has a first version")
}
