//! Use cases of registrations: reading them, and filling in the form.

use domain::access::Permission;
use domain::ids::{PartnerId, RegistrationId};
use domain::registrations::{RegistrationRefusal, RegistrationStatus, RegistrationStep};
use entity::partners::partner;
use entity::registrations::{deal_registration, registration_event};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use serde_json::json;

pub use super::claims::{
    Finding, any_claim, by_ids, doubting as claims_doubting, doubts_of, found as claims_found, in_turn,
    naming as claims_naming, note_finding, on as claims_on, open_claims, under as claims_under,
};
pub use super::decisions::{approve, extend, reject, return_for_information, revoke};
pub use super::details::{Company, FormRefusal, RegistrationDetails, amount, products};
pub use super::erased::erase_person;
pub use super::links::{Activity, LinkRefusal, Links, confirm_choice, link, record_activity};
pub use super::messages::people;
pub use super::news::announce;
pub use super::state::priority;
pub use super::submission::{imagined, may_sell, submit, withdraw};
pub use super::turn::{of_customers as wait_for_customers, of_subject as wait_for_subject};

use super::{messages, store};
use crate::error::{NotFound, Result};
use crate::partners::guards;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::idempotency::Once;
use crate::{golden, leads, partners};

/// What a decision on a registration says.
#[derive(Debug, Clone, Serialize)]
pub struct Decision<T: Serialize> {
    /// Which registration.
    pub id: RegistrationId,
    /// Why; what the partner is told.
    pub reason: Option<String>,
    /// What is special about it.
    pub detail: T,
}

/// What is noted about a change beside the row.
#[derive(Debug, Clone, Default)]
pub struct Note<'a> {
    /// What the partner is told.
    pub text: Option<&'a str>,
    /// When the activity was; when the protection ends now.
    pub instant: Option<chrono::DateTime<chrono::Utc>>,
}

/// As the API names a registration.
pub fn global_id(id: RegistrationId) -> String {
    NodeId::encode(NodeType::DealRegistration, id).0
}

/// The registration, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: RegistrationId) -> Result<Option<deal_registration::Model>> {
    ctx.caller.require(Permission::ReadRegistrations)?;
    Ok(store::find(ctx.read(), &ctx.caller, id).await?)
}

/// Begins a registration: a draft gives no rights. Partners register for themselves, administrators for anybody.
pub async fn create(
    ctx: &RequestContext,
    key: Option<&str>,
    partner: Option<PartnerId>,
    details: RegistrationDetails,
) -> Result<deal_registration::Model> {
    ctx.caller.require(Permission::WriteRegistrations)?;
    details.check()?;
    let once = Once::new(key, "createRegistration", &(partner, &details))?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier::<RegistrationId>(&txn, ctx).await? {
        return known(&txn, ctx, id).await;
    }
    let partner = registrant(&txn, ctx, partner).await?.id;
    check_lead(&txn, ctx, &details).await?;
    let mut row = empty(ctx, partner);
    details.put_into(&mut row);
    let row = store::insert(&txn, row).await?;
    note(&txn, ctx, &row, (RegistrationStep::Saved, Note::default()), "registrations.create").await?;
    if let Some(lead) = row.lead_id {
        golden::service::wait_for_turn(&txn).await?;
        leads::life::act(&txn, ctx, lead).await?;
    }
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// Changes what a draft, or a registration that was returned, says; provided that nobody changed it since `version`.
pub async fn update(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, version): (RegistrationId, i32),
    change: impl FnOnce(RegistrationDetails) -> Result<RegistrationDetails>,
    request: &impl Serialize,
) -> Result<deal_registration::Model> {
    ctx.caller.require(Permission::WriteRegistrations)?;
    let once = Once::new(key, "updateRegistration", request)?;
    let txn = ctx.begin().await?;
    let before = locked(&txn, ctx, id).await?;
    if once.earlier::<RegistrationId>(&txn, ctx).await?.is_some() {
        return Ok(before);
    }
    guards::check_version(before.version, version)?;
    if !matches!(before.status, RegistrationStatus::Draft | RegistrationStatus::Returned) {
        return Err(RegistrationRefusal::RegistrationState { status: before.status }.into());
    }
    let details = change(RegistrationDetails::of(&before)?)?;
    details.check()?;
    if details.lead != before.lead_id {
        check_lead(&txn, ctx, &details).await?;
    }
    let mut row = deal_registration::Model { version: version + 1, updated_at: ctx.now, ..before };
    details.put_into(&mut row);
    let row =
        save(&txn, ctx, row, (RegistrationStep::Saved, Note::default()), "registrations.update").await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(row)
}

