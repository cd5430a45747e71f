//! Use cases of partners.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Permission, Role};
use domain::calendar::date_in_tokyo;
use domain::corporate_number::CorporateNumber;
use domain::ids::PartnerId;
use domain::partners::{InvoiceRegistrationNumber, PartnerConsequence, PartnerStatus, PartnerType};
use domain::text::Name;
use entity::partners::partner;
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};
use serde_json::json;

use super::guards::{self, PartnerRefusal};
use super::{store, users};
use crate::error::{NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::policies::lifecycle;
use crate::{credentials, distribution};

/// A partner as it is to be.
#[derive(Debug, Clone, serde::Serialize)]
pub struct PartnerDetails {
    /// Registered name.
    pub legal_name: Name,
    /// Its reading.
    pub legal_name_kana: Option<Name>,
    /// The name shown in Japanese.
    pub display_name_ja: Option<Name>,
    /// The name shown in English.
    pub display_name_en: Option<Name>,
    /// 法人番号.
    pub corporate_number: Option<CorporateNumber>,
    /// 適格請求書発行事業者登録番号.
    pub invoice_registration_no: Option<InvoiceRegistrationNumber>,
    /// What it does for us.
    pub types: BTreeSet<PartnerType>,
    /// Where it stands.
    pub status: PartnerStatus,
    /// The distributor above it.
    pub parent: Option<PartnerId>,
    /// Subjects of the channel managers responsible for it.
    pub managers: BTreeSet<String>,
    /// The partner as an account in the CRM.
    pub crm_account_ref: Option<Name>,
}

/// The partner, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: PartnerId) -> Result<Option<partner::Model>> {
    Ok(store::find(ctx.read(), &ctx.caller, id).await?)
}

/// The partner as a transaction sees it, if the caller does.
pub async fn find_in(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    id: PartnerId,
) -> Result<Option<partner::Model>> {
    Ok(store::find(txn, &ctx.caller, id).await?)
}

/// Enters a partner. A channel manager becomes one of its managers.
pub async fn create(
    ctx: &RequestContext,
    key: Option<&str>,
    details: PartnerDetails,
) -> Result<partner::Model> {
    ctx.caller.require(Permission::CreatePartners)?;
    let once = Once::new(key, "createPartner", &details)?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier(&txn, ctx).await? {
        return Ok(store::find(&txn, &ctx.caller, id).await?.ok_or(NotFound("partner"))?);
    }
    let row = create_in(&txn, ctx, &details).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// As [`create`], in a transaction of the caller's.
pub async fn create_in(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    details: &PartnerDetails,
) -> Result<partner::Model> {
    ctx.caller.require(Permission::CreatePartners)?;
    if !details.status.may_be_entered() {
        return Err(PartnerRefusal::NotAStart { status: details.status }.into());
    }
    let id: PartnerId = ctx.clock.new_id();
    guards::check(txn, ctx, id, details).await?;
    let row = row(ctx, id, 1, details, None).into_active_model().insert(txn).await?;
    store::note_status(txn, &row, ctx.now).await?;
    store::set_managers(txn, id, &managers(ctx, details)).await?;
    audit(txn, ctx, "partners.create", id, details).await?;
    Ok(row)
}

/// Replaces a partner's details, provided that nobody changed it since `version`.
pub async fn update(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, version): (PartnerId, i32),
    change: impl FnOnce(&partner::Model, Vec<String>) -> Result<PartnerDetails>,
    request: &impl serde::Serialize,
) -> Result<partner::Model> {
    ctx.caller.require(Permission::UpdatePartners)?;
    let once = Once::new(key, "updatePartner", request)?;
    let txn = ctx.begin().await?;
    let before = store::lock(&txn, &ctx.caller, id).await?.ok_or(NotFound("partner"))?;
    if once.earlier::<PartnerId>(&txn, ctx).await?.is_some() {
        return Ok(before);
    }
    guards::check_version(before.version, version)?;
    let details = change(&before, managers_of(&txn, id).await?)?;
    let after = update_in(&txn, ctx, &before, &details).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    if before.status != after.status {
        credentials::service::look_again(ctx).await;
    }
    Ok(after)
}

/// Replaces the details of a partner in a transaction of the caller's, which has read it there.
pub async fn update_in(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    before: &partner::Model,
    details: &PartnerDetails,
) -> Result<partner::Model> {
    ctx.caller.require(Permission::UpdatePartners)?;
    guards::require_own_set(txn, ctx, before.id).await?;
    before.status.check_transition(details.status)?;
    guards::check_guards(txn, ctx, before, details.status).await?;
    guards::check(txn, ctx, before.id, details).await?;
    let after = row(ctx, before.id, before.version + 1, details, Some(before));
    after.clone().into_active_model().reset_all().update(txn).await?;
    store::set_managers(txn, before.id, &details.managers.iter().cloned().collect::<Vec<_>>()).await?;
    audit(txn, ctx, "partners.update", before.id, details).await?;
    if before.status != after.status {
        store::note_status(txn, &after, ctx.now).await?;
        follow(txn, ctx, &after).await?;
    }
    Ok(after)
}

