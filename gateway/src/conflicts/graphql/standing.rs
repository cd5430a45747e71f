//! What is decided about one claim, as its partner may know it: nothing tells who the others are or what direct sales does.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use domain::calendar::Calendar;
use domain::conflicts::{ConflictStatus, Rule, partner_view};
use domain::registrations::{ClaimFinding, RejectCode};
use entity::conflicts::channel_conflict;
use entity::registrations::deal_registration;

use crate::conflicts::loader::{ConflictOfRegistration, VerdictById};
use crate::conflicts::service::{is_decided_by_person, state};
use crate::conflicts::{facts, verdicts};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::policies::Policies;

/// What is decided about the claim of a registration.
#[derive(SimpleObject)]
#[graphql(name = "ClaimStanding")]
pub struct ClaimStandingView {
    /// What was decided.
    finding: ClaimFinding,
    /// Why the claim does not go first.
    code: Option<RejectCode>,
    /// The rule that decided, where its name betrays nothing.
    rule: Option<Rule>,
    /// The name of the rule in the caller's language.
    rule_name: Option<&'static str>,
    /// Why, in the caller's language, in words that name nobody.
    reason: &'static str,
    /// Where the conflict stands that the claim is part of.
    conflict_status: Option<ConflictStatus>,
    /// Until when the partner may appeal, once; null when it may not.
    appeal_until: Option<DateTime<Utc>>,
}

/// What is decided about the claim of a registration that the caller was shown; `None` before it was judged.
pub async fn standing(
    ctx: &RequestContext,
    row: &deal_registration::Model,
) -> Result<Option<ClaimStandingView>> {
    let (Some(finding), Some(verdict)) = (row.finding, row.verdict_id) else { return Ok(None) };
    let conflict = ctx.batch::<ConflictOfRegistration>().get(ctx, row.id).await?;
    let is_by_person = conflict.as_ref().is_some_and(is_decided_by_person);
    let rule = match ctx.batch::<VerdictById>().get(ctx, verdict).await? {
        _ if is_by_person => Some(Rule::Manual),
        Some(found) => {
            partner_view(&verdicts::read(&found)?, row.partner_id, facts::key(row.id)).and_then(|it| it.rule)
        }
        None => None,
    };
    let language = ctx.caller.language;
    let appeal_until = match &conflict {
        Some(conflict) if finding == ClaimFinding::Lost => appeal_until(ctx, conflict).await?,
        _ => None,
    };
    Ok(Some(ClaimStandingView {
        finding,
        code: row.finding_code,
        rule,
        rule_name: rule.map(|it| it.label(language)),
        reason: row.finding_code.map_or_else(|| finding.label(language), |it| it.label(language)),
        conflict_status: conflict.as_ref().map(|it| it.status),
        appeal_until,
    }))
}

/// Until when a conflict may be appealed; `None` when it may not any more.
pub(super) async fn appeal_until(
    ctx: &RequestContext,
    conflict: &channel_conflict::Model,
) -> Result<Option<DateTime<Utc>>> {
    if conflict.appealed_at.is_some() {
        return Ok(None);
    }
    let rules = ctx.shared::<Policies>().in_force(ctx.read()).await?;
    let until = state(conflict).appeal_until(&ctx.shared::<Calendar>(), &rules.conflict);
    Ok(until.ok().filter(|it| ctx.now <= *it))
}
