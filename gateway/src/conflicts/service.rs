//! Use cases of conflicts.

use std::collections::BTreeSet;

use domain::access::Permission;
use domain::conflicts::ConflictTrigger;
use domain::ids::{ConflictId, GoldenId, RegistrationId, VerdictId};
use domain::products::ProductScope;
use entity::conflicts::{channel_conflict, conflict_verdict};
use entity::registrations::deal_registration;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

pub use super::account_facts::{Installed, Reservation, end_installed, record_installed, reserve};
pub use super::checks::{Changed, look_again, note_changed, note_partners};
pub use super::decisions::{Ruling, Wanted, appeal, dismiss, resolve};
pub use super::erased::erase_person;
pub use super::freshness::Asked;
pub use super::precheck::check;
pub use super::raising::{is_decided_by_person, state};
pub use super::terms::tier;

use super::accounts::{self, Customers};
use super::{access, checks, raising, store, verdicts};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::policies::Policies;
use crate::registrations::service as registrations;

/// A verdict that was given, and what the same version says of the same facts today.
#[derive(Debug, Clone)]
pub struct Replay {
    /// As it was stored.
    pub stored: String,
    /// As it comes out now.
    pub replayed: String,
}

/// Whether a registration that was judged when it was handed in would claim no more than then: the customer that it meant or
/// may have meant, and no further products.
pub async fn is_within_claim(
    db: &impl ConnectionTrait,
    id: RegistrationId,
    customer: GoldenId,
    products: &ProductScope,
) -> Result<bool> {
    let Some(judged) = store::submitted_verdict(db, id).await? else { return Ok(false) };
    let verdict = verdicts::read(&judged)?;
    let claim = verdict.case.subject();
    let meant: BTreeSet<GoldenId> =
        claim.account.possible.iter().copied().chain([claim.account.golden]).collect();
    let customers = Customers::of(db, &meant.iter().copied().chain([customer]).collect()).await?;
    let is_meant = meant.iter().any(|it| customers.now(*it) == customers.now(customer));
    Ok(is_meant && claim.products.covers_all_of(products))
}

/// Asks the CRM about the customer of a registration, if what is known of it is too old. Not while a transaction is open.
pub async fn ask(ctx: &RequestContext, row: &deal_registration::Model) -> Result<Asked> {
    checks::ask(ctx, row).await
}

/// Judges a registration that is handed in, in the caller's transaction, which has its turn.
pub async fn judge(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    row: &deal_registration::Model,
    asked: &Asked,
) -> Result<()> {
    let judged = verdicts::judge_registration(txn, ctx, row, (ConflictTrigger::Submission, asked)).await?;
    raising::follow(txn, ctx, row, &judged).await
}

/// A claim has come, gone or changed: those that it stands against are judged again, and so is itself.
///
/// A claim that has just come is judged twice: what others wrote meanwhile and had not committed is seen the second time.
pub async fn note_claim(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    row: &deal_registration::Model,
) -> Result<()> {
    let occasion = (ConflictTrigger::ClaimEnded, ctx.now);
    let Some(customer) = row.claimed_id else { return Ok(()) };
    let mut meant = registrations::doubts_of(txn, &[row.id]).await?.remove(&row.id).unwrap_or_default();
    meant.insert(customer);
    checks::note_customers(txn, &ctx.clock, &meant, occasion).await?;
    checks::note(txn, &ctx.clock, [row.id].into(), occasion).await
}

/// What is known of a customer has changed: claims on it are judged again.
pub async fn note_account(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    account: GoldenId,
    occasion: ConflictTrigger,
) -> Result<()> {
    let occasion = (occasion, ctx.now);
    checks::note_customers(txn, &ctx.clock, &[account].into(), occasion).await
}

/// Other rules hold: the registrations of conflicts that are not settled are judged again.
pub async fn note_open_conflicts(txn: &DatabaseTransaction, ctx: &RequestContext) -> Result<()> {
    let open = store::registrations_in_open_conflicts(txn).await?;
    checks::note(txn, &ctx.clock, open, (ConflictTrigger::PolicyChanged, ctx.now)).await
}

/// Whose claims are judged together with those on some customers: theirs, and where families count, their families'.
pub async fn judged_together(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    mut customers: BTreeSet<GoldenId>,
) -> Result<BTreeSet<GoldenId>> {
    if !customers.is_empty() && ctx.shared::<Policies>().in_force(db).await?.conflict.has_family_scope() {
        let known = Customers::of(db, &customers).await?;
        let heads: Vec<GoldenId> = customers.iter().filter_map(|it| known.family(*it)).collect();
        customers.extend(heads);
    }
    Ok(customers)
}

/// Open opportunities of direct sales on an account, those left out that partners have registered.
pub async fn direct_on(db: &impl ConnectionTrait, account: GoldenId) -> Result<Vec<GoldenId>> {
    let near = accounts::around(db, &BTreeSet::from([account]), false).await?;
    let claims = crate::registrations::service::claims_on(db, &near).await?;
    let registered: BTreeSet<GoldenId> = claims.iter().filter_map(|it| it.opportunity_id).collect();
    let direct = store::direct_opportunities(db, &near).await?.into_iter().map(|it| it.id);
    Ok(direct.filter(|it| !registered.contains(it)).collect())
}

/// The conflict, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: ConflictId) -> Result<Option<channel_conflict::Model>> {
    ctx.caller.require(Permission::ReadConflicts)?;
    Ok(access::find(ctx.read(), &ctx.caller, id).await?)
}

/// A verdict; for staff.
pub async fn find_verdict(ctx: &RequestContext, id: VerdictId) -> Result<Option<conflict_verdict::Model>> {
    ctx.caller.require(Permission::ReadConflicts)?;
    let found = store::verdict(ctx.read(), id).await?;
    let Some(row) = found else { return Ok(None) };
    let seen = registrations::find(ctx, row.registration_id).await?;
    Ok(seen.map(|_| row))
}

/// Judges the facts of a verdict again, by the version that decided; for staff.
pub async fn replay(ctx: &RequestContext, id: VerdictId) -> Result<Option<Replay>> {
    if find_verdict(ctx, id).await?.is_none() {
        return Ok(None);
    }
    let replayed = verdicts::replay(ctx.read(), ctx, id).await?;
    Ok(Some(Replay { stored: replayed.stored, replayed: replayed.replayed }))
}
