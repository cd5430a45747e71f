//! Handing a registration in, and taking it back.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Permission;
use domain::calendar::{Calendar, date_in_tokyo};
use domain::ids::{GoldenId, PartnerId, RegistrationId};
use domain::lifecycle::RegistrationWindows;
use domain::partners::PartnerStatus;
use domain::products::ProductScope;
use domain::registrations::{ClaimFinding, Priority, Registrant, RegistrationStatus, RegistrationStep};
use entity::partners::partner;
use entity::registrations::deal_registration::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::details::RegistrationDetails;
use super::news::announce;
use super::service::{Note, empty, known, locked, save};
use super::{company, details, state, store, turn};
use crate::contracts::in_force::in_force_on;
use crate::error::{ConcurrentChange, Error, NotFound, Result};
use crate::golden::service::Mastering;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::policies::lifecycle;
use crate::{conflicts, partners};

/// Hands a registration in. Of those that want one customer, one after another has its turn, so that exactly one is first.
pub async fn submit(ctx: &RequestContext, key: Option<&str>, id: RegistrationId) -> Result<Model> {
    ctx.caller.require(Permission::WriteRegistrations)?;
    let once = Once::new(key, "submitRegistration", &id)?;
    let seen = known(ctx.read(), ctx, id).await?;
    let number = store::next_number(ctx.read()).await?;
    let asked = conflicts::service::ask(ctx, &foreseen(ctx, seen.clone()).await?.0).await?;
    let txn = ctx.begin().await?;
    if once.earlier::<RegistrationId>(&txn, ctx).await?.is_some() {
        return known(&txn, ctx, id).await;
    }
    let windows = windows(&txn, ctx).await?;
    let (mut row, meant) = take_turn(&txn, ctx, &seen).await?;
    check(&txn, ctx, &row).await?;
    let step = match row.status {
        RegistrationStatus::Returned => RegistrationStep::Resubmitted,
        _ => RegistrationStep::Submitted,
    };
    let time = priority_time(&txn, ctx, meant.claimed).await?;
    let offered = Priority { time, submission_seq: u64::try_from(number).map_err(Error::internal)? };
    company::put(&mut row, &meant);
    let is_within = is_within_claim(&txn, &row).await?;
    let submitted = state::of(&row)?.submit(offered, is_within)?;
    let mut row = state::put(row, submitted, &windows, ctx.now)?;
    row.submitted_by = Some(ctx.caller.subject.clone());
    row.protected_from = row.priority_time;
    store::put_under(&txn, row.id, &company::keys(&row)).await?;
    store::put_doubts(&txn, row.id, &meant.possible).await?;
    let row = save(&txn, ctx, row, (step, Note::default()), "registrations.submit").await?;
    conflicts::service::judge(&txn, ctx, &row, &asked).await?;
    conflicts::service::note_claim(&txn, ctx, &row).await?;
    let row = proceed(&txn, ctx, locked(&txn, ctx, id).await?, &windows).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    announce(ctx).await;
    Ok(row)
}

/// What follows from the verdict: what is clear is approved if the policy says so, and a person decides about the rest.
async fn proceed(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    row: Model,
    windows: &RegistrationWindows,
) -> Result<Model> {
    let submitted = state::of(&row)?;
    if windows.approve_clear && row.finding == Some(ClaimFinding::Clear) {
        let days = protection_days(txn, ctx, &row, windows).await?;
        let approved = submitted.approve_if_clear(ClaimFinding::Clear, ctx.now, days)?;
        let row = state::put(row, approved, windows, ctx.now)?;
        let done = (RegistrationStep::AutoApproved, Note { text: None, instant: row.expires_at });
        return save(txn, ctx, row, done, "registrations.approve").await;
    }
    let reviewed = submitted.review(ctx.now, &ctx.shared::<Calendar>(), windows)?;
    let row = state::put(row, reviewed, windows, ctx.now)?;
    let reviewed = (RegistrationStep::Reviewed, Note::default());
    save(txn, ctx, row, reviewed, "registrations.review").await
}

/// The windows in force.
pub(super) async fn windows(db: &impl ConnectionTrait, ctx: &RequestContext) -> Result<RegistrationWindows> {
    Ok(lifecycle(db, ctx).await?.registrations.clone())
}

/// For how long a deal is protected: by the tier that its partner has now.
pub(super) async fn protection_days(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    row: &Model,
    windows: &RegistrationWindows,
) -> Result<u32> {
    let tier = conflicts::service::tier(db, row.partner_id, ctx.now).await?;
    Ok(windows.protection_days_for(tier.as_ref().map(|it| it.code.as_str())))
}

