//! Use cases of partner users.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::{PartnerId, PartnerUserId};
use domain::partners::{JobFunction, PartnerStatus, PartnerUserRole, PartnerUserStatus, access_granted_at};
use domain::text::{EmailAddress, Name};
use entity::partners::partner_user;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, IntoActiveModel};
use serde_json::json;

use super::guards::{PartnerRefusal, check_version, require_own_set};
use super::service;
use super::store;
use crate::credentials;
use crate::error::{NotFound, Result};
use crate::notifications::service::Recipient;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// A partner user as it is to be.
#[derive(Debug, Clone, serde::Serialize)]
pub struct PartnerUserDetails {
    /// 姓.
    pub family_name: Name,
    /// 名.
    pub given_name: Name,
    /// セイ.
    pub family_name_kana: Option<Name>,
    /// メイ.
    pub given_name_kana: Option<Name>,
    /// By which the person logs in.
    pub email: EmailAddress,
    /// What the person does.
    pub job_function: JobFunction,
    /// What the person may do here.
    pub role: PartnerUserRole,
    /// Whether the person may log in.
    pub status: PartnerUserStatus,
}

/// The partner user, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: PartnerUserId) -> Result<Option<partner_user::Model>> {
    Ok(store::find_user(ctx.read(), &ctx.caller, id).await?)
}

/// The partner user as a transaction sees it, if the caller does.
pub async fn find_in(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    id: PartnerUserId,
) -> Result<Option<partner_user::Model>> {
    Ok(store::find_user(txn, &ctx.caller, id).await?)
}

/// Enters a person at a partner.
pub async fn create(
    ctx: &RequestContext,
    key: Option<&str>,
    partner: PartnerId,
    details: PartnerUserDetails,
) -> Result<partner_user::Model> {
    ctx.caller.require(Permission::ManagePartnerUsers)?;
    let once = Once::new(key, "createPartnerUser", &(partner, &details))?;
    let txn = ctx.begin().await?;
    service::find_in(&txn, ctx, partner).await?.ok_or(NotFound("partner"))?;
    if let Some(id) = once.earlier(&txn, ctx).await? {
        return Ok(store::find_user(&txn, &ctx.caller, id).await?.ok_or(NotFound("partner user"))?);
    }
    let row = create_in(&txn, ctx, partner, details).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// As [`create`], in a transaction of the caller's.
pub async fn create_in(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    partner: PartnerId,
    details: PartnerUserDetails,
) -> Result<partner_user::Model> {
    ctx.caller.require(Permission::ManagePartnerUsers)?;
    let id: PartnerUserId = ctx.clock.new_id();
    check(txn, ctx, (id, partner), &details).await?;
    let row = row(ctx, (id, partner), 1, details, None);
    row.clone().into_active_model().insert(txn).await?;
    note(txn, ctx, "partners.createUser", &row).await?;
    Ok(row)
}

/// Replaces a partner user's details, provided that nobody changed it since `version`.
pub async fn update(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, version): (PartnerUserId, i32),
    change: impl FnOnce(&partner_user::Model) -> Result<PartnerUserDetails>,
    request: &impl serde::Serialize,
) -> Result<partner_user::Model> {
    ctx.caller.require(Permission::ManagePartnerUsers)?;
    let once = Once::new(key, "updatePartnerUser", request)?;
    let txn = ctx.begin().await?;
    let seen = store::find_user(&txn, &ctx.caller, id).await?.ok_or(NotFound("partner user"))?;
    // First the partner, then its people: whoever ends the partner does the same.
    store::lock(&txn, &ctx.caller, seen.partner_id).await?;
    let before = store::lock_user(&txn, &ctx.caller, id).await?.ok_or(NotFound("partner user"))?;
    if once.earlier::<PartnerUserId>(&txn, ctx).await?.is_some() {
        return Ok(before);
    }
    check_version(before.version, version)?;
    let details = change(&before)?;
    let after = update_in(&txn, ctx, &before, details).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    if before.status != after.status {
        credentials::service::look_again(ctx).await;
    }
    Ok(after)
}

/// Replaces a partner user's details in a transaction of the caller's, which has read it there.
pub async fn update_in(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    before: &partner_user::Model,
    details: PartnerUserDetails,
) -> Result<partner_user::Model> {
    ctx.caller.require(Permission::ManagePartnerUsers)?;
    let (id, partner) = (before.id, before.partner_id);
    check(txn, ctx, (id, partner), &details).await?;
    let after = row(ctx, (id, partner), before.version + 1, details, Some(before));
    after.clone().into_active_model().reset_all().update(txn).await?;
    note(txn, ctx, "partners.updateUser", &after).await?;
    Ok(after)
}

