//! What people enter about accounts because conflicts depend on it: to whom one is reserved, and what it runs already.

use chrono::NaiveDate;
use domain::access::Permission;
use domain::conflicts::ConflictTrigger;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, InstalledProductId, PartnerId};
use entity::conflicts::{account_reservation, installed_product};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Set};
use serde::Serialize;
use serde_json::json;

use super::service::note_account;
use crate::error::{NotFound, Refusal, Result};
use crate::golden::loader::RecordRef;
use crate::golden::visible;
use crate::partners;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// Dates of a product that make no sense.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the product ends on {until}, which is not after its beginning on {from}; correct one of them")]
pub struct InstalledEndsFirst {
    /// Its first date.
    pub from: NaiveDate,
    /// The first date after it.
    pub until: NaiveDate,
}

impl Refusal for InstalledEndsFirst {
    fn code(&self) -> &'static str {
        "INSTALLED_ENDS_FIRST"
    }
}

/// To whom an account is reserved.
#[derive(Debug, Clone, Copy, Serialize)]
pub enum Reservation {
    /// A named account of a partner.
    Partner(PartnerId),
    /// A house account of direct sales.
    Direct,
    /// Nobody's any more.
    Nobody,
}

/// A product that an account runs, bought through a partner.
#[derive(Debug, Clone, Serialize)]
pub struct Installed {
    /// The account.
    pub account: GoldenId,
    /// Through whom.
    pub partner: PartnerId,
    /// Its code.
    pub product: String,
    /// The first date.
    pub from: NaiveDate,
    /// The first date after it, if it ends.
    pub until: Option<NaiveDate>,
}

/// Reserves an account, or gives it free. Claims on it are judged again.
pub async fn reserve(
    ctx: &RequestContext,
    key: Option<&str>,
    (account, reservation): (GoldenId, Reservation),
) -> Result<GoldenId> {
    use account_reservation::{Column, Entity, Model};
    ctx.caller.require(Permission::DecideConflicts)?;
    let once = Once::new(key, "reserveAccount", &(account, reservation))?;
    let txn = ctx.begin().await?;
    let account = known(&txn, ctx, account).await?;
    if once.earlier::<GoldenId>(&txn, ctx).await?.is_some() {
        return Ok(account);
    }
    let partner_id = match reservation {
        Reservation::Partner(partner) => {
            partners::service::find_in(&txn, ctx, partner).await?.ok_or(NotFound("partner"))?;
            Some(partner)
        }
        Reservation::Direct | Reservation::Nobody => None,
    };
    if matches!(reservation, Reservation::Nobody) {
        Entity::delete_by_id(account).exec(&txn).await?;
    } else {
        let by = ctx.caller.subject.clone();
        let row = Model { account_id: account, partner_id, reserved_at: ctx.now, reserved_by: by };
        let replace = OnConflict::column(Column::AccountId)
            .update_columns([Column::PartnerId, Column::ReservedAt, Column::ReservedBy])
            .to_owned();
        Entity::insert(row.into_active_model()).on_conflict(replace).exec_without_returning(&txn).await?;
    }
    note_account(&txn, ctx, account, ConflictTrigger::TerritoryChanged).await?;
    record(&txn, ctx, "conflicts.reserveAccount", account, json!({ "reservation": reservation })).await?;
    once.remember(&txn, ctx, account).await?;
    txn.commit().await?;
    Ok(account)
}

/// Notes a product that an account runs. Claims on it are judged again.
pub async fn record_installed(
    ctx: &RequestContext,
    key: Option<&str>,
    installed: Installed,
) -> Result<installed_product::Model> {
    ctx.caller.require(Permission::DecideConflicts)?;
    if let Some(until) = installed.until.filter(|it| *it <= installed.from) {
        return Err(InstalledEndsFirst { from: installed.from, until }.into());
    }
    let once = Once::new(key, "recordInstalledProduct", &installed)?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier::<InstalledProductId>(&txn, ctx).await? {
        let row = installed_product::Entity::find_by_id(id).one(&txn).await?;
        return Ok(row.ok_or(NotFound("installed product"))?);
    }
    let account = known(&txn, ctx, installed.account).await?;
    partners::service::find_in(&txn, ctx, installed.partner).await?.ok_or(NotFound("partner"))?;
    let row = installed_product::Model {
        id: ctx.clock.new_id(),
        account_id: account,
        partner_id: installed.partner,
        product: installed.product.clone(),
        valid_from: installed.from,
        valid_until: installed.until,
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
    };
    let row = row.into_active_model().insert(&txn).await?;
    note_account(&txn, ctx, account, ConflictTrigger::TerritoryChanged).await?;
    let detail = json!({ "partner": row.partner_id, "product": row.product });
    record(&txn, ctx, "conflicts.recordInstalledProduct", account, detail).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// Notes when the contract of a product ends that an account runs. Claims on it are judged again.
pub async fn end_installed(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, until): (InstalledProductId, NaiveDate),
) -> Result<installed_product::Model> {
    ctx.caller.require(Permission::DecideConflicts)?;
    let once = Once::new(key, "endInstalledProduct", &(id, until))?;
    let txn = ctx.begin().await?;
    let row = installed_product::Entity::find_by_id(id).one(&txn).await?;
    let row = row.ok_or(NotFound("installed product"))?;
    if once.earlier::<InstalledProductId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    if until <= row.valid_from {
        return Err(InstalledEndsFirst { from: row.valid_from, until }.into());
    }
    let account = known(&txn, ctx, row.account_id).await?;
    let mut row = row.into_active_model();
    row.valid_until = Set(Some(until));
    let row = row.update(&txn).await?;
    note_account(&txn, ctx, account, ConflictTrigger::TerritoryChanged).await?;
    let detail = json!({ "partner": row.partner_id, "product": row.product, "until": until });
    record(&txn, ctx, "conflicts.endInstalledProduct", account, detail).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// The account that an id leads to today.
async fn known(txn: &DatabaseTransaction, ctx: &RequestContext, id: GoldenId) -> Result<GoldenId> {
    let record = RecordRef { kind: RecordKind::Account, id };
    Ok(visible::today(txn, &ctx.caller, record).await?.ok_or(NotFound("account"))?)
}

async fn record(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    action: &'static str,
    account: GoldenId,
    detail: serde_json::Value,
) -> Result<()> {
    let target_id = account.into();
    audit::record(txn, ctx, AuditEvent { action, target_kind: "Account", target_id, detail }).await
}