/// Takes a registration back.
pub async fn withdraw(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, reason): (RegistrationId, Option<&str>),
) -> Result<Model> {
    ctx.caller.require(Permission::WriteRegistrations)?;
    let once = Once::new(key, "withdrawRegistration", &(id, reason))?;
    let seen = known(ctx.read(), ctx, id).await?;
    let txn = ctx.begin().await?;
    turn::of_claim(&txn, ctx, &seen).await?;
    let row = locked(&txn, ctx, id).await?;
    if once.earlier::<RegistrationId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    let withdrawn = state::of(&row)?.withdraw()?;
    let row = state::put(row, withdrawn, &windows(&txn, ctx).await?, ctx.now)?;
    let done = (RegistrationStep::Withdrawn, Note { text: reason, instant: None });
    let row = save(&txn, ctx, row, done, "registrations.withdraw").await?;
    conflicts::service::note_claim(&txn, ctx, &row).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(row)
}

/// Waits until nobody else hands in what may be about the same customer, and gives the registration, locked, with whom it
/// means.
pub(super) async fn take_turn(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    seen: &Model,
) -> Result<(Model, company::Meant)> {
    turn::of_companies(txn, company::keys(seen)).await?;
    let engine = Mastering::of(ctx).engine(txn).await?;
    let meant = company::meant(txn, &engine, seen).await?;
    turn::of_customers(txn, ctx, meant.claimed).await?;
    let row = store::lock(txn, &ctx.caller, seen.id).await?.ok_or(NotFound("registration"))?;
    match row.version == seen.version {
        true => Ok((row, meant)),
        false => Err(ConcurrentChange.into()),
    }
}

/// The registration that a partner would hand in now, and what else its company may be. Nothing is kept.
pub async fn imagined(
    ctx: &RequestContext,
    partner: PartnerId,
    details: &RegistrationDetails,
) -> Result<(Model, BTreeSet<GoldenId>)> {
    let mut row = empty(ctx, partner);
    details.put_into(&mut row);
    let (mut row, meant) = foreseen(ctx, row).await?;
    row.status = RegistrationStatus::Submitted;
    // Later than all there are.
    row.priority_time = Some(priority_time(ctx.read(), ctx, meant.claimed).await?);
    row.submission_seq = Some(i64::MAX);
    Ok((row, meant.possible))
}

/// A registration with whom its company means, as far as can be told before it has its turn.
async fn foreseen(ctx: &RequestContext, mut row: Model) -> Result<(Model, company::Meant)> {
    let engine = Mastering::of(ctx).engine(ctx.read()).await?;
    let meant = company::meant(ctx.read(), &engine, &row).await?;
    company::put(&mut row, &meant);
    Ok((row, meant))
}

/// Whether a registration claims no more than when it was handed in last; one that never was has nothing to keep.
async fn is_within_claim(txn: &DatabaseTransaction, row: &Model) -> Result<bool> {
    let customer = row.claimed_id.filter(|_| row.status == RegistrationStatus::Returned);
    let Some(customer) = customer else { return Ok(false) };
    conflicts::service::is_within_claim(txn, row.id, customer, &details::products(row)).await
}

/// Whether a partner may sell what a deal is about.
pub async fn may_sell(
    db: &impl ConnectionTrait,
    partner: &partner::Model,
    details: &RegistrationDetails,
    now: DateTime<Utc>,
) -> Result<bool> {
    let contracted = contracted(db, partner.id, now).await?;
    let is_covered = |product: &String| contracted.iter().any(|it| it.covers(product));
    Ok(partner.status == PartnerStatus::Active && details.products.iter().all(is_covered))
}

async fn check(txn: &DatabaseTransaction, ctx: &RequestContext, row: &Model) -> Result<()> {
    let partner = partners::service::find_in(txn, ctx, row.partner_id).await?.ok_or(NotFound("partner"))?;
    let contracted = contracted(txn, row.partner_id, ctx.now).await?;
    let registrant = Registrant { status: partner.status, contracted: &contracted };
    Ok(details::form(row).check(&registrant)?)
}

/// The product scopes of a partner's contracts in force.
async fn contracted(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    now: DateTime<Utc>,
) -> Result<Vec<ProductScope>> {
    let contracts = in_force_on(db, &[partner], date_in_tokyo(now)).await?;
    Ok(contracts.into_iter().map(|it| it.terms.products).collect())
}

/// Now, or as little later as is needed to come after the last claim on the same customer: replicas' clocks differ, and
/// whoever has a later turn must not be first.
async fn priority_time(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    claimed: Option<GoldenId>,
) -> Result<DateTime<Utc>> {
    let now = ctx.clock.now();
    let Some(claimed) = claimed else { return Ok(now) };
    let last = store::last_priority(db, claimed).await?;
    Ok(last.map_or(now, |it| now.max(it + TimeDelta::microseconds(1))))
}
