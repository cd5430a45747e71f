//! What a registration is connected with: its account where a person knows better, its lead, its opportunity, what the
//! customer signed, and what was done about it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, RegistrationId};
use domain::registrations::{RegistrationRefusal, RegistrationStep};
use entity::registrations::deal_registration::Model;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::service::{Note, known, locked, save};
use super::{store, turn};
use crate::error::{NotFound, Refusal, Result};
use crate::golden::loader::RecordRef;
use crate::golden::visible;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{conflicts, partners};

/// Why something is not noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkRefusal {
    /// It has yet to happen.
    #[error("an activity lies in the past; give the instant at which it was")]
    ActivityInFuture,
    /// There is none.
    #[error("the registration names no document that the customer signed; its partner adds it first")]
    CustomerChoiceMissing,
}

impl Refusal for LinkRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// What a registration is to be connected with; what is left out stays.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Links {
    /// Which registration.
    pub id: RegistrationId,
    /// The account, which a person knows.
    pub account: Option<GoldenId>,
    /// The lead.
    pub lead: Option<GoldenId>,
    /// The opportunity in the CRM.
    pub opportunity: Option<GoldenId>,
}

/// Something that was done about a deal.
#[derive(Debug, Clone, Serialize)]
pub struct Activity {
    /// Which registration.
    pub id: RegistrationId,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub note: String,
}

/// Connects a registration with golden records.
pub async fn link(ctx: &RequestContext, key: Option<&str>, links: Links) -> Result<Model> {
    ctx.caller.require(Permission::DecideRegistrations)?;
    let once = Once::new(key, "linkRegistration", &links)?;
    let seen = known(ctx.read(), ctx, links.id).await?;
    let txn = ctx.begin().await?;
    let account = today(&txn, ctx, RecordKind::Account, links.account).await?;
    let lead = today(&txn, ctx, RecordKind::Lead, links.lead).await?;
    let opportunity = today(&txn, ctx, RecordKind::Opportunity, links.opportunity).await?;
    turn::of_customers(&txn, ctx, seen.claimed_id.into_iter().chain(account)).await?;
    let mut row = locked(&txn, ctx, links.id).await?;
    if once.earlier::<RegistrationId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    partners::guards::require_own_set(&txn, ctx, row.partner_id).await?;
    if let Some(account) = account {
        (row.account_id, row.claimed_id) = (Some(account), Some(account));
        row.account_fixed_by = Some(ctx.caller.subject.clone());
        store::put_doubts(&txn, row.id, &BTreeSet::new()).await?;
    }
    row.lead_id = lead.or(row.lead_id);
    row.opportunity_id = opportunity.or(row.opportunity_id);
    (row.version, row.updated_at) = (row.version + 1, ctx.now);
    let done = (RegistrationStep::Linked, Note::default());
    let row = save(&txn, ctx, row, done, "registrations.link").await?;
    // Those that it stood against before, and those that it stands against now.
    conflicts::service::note_claim(&txn, ctx, &seen).await?;
    conflicts::service::note_claim(&txn, ctx, &row).await?;
    once.remember(&txn, ctx, links.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// The golden record that an id leads to today.
async fn today(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    kind: RecordKind,
    id: Option<GoldenId>,
) -> Result<Option<GoldenId>> {
    let Some(id) = id else { return Ok(None) };
    let found = visible::today(txn, &ctx.caller, RecordRef { kind, id }).await?;
    Ok(Some(found.ok_or(NotFound("golden record"))?))
}

/// Notes something that was done about a deal: an extension rests on it.
pub async fn record_activity(ctx: &RequestContext, key: Option<&str>, activity: Activity) -> Result<Model> {
    ctx.caller.require(Permission::WriteRegistrations)?;
    let once = Once::new(key, "recordRegistrationActivity", &activity)?;
    let txn = ctx.begin().await?;
    let mut row = locked(&txn, ctx, activity.id).await?;
    if once.earlier::<RegistrationId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    if row.status.is_terminal() {
        return Err(RegistrationRefusal::RegistrationState { status: row.status }.into());
    }
    if activity.at > ctx.now {
        return Err(LinkRefusal::ActivityInFuture.into());
    }
    row.last_activity_at = row.last_activity_at.max(Some(activity.at));
    (row.version, row.updated_at) = (row.version + 1, ctx.now);
    let note = Note { text: Some(&activity.note), instant: Some(activity.at) };
    let row = save(&txn, ctx, row, (RegistrationStep::Activity, note), "registrations.activity").await?;
    once.remember(&txn, ctx, activity.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// Confirms that the customer signed the document that a registration names: from now on the customer's choice counts.
pub async fn confirm_choice(ctx: &RequestContext, key: Option<&str>, id: RegistrationId) -> Result<Model> {
    ctx.caller.require(Permission::DecideRegistrations)?;
    let once = Once::new(key, "confirmCustomerChoice", &id)?;
    let seen = known(ctx.read(), ctx, id).await?;
    let txn = ctx.begin().await?;
    turn::of_claim(&txn, ctx, &seen).await?;
    let mut row = locked(&txn, ctx, id).await?;
    if once.earlier::<RegistrationId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    partners::guards::require_own_set(&txn, ctx, row.partner_id).await?;
    if row.customer_choice_document.is_none() {
        return Err(LinkRefusal::CustomerChoiceMissing.into());
    }
    row.customer_choice_confirmed_at = Some(ctx.now);
    row.customer_choice_confirmed_by = Some(ctx.caller.subject.clone());
    (row.version, row.updated_at) = (row.version + 1, ctx.now);
    let done = (RegistrationStep::ChoiceConfirmed, Note::default());
    let row = save(&txn, ctx, row, done, "registrations.confirmChoice").await?;
    conflicts::service::note_claim(&txn, ctx, &row).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(row)
}