/// Takes the access of everybody at a partner.
pub(super) async fn disable_all(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    partner: PartnerId,
) -> Result<()> {
    for user in store::users_with_access(txn, partner).await? {
        let (version, status) = (user.version + 1, PartnerUserStatus::Disabled);
        let after = partner_user::Model { version, status, updated_at: ctx.now, ..user };
        after.clone().into_active_model().reset_all().update(txn).await?;
        note(txn, ctx, "partners.updateUser", &after).await?;
    }
    Ok(())
}

/// Who has access since an instant, and who has it no more; without an instant, everybody who has none.
pub async fn access_since(
    db: &impl ConnectionTrait,
    since: Option<DateTime<Utc>>,
) -> Result<Vec<(PartnerUserId, PartnerUserStatus)>> {
    Ok(store::users_changed(db, since).await?)
}

/// The people of a partner who may log in.
pub async fn enabled(db: &impl ConnectionTrait, partner: PartnerId) -> Result<Vec<partner_user::Model>> {
    let mut users = store::users_with_access(db, partner).await?;
    users.retain(|it| it.status == PartnerUserStatus::Enabled);
    Ok(users)
}

/// Who is told by message what happens to something that one of a partner's people began: that person, and the partner's
/// administrators.
pub async fn told(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    began: Option<PartnerUserId>,
) -> Result<Vec<Recipient>> {
    let mut people = enabled(db, partner).await?;
    people.retain(|it| it.role == PartnerUserRole::PartnerAdmin || Some(it.id) == began);
    Ok(recipients(people))
}

/// Everybody at a partner, to be told by message.
pub async fn everybody(db: &impl ConnectionTrait, partner: PartnerId) -> Result<Vec<Recipient>> {
    Ok(recipients(enabled(db, partner).await?))
}

fn recipients(people: Vec<partner_user::Model>) -> Vec<Recipient> {
    let recipient = |it: partner_user::Model| Recipient::Person { address: it.email, locale: it.locale };
    people.into_iter().map(recipient).collect()
}

/// The partner of each of these people, whoever asks; those that are nobody are left out.
pub async fn employers(
    db: &impl ConnectionTrait,
    users: impl IntoIterator<Item = PartnerUserId>,
) -> Result<BTreeMap<PartnerUserId, PartnerId>> {
    Ok(store::employers(db, users).await?.into_iter().collect())
}

/// The person of a partner with that address.
pub async fn with_email(
    txn: &impl ConnectionTrait,
    partner: PartnerId,
    email: &EmailAddress,
) -> Result<Option<partner_user::Model>> {
    Ok(store::user_with_email(txn, partner, &email.key()).await?)
}

/// All partner users that the caller sees, oldest first.
pub async fn all(db: &impl ConnectionTrait, ctx: &RequestContext) -> Result<Vec<partner_user::Model>> {
    Ok(store::all_users(db, &ctx.caller).await?)
}

/// Checks that the caller may change people of the partner, that they may get in there, and that the address is free.
async fn check(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    (id, partner): (PartnerUserId, PartnerId),
    details: &PartnerUserDetails,
) -> Result<()> {
    require_own_set(txn, ctx, partner).await?;
    // Locked: the partner does not end meanwhile.
    let status = store::lock(txn, &ctx.caller, partner).await?.ok_or(NotFound("partner"))?.status;
    if status == PartnerStatus::Terminated && details.status != PartnerUserStatus::Disabled {
        return Err(PartnerRefusal::PartnerTerminated.into());
    }
    match store::user_with_email(txn, partner, &details.email.key()).await? {
        Some(other) if other.id != id => Err(PartnerRefusal::EmailTaken.into()),
        _ => Ok(()),
    }
}

fn row(
    ctx: &RequestContext,
    (id, partner_id): (PartnerUserId, PartnerId),
    version: i32,
    details: PartnerUserDetails,
    before: Option<&partner_user::Model>,
) -> partner_user::Model {
    partner_user::Model {
        id,
        version,
        partner_id,
        family_name: details.family_name.into(),
        given_name: details.given_name.into(),
        family_name_kana: details.family_name_kana.map(String::from),
        given_name_kana: details.given_name_kana.map(String::from),
        email_key: details.email.key(),
        email: details.email.into(),
        job_function: details.job_function,
        role: details.role,
        locale: before.map_or_else(|| "ja".to_owned(), |it| it.locale.clone()),
        status: details.status,
        access_granted_at: access_granted_at(
            before.and_then(|it| it.access_granted_at),
            details.status,
            ctx.now,
        ),
        created_at: before.map_or(ctx.now, |it| it.created_at),
        created_by: before.map_or_else(|| ctx.caller.subject.clone(), |it| it.created_by.clone()),
        updated_at: ctx.now,
    }
}

async fn note(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    action: &'static str,
    user: &partner_user::Model,
) -> Result<()> {
    let detail = json!({ "partner": user.partner_id, "role": user.role, "status": user.status });
    let event = AuditEvent { action, target_kind: "PartnerUser", target_id: user.id.into(), detail };
    audit::record(txn, ctx, event).await
}
