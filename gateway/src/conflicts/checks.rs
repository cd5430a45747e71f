//! Looking again: what may change a verdict notes the registrations concerned, in its own transaction, and a job judges them
//! again. What is noted is not lost, whoever dies.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::conflicts::ConflictTrigger;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, RegistrationId};
use domain::registrations::{ClaimFinding, RegistrationStatus};
use entity::conflicts::conflict_check;
use entity::registrations::deal_registration::{Column, Model};
use mastering::matching::blocking::BlockingKey;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::decisions;
use super::freshness::{self, Asked};
use super::{accounts, raising, store, verdicts};
use crate::error::{Error, Result};
use crate::golden::service as golden;
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::policies::Policies;
use crate::registrations::service as registrations;

/// Name of the job.
pub const JOB: &str = "conflicts.checks";

/// Registrations judged before the list is read again.
const BATCH: u64 = 100;

/// Golden records that a transaction has changed.
pub struct Changed<'a> {
    /// What they describe.
    pub kind: RecordKind,
    /// Which: those that are settled anew, and those that records left.
    pub goldens: BTreeSet<GoldenId>,
    /// Keys under which accounts came, went or changed.
    pub keys: &'a BTreeSet<BlockingKey>,
    /// Whether records went from one golden record to another.
    pub has_moved: bool,
}

/// Notes the registrations that changed golden records may concern, in the transaction that changes them.
pub async fn note_changed(
    db: &impl ConnectionTrait,
    clock: &Clock,
    changed: &Changed<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let is_concerned =
        matches!(changed.kind, RecordKind::Account | RecordKind::Opportunity | RecordKind::Lead);
    if !is_concerned || !registrations::any_claim(db).await? {
        return Ok(());
    }
    let goldens: Vec<GoldenId> = changed.goldens.iter().copied().collect();
    let (found, occasion) = match changed.kind {
        RecordKind::Account => {
            let mut found = registrations::claims_under(db, changed.keys).await?;
            found.extend(registrations::claims_naming(db, Column::ClaimedId, &goldens).await?);
            let moved = if changed.has_moved {
                ConflictTrigger::AccountMerged
            } else {
                ConflictTrigger::SourceCaughtUp
            };
            (found, moved)
        }
        RecordKind::Lead => {
            let on = store::accounts_of_leads(db, &goldens).await?;
            let mut found = claims_near(db, &on).await?;
            found.extend(store::opponents_of(db, &goldens).await?);
            (found, ConflictTrigger::LeadAccepted)
        }
        _ => {
            let on = store::accounts_of_opportunities(db, &goldens).await?;
            let mut found = claims_near(db, &on).await?;
            found.extend(registrations::claims_naming(db, Column::OpportunityId, &goldens).await?);
            found.extend(store::opponents_of(db, &goldens).await?);
            (found, ConflictTrigger::DirectOpportunity)
        }
    };
    note(db, clock, found, (occasion, now)).await
}

/// Open claims on these customers and their families, and those that may mean one of them.
async fn claims_near(
    db: &impl ConnectionTrait,
    customers: &BTreeSet<GoldenId>,
) -> Result<BTreeSet<RegistrationId>> {
    let near = accounts::around(db, customers, true).await?;
    let named: Vec<GoldenId> = near.iter().copied().collect();
    let mut found = registrations::claims_naming(db, Column::ClaimedId, &named).await?;
    found.extend(registrations::claims_doubting(db, &near).await?.into_iter().map(|it| it.id));
    Ok(found)
}

/// Notes all open claims of some partners, or all that there are: what was agreed has changed.
pub async fn note_partners(
    db: &impl ConnectionTrait,
    clock: &Clock,
    partners: Option<&[domain::ids::PartnerId]>,
    occasion: (ConflictTrigger, DateTime<Utc>),
) -> Result<()> {
    let found = registrations::open_claims(db, partners).await?;
    note(db, clock, found, occasion).await
}

/// Notes the open claims on some customers: what is known of those, or who wants them, has changed.
pub async fn note_customers(
    db: &impl ConnectionTrait,
    clock: &Clock,
    customers: &BTreeSet<GoldenId>,
    occasion: (ConflictTrigger, DateTime<Utc>),
) -> Result<()> {
    note(db, clock, claims_near(db, customers).await?, occasion).await
}

