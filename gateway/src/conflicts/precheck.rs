//! "May I?" before a partner registers: the same rules about the claim it would make. It reserves nothing, and answers in one
//! shape whatever lies behind it.

use std::time::Duration;

use chrono::TimeDelta;
use domain::access::Permission;
use domain::conflicts::{CheckAnswer, ProbeLimit, TooManyChecks, check_answer, judge};
use domain::ids::PartnerId;
use entity::conflicts::claim_check;
use futures::try_join;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::facts::{self, Asking};
use super::freshness::{self, Asked};
use super::store;
use crate::error::Result;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::cache::Cache;
use crate::platform::context::RequestContext;
use crate::policies::Policies;
use crate::registrations::service::{self as registrations, RegistrationDetails};

/// How often it is said that somebody probes.
const SAY_EVERY: Duration = Duration::from_secs(3_600);

/// Checks a claim that a partner would make.
pub async fn check(
    ctx: &RequestContext,
    partner: Option<PartnerId>,
    details: &RegistrationDetails,
) -> Result<CheckAnswer> {
    ctx.caller.require(Permission::WriteRegistrations)?;
    details.check()?;
    let rules = ctx.shared::<Policies>().in_force(ctx.read()).await?;
    let partner = registrations::registrant(ctx.read(), ctx, partner).await?;
    admit(ctx, partner.id, ProbeLimit { per_hour: rules.conflict.checks_per_hour() }).await?;
    let nothing_asked = Asked::new();
    // Side by side, for somebody waits while filling in a form.
    let (may_sell, (subject, doubts), seen) = try_join!(
        registrations::may_sell(ctx.read(), &partner, details, ctx.now),
        registrations::imagined(ctx, partner.id, details),
        freshness::readings(ctx.read(), ctx, &nothing_asked),
    )?;
    if !may_sell {
        return Ok(CheckAnswer::Blocked);
    }
    let readings = freshness::ask_for_readings(ctx, &rules.conflict, subject.account_id, seen).await?;
    let asking = Asking { now: ctx.now, policy: &rules.conflict, readings, subject: &subject, doubts };
    let verdict = judge(&rules.conflict, facts::gather(ctx.read(), asking).await?);
    Ok(check_answer(&rules.conflict, &verdict))
}

/// Counts the check, and refuses one too many: checking name after name would read the customer list.
async fn admit(ctx: &RequestContext, partner: PartnerId, limit: ProbeLimit) -> Result<()> {
    let txn = ctx.begin().await?;
    registrations::wait_for_subject(&txn, &ctx.caller.subject).await?;
    let earlier = store::checks_since(&txn, &ctx.caller.subject, ctx.now - TimeDelta::hours(1)).await?;
    if let Err(refusal) = limit.admit(&earlier, ctx.now) {
        return refuse(txn, ctx, partner, refusal).await;
    }
    let row = claim_check::Model {
        id: ctx.clock.new_id(),
        subject: ctx.caller.subject.clone(),
        partner_id: partner,
        at: ctx.now,
    };
    store::note_claim_check(&txn, row).await?;
    Ok(txn.commit().await?)
}

/// Raises an alert, once in a while for each user.
async fn refuse(
    txn: DatabaseTransaction,
    ctx: &RequestContext,
    partner: PartnerId,
    refusal: TooManyChecks,
) -> Result<()> {
    let name = format!("probing/{}", ctx.caller.subject);
    let is_said = matches!(ctx.shared::<Cache>().try_lock(&name, SAY_EVERY).await, Ok(None));
    if !is_said {
        tracing::warn!(subject = %ctx.caller.subject, partner.id = %partner, "somebody probes the customer list");
        let detail = json!({ "perHour": refusal.per_hour, "againAt": refusal.again_at });
        let event = AuditEvent {
            action: "conflicts.probing",
            target_kind: "Partner",
            target_id: partner.into(),
            detail,
        };
        audit::record(&txn, ctx, event).await?;
        txn.commit().await?;
    }
    Err(refusal.into())
}