/// What follows from a partner's new status. Registrations follow where they are worked, and so do leads and offers, by a job
/// that is told here.
async fn follow(txn: &impl ConnectionTrait, ctx: &RequestContext, partner: &partner::Model) -> Result<()> {
    let windows = lifecycle(txn, ctx).await?;
    let consequences = partner.status.consequences(date_in_tokyo(ctx.now), &windows.partners);
    if consequences.contains(&PartnerConsequence::DisableUsers) {
        users::disable_all(txn, ctx, partner.id).await?;
    }
    if consequences.contains(&PartnerConsequence::RecallLeads) {
        distribution::service::note_stopped(txn, partner.id, ctx.now).await?;
    }
    Ok(())
}

/// The details of a partner as it is.
pub fn details_of(row: &partner::Model, managers: Vec<String>) -> Result<PartnerDetails> {
    let name = |it: &Option<String>| it.as_deref().map(str::parse::<Name>).transpose();
    Ok(PartnerDetails {
        legal_name: row.legal_name.parse()?,
        legal_name_kana: name(&row.legal_name_kana)?,
        display_name_ja: name(&row.display_name_ja)?,
        display_name_en: name(&row.display_name_en)?,
        corporate_number: row.corporate_number.as_deref().map(str::parse).transpose()?,
        invoice_registration_no: row.invoice_registration_no.as_deref().map(str::parse).transpose()?,
        types: row.types.split(',').filter_map(|code| code.parse().ok()).collect(),
        status: row.status,
        parent: row.parent_partner_id,
        managers: managers.into_iter().collect(),
        crm_account_ref: name(&row.crm_account_ref)?,
    })
}

/// Subjects of the managers of a partner.
pub async fn managers_of(txn: &impl ConnectionTrait, id: PartnerId) -> Result<Vec<String>> {
    Ok(store::managers(txn, &[id]).await?.into_iter().map(|it| it.subject).collect())
}

/// The partners that a spreadsheet means by a text: a corporate number, or a registered name.
pub async fn called(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    text: &str,
) -> Result<Vec<partner::Model>> {
    Ok(store::called(db, &ctx.caller, text).await?)
}

/// What these partners are called, whoever asks: for what the vendor's people are told.
pub async fn names(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = PartnerId>,
) -> Result<BTreeMap<PartnerId, String>> {
    Ok(store::names(db, ids).await?.into_iter().collect())
}

/// All partners that the caller sees, oldest first.
pub async fn all(db: &impl ConnectionTrait, ctx: &RequestContext) -> Result<Vec<partner::Model>> {
    Ok(store::all(db, &ctx.caller).await?)
}

/// The partners that the caller is responsible for: administrators for all, channel managers for those they manage.
pub async fn own_set(db: &impl ConnectionTrait, ctx: &RequestContext) -> Result<Vec<partner::Model>> {
    Ok(store::own_set(db, &ctx.caller).await?)
}

/// Where each partner stands.
pub async fn statuses(db: &impl ConnectionTrait) -> Result<BTreeMap<PartnerId, PartnerStatus>> {
    Ok(store::statuses(db).await?)
}

/// The partners that are active.
pub async fn active(db: &impl ConnectionTrait) -> Result<BTreeSet<PartnerId>> {
    Ok(store::active(db).await?)
}

fn managers(ctx: &RequestContext, details: &PartnerDetails) -> Vec<String> {
    let mut managers = details.managers.clone();
    if ctx.caller.roles.contains(&Role::ChannelManager) {
        managers.insert(ctx.caller.subject.clone());
    }
    managers.into_iter().collect()
}

fn row(
    ctx: &RequestContext,
    id: PartnerId,
    version: i32,
    details: &PartnerDetails,
    before: Option<&partner::Model>,
) -> partner::Model {
    let text = |it: &Option<Name>| it.clone().map(String::from);
    partner::Model {
        id,
        version,
        legal_name: details.legal_name.clone().into(),
        legal_name_kana: text(&details.legal_name_kana),
        display_name_ja: text(&details.display_name_ja),
        display_name_en: text(&details.display_name_en),
        corporate_number: details.corporate_number.as_ref().map(ToString::to_string),
        invoice_registration_no: details.invoice_registration_no.clone().map(String::from),
        types: details.types.iter().map(|it| it.code()).collect::<Vec<_>>().join(","),
        status: details.status,
        parent_partner_id: details.parent,
        locale: before.map_or_else(|| "ja".to_owned(), |it| it.locale.clone()),
        timezone: before.map_or_else(|| "Asia/Tokyo".to_owned(), |it| it.timezone.clone()),
        crm_account_ref: text(&details.crm_account_ref),
        terminated_at: (details.status == PartnerStatus::Terminated)
            .then(|| before.and_then(|it| it.terminated_at).unwrap_or(ctx.now)),
        created_at: before.map_or(ctx.now, |it| it.created_at),
        created_by: before.map_or_else(|| ctx.caller.subject.clone(), |it| it.created_by.clone()),
        updated_at: ctx.now,
    }
}

async fn audit(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    action: &'static str,
    id: PartnerId,
    details: &PartnerDetails,
) -> Result<()> {
    let detail = json!({ "status": details.status, "types": details.types, "parent": details.parent });
    audit::record(txn, ctx, AuditEvent { action, target_kind: "Partner", target_id: id.into(), detail }).await
}
