//! The evaluation of a fiscal quarter: once for each active partner, by the program of the quarter's year, some business days
//! after the quarter's end.
//!
//! A partner that becomes active later is evaluated then for the quarter that was due last: so it comes to a tier.

use domain::calendar::{Calendar, Quarter, date_in_tokyo};
use domain::ids::PartnerId;
use domain::programs::{Evaluation, ProgramVersion, Standing, TierChange, evaluate, quarter_due};
use entity::programs::{program_version, tier_evaluation};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, IntoActiveModel};
use serde::Serialize;

use super::service::in_force;
use super::tiers::{self, Cause};
use super::{measures, store};
use crate::error::{Error, Result};
use crate::partners;
use crate::platform::context::RequestContext;
use crate::platform::database::take_turn;
use crate::policies::lifecycle;

/// Name of the job that does it.
pub const JOB: &str = "programs.evaluate";

/// Evaluates the active partners that have not been evaluated for the quarter that was due last.
pub async fn evaluate_due(ctx: &RequestContext) -> Result<()> {
    let wait = lifecycle(ctx.read(), ctx).await?.partners.evaluation_business_days;
    let quarter = quarter_due(date_in_tokyo(ctx.now), &ctx.shared::<Calendar>(), wait)?;
    let Some((version, program)) = in_force(ctx.read(), quarter.year()).await? else { return Ok(()) };
    let mut due: Vec<PartnerId> = partners::service::active(ctx.read()).await?.into_iter().collect();
    let done = store::evaluated(ctx.read(), &due, quarter).await?;
    due.retain(|it| !done.contains(it));
    let mut outcome = Ok(());
    for partner in due {
        let work = Work { ctx, quarter, version: &version, program: &program };
        let done = work.evaluate(partner).await;
        if let Err(error) = &done {
            tracing::warn!(partner = %partner, code = error.code(), "a tier is left for the next turn");
        }
        outcome = outcome.and(done);
    }
    outcome
}

/// Whoever evaluates a partner, or enters what it is evaluated by, waits for the others.
pub(super) async fn take_turn_of(txn: &DatabaseTransaction, partner: PartnerId) -> Result<()> {
    Ok(take_turn(txn, &format!("{JOB}/{partner}")).await?)
}

struct Work<'a> {
    ctx: &'a RequestContext,
    quarter: Quarter,
    version: &'a program_version::Model,
    program: &'a ProgramVersion,
}

impl Work<'_> {
    /// One transaction; nothing happens when another replica was faster.
    async fn evaluate(&self, partner: PartnerId) -> Result<()> {
        let txn = self.ctx.begin().await?;
        take_turn_of(&txn, partner).await?;
        if store::evaluated(&txn, &[partner], self.quarter).await?.is_empty() {
            let standing = self.standing(&txn, partner).await?;
            let measured = measures::of_quarter(&txn, partner, self.quarter).await?;
            let grace = lifecycle(&txn, self.ctx).await?.partners.grace_quarters;
            self.save(&txn, partner, evaluate(self.program, &measured, &standing, grace), &standing).await?;
        }
        Ok(txn.commit().await?)
    }

    /// Where the partner stands; a tier that a person gave since, be it the same, has no quarters below its criteria.
    async fn standing(&self, txn: &DatabaseTransaction, partner: PartnerId) -> Result<Standing> {
        let held = store::tiers_at(txn, &[partner], self.ctx.now).await?.remove(&partner);
        let last = store::last_evaluation(txn, partner).await?;
        let below = match (&held, &last) {
            (Some(held), Some(last)) if held.since <= last.evaluated_at => last.quarters_below,
            _ => 0,
        };
        let quarters_below = u32::try_from(below).unwrap_or_default();
        Ok(Standing { tier: held.map(|it| it.tier), quarters_below })
    }

    async fn save(
        &self,
        txn: &DatabaseTransaction,
        partner: PartnerId,
        evaluation: Evaluation,
        before: &Standing,
    ) -> Result<()> {
        let row = tier_evaluation::Model {
            id: self.ctx.clock.new_id(),
            partner_id: partner,
            program_version_id: self.version.id,
            fiscal_year: self.quarter.year().0,
            quarter: store::number(self.quarter),
            evaluated_at: self.ctx.now,
            earned: evaluation.earned,
            tier: evaluation.tier.clone(),
            change: evaluation.change,
            quarters_below: i32::try_from(evaluation.quarters_below).unwrap_or(i32::MAX),
            evidence: written(&evaluation.evidence)?,
            missing_for_next: written(&evaluation.missing_for_next)?,
        };
        row.clone().into_active_model().insert(txn).await?;
        let is_new = before.tier.as_ref() != Some(&evaluation.tier);
        if is_new || matches!(evaluation.change, TierChange::Promoted | TierChange::Demoted) {
            let tier =
                self.program.tier(&evaluation.tier).expect("an evaluation gives a tier of the program");
            let cause = Cause::Evaluation(row.id);
            tiers::begin(txn, self.ctx, partner, (self.version.id, tier), cause).await?;
        }
        Ok(())
    }
}

fn written(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