/// For whom the caller registers.
pub async fn registrant(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    wanted: Option<PartnerId>,
) -> Result<partner::Model> {
    let own = ctx.caller.partner.filter(|_| !ctx.caller.is_staff());
    let partner = match (own, wanted) {
        (Some(own), None) => own,
        (Some(own), Some(wanted)) if own == wanted => own,
        (None, Some(wanted)) if ctx.caller.is_staff() => wanted,
        _ => return Err(NotFound("partner").into()),
    };
    Ok(partners::service::find_in(txn, ctx, partner).await?.ok_or(NotFound("partner"))?)
}

/// A registration grows only from a lead that the caller sees.
async fn check_lead(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    details: &RegistrationDetails,
) -> Result<()> {
    if let Some(lead) = details.lead {
        leads::service::find_in(txn, ctx, lead).await?.ok_or(NotFound("lead"))?;
    }
    Ok(())
}

pub(super) fn empty(ctx: &RequestContext, partner: PartnerId) -> deal_registration::Model {
    let partner_user = ctx.caller.partner_user.filter(|_| !ctx.caller.is_staff());
    deal_registration::Model {
        id: ctx.clock.new_id(),
        version: 1,
        partner_id: partner,
        partner_user_id: partner_user,
        status: RegistrationStatus::Draft,
        company_name: String::new(),
        company_corporate_number: None,
        company_phone: None,
        company_website: None,
        company_postal_code: None,
        company_prefecture: None,
        company_industry: None,
        claimed_id: None,
        account_id: None,
        account_fixed_by: None,
        lead_id: None,
        opportunity_id: None,
        products: String::new(),
        deal_type: None,
        amount_minor: None,
        currency: None,
        expected_close: None,
        site_prefecture: None,
        customer_choice_document: None,
        customer_choice_confirmed_at: None,
        customer_choice_confirmed_by: None,
        submitted_by: None,
        priority_time: None,
        submission_seq: None,
        verdict_id: None,
        finding: None,
        finding_code: None,
        decide_by: None,
        escalated_at: None,
        answer_by: None,
        decided_at: None,
        decided_by: None,
        reject_code: None,
        protected_from: None,
        expires_at: None,
        extensions: 0,
        warn_at: None,
        last_activity_at: None,
        ended_at: None,
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
        updated_at: ctx.now,
    }
}

/// The registration as a transaction sees it, if the caller does.
pub async fn known(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    id: RegistrationId,
) -> Result<deal_registration::Model> {
    Ok(store::find(db, &ctx.caller, id).await?.ok_or(NotFound("registration"))?)
}

/// The same, locked until the transaction ends.
pub(super) async fn locked(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    id: RegistrationId,
) -> Result<deal_registration::Model> {
    Ok(store::lock(txn, &ctx.caller, id).await?.ok_or(NotFound("registration"))?)
}

/// Writes a registration as it stands now, with what happened to it.
pub(super) async fn save(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    row: deal_registration::Model,
    done: (RegistrationStep, Note<'_>),
    action: &'static str,
) -> Result<deal_registration::Model> {
    let row = store::replace(txn, row).await?;
    note(txn, ctx, &row, done, action).await?;
    Ok(row)
}

/// Notes what happened to a registration, and tells whom it concerns.
pub async fn note(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    row: &deal_registration::Model,
    (step, note): (RegistrationStep, Note<'_>),
    action: &'static str,
) -> Result<()> {
    let event = registration_event::Model {
        id: ctx.clock.new_id(),
        registration_id: row.id,
        // A job that began long ago tells of it now: listeners look at what is recent.
        at: ctx.clock.now(),
        step,
        status: row.status,
        subject: ctx.caller.subject.clone(),
        note: note.text.map(str::to_owned),
        instant: note.instant,
    };
    store::note(txn, event).await?;
    messages::tell(txn, ctx, row, (step, &note)).await?;
    let detail = json!({ "step": step, "status": row.status, "partner": row.partner_id });
    let target_id = row.id.into();
    audit::record(txn, ctx, AuditEvent { action, target_kind: "DealRegistration", target_id, detail }).await
}