/// Notes registrations, in the order of their ids: two transactions that note the same ones do not wait in a circle.
pub async fn note(
    db: &impl ConnectionTrait,
    clock: &Clock,
    registrations: BTreeSet<RegistrationId>,
    occasion: (ConflictTrigger, DateTime<Utc>),
) -> Result<()> {
    let checks = registrations.into_iter().map(|it| store::check(it, clock.new_id::<Uuid>(), occasion));
    let checks: Vec<conflict_check::Model> = checks.collect();
    match checks.is_empty() {
        true => Ok(()),
        false => Ok(store::note_checks(db, checks).await?),
    }
}

/// Judges again what was noted, then what waits for the CRM, and closes what nobody can appeal any more.
pub async fn do_due(ctx: &RequestContext) -> Result<()> {
    loop {
        let notes = store::checks(ctx.read(), BATCH).await?;
        let mut heeded = 0;
        for note in &notes {
            heeded += u64::from(heed(ctx, note).await.unwrap_or_else(|error| {
                // It stays noted, and the others do not wait for it.
                tracing::error!(registration = %note.registration_id, %error, "a claim cannot be judged");
                false
            }));
        }
        // Whoever is judged may note others. What cannot be judged now is not tried again and again.
        if heeded == 0 {
            break;
        }
    }
    for row in registrations::claims_found(ctx.read(), ClaimFinding::Provisional, BATCH).await? {
        let asked = ask(ctx, &row).await?;
        if is_fresh(ctx, &asked).await?
            && let Err(error) = judge_again(ctx, &row, (ConflictTrigger::SourceCaughtUp, &asked), None).await
        {
            tracing::error!(registration = %row.id, %error, "a provisional verdict cannot be renewed");
        }
    }
    decisions::close_settled(ctx).await?;
    Ok(store::forget_claim_checks(ctx.read(), ctx.now - chrono::TimeDelta::hours(2)).await?)
}

/// Heeds a note; false when somebody else did, or cannot be helped now.
async fn heed(ctx: &RequestContext, note: &conflict_check::Model) -> Result<bool> {
    let row = registrations::by_ids(ctx.read(), &[note.registration_id]).await?.pop();
    match row.filter(|it| it.status != RegistrationStatus::Draft && it.claimed_id.is_some()) {
        None => Ok(store::heed(ctx.read(), note.note_id).await?),
        Some(row) => {
            let asked = ask(ctx, &row).await?;
            match judge_again(ctx, &row, (note.occasion, &asked), Some(note.note_id)).await {
                // Somebody changed it meanwhile, and noted it, or the next turn sees it.
                Err(Error::Refused { code: "CONCURRENT_CHANGE", .. }) => Ok(false),
                judged => judged,
            }
        }
    }
}

/// Judges a registration again that is about to be decided, by what the systems say now.
pub async fn look_again(ctx: &RequestContext, row: &Model) -> Result<()> {
    let asked = ask(ctx, row).await?;
    judge_again(ctx, row, (ConflictTrigger::SourceCaughtUp, &asked), None).await.map(drop)
}

/// Judges a registration again, in a transaction of its own, when nobody changes golden records: whoever did so without
/// seeing the registration has committed.
async fn judge_again(
    ctx: &RequestContext,
    seen: &Model,
    (occasion, asked): (ConflictTrigger, &Asked),
    note: Option<Uuid>,
) -> Result<bool> {
    let txn = ctx.begin().await?;
    golden::wait_for_turn(&txn).await?;
    let row = registrations::in_turn(&txn, ctx, seen).await?;
    if let Some(note) = note
        && !store::heed(&txn, note).await?
    {
        return Ok(false);
    }
    let judged = verdicts::judge_registration(&txn, ctx, &row, (occasion, asked)).await?;
    raising::follow(&txn, ctx, &row, &judged).await?;
    txn.commit().await?;
    registrations::announce(ctx).await;
    Ok(true)
}

/// Asks the systems about the customer of a registration, if their mirror is too old.
pub(super) async fn ask(ctx: &RequestContext, row: &Model) -> Result<Asked> {
    let rules = ctx.shared::<Policies>().in_force(ctx.read()).await?;
    freshness::ask(ctx, &rules.conflict, row.account_id).await
}

async fn is_fresh(ctx: &RequestContext, asked: &Asked) -> Result<bool> {
    let rules = ctx.shared::<Policies>().in_force(ctx.read()).await?;
    let readings = freshness::readings(ctx.read(), ctx, asked).await?;
    Ok(readings.iter().all(|it| it.is_fresh(ctx.now, rules.conflict.freshness())))
}
