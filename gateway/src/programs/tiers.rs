//! Which tier a partner holds at an instant, and giving one by hand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::calendar::{FiscalYear, date_in_tokyo};
use domain::ids::{PartnerId, PartnerTierId, ProgramVersionId, TierEvaluationId};
use domain::programs::Tier;
use domain::review::Reason;
use entity::programs::partner_tier;
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};
use serde_json::json;

use super::service::{ProgramRefusal, in_force, record};
use super::store;
use crate::error::{NotFound, Result};
use crate::partners;
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// The tier of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTier {
    /// Its code, such as `GOLD`.
    pub code: String,
    /// 1 is the highest.
    pub rank: u32,
}

/// The tiers of partners at an instant, as they were then: a later evaluation changes no answer about the past. Who has none
/// is left out.
pub async fn held_at(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    at: DateTime<Utc>,
) -> Result<BTreeMap<PartnerId, HeldTier>> {
    let rows = store::tiers_at(db, partners, at).await?;
    Ok(rows.into_iter().map(|(partner, row)| (partner, row.into())).collect())
}

/// The tiers of some partners over time.
#[derive(Debug, Default)]
pub struct TierHistory(BTreeMap<PartnerId, Vec<(DateTime<Utc>, HeldTier)>>);

impl TierHistory {
    /// The history of these partners.
    pub async fn of(db: &impl ConnectionTrait, partners: &[PartnerId]) -> Result<Self> {
        let mut history = Self::default();
        for row in store::tiers_of(db, partners).await? {
            history.0.entry(row.partner_id).or_default().push((row.since, HeldTier::from(row)));
        }
        Ok(history)
    }

    /// The tier that a partner held at an instant.
    pub fn at(&self, partner: PartnerId, at: DateTime<Utc>) -> Option<&HeldTier> {
        self.0.get(&partner)?.iter().rfind(|(since, _)| *since <= at).map(|(_, tier)| tier)
    }
}

impl From<partner_tier::Model> for HeldTier {
    fn from(row: partner_tier::Model) -> Self {
        Self { code: row.tier, rank: u32::try_from(row.rank).unwrap_or(u32::MAX) }
    }
}

/// Gives a partner a tier by hand, such as one that it had before there was a gateway.
pub async fn assign(
    ctx: &RequestContext,
    key: Option<&str>,
    partner: PartnerId,
    code: &str,
    reason: Reason,
) -> Result<()> {
    ctx.caller.require(Permission::AssignTiers)?;
    let once = Once::new(key, "assignTier", &(partner, code, &reason))?;
    let txn = ctx.begin().await?;
    partners::service::find_in(&txn, ctx, partner).await?.ok_or(NotFound("partner"))?;
    partners::guards::require_own_set(&txn, ctx, partner).await?;
    if once.earlier::<PartnerTierId>(&txn, ctx).await?.is_some() {
        return Ok(());
    }
    let year = FiscalYear::of(date_in_tokyo(ctx.now));
    let (version, program) = in_force(&txn, year).await?.ok_or(ProgramRefusal::ProgramMissing(year))?;
    let tier = program.tier(code).ok_or_else(|| {
        let codes = program.tiers().iter().map(|it| it.code.as_str()).collect::<Vec<_>>();
        ProgramRefusal::TierUnknown(codes.join(", "))
    })?;
    let cause = Cause::Person(reason);
    let id = begin(&txn, ctx, partner, (version.id, tier), cause).await?;
    once.remember(&txn, ctx, id).await?;
    Ok(txn.commit().await?)
}

/// What made a tier begin.
pub(super) enum Cause {
    Evaluation(TierEvaluationId),
    Person(Reason),
}

/// From now on the partner holds this tier.
pub(super) async fn begin(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    partner: PartnerId,
    (version, tier): (ProgramVersionId, &Tier),
    cause: Cause,
) -> Result<PartnerTierId> {
    let (evaluation_id, reason) = match cause {
        Cause::Evaluation(id) => (Some(id), None),
        Cause::Person(reason) => (None, Some(reason.as_str().to_owned())),
    };
    let row = partner_tier::Model {
        id: ctx.clock.new_id(),
        partner_id: partner,
        tier: tier.code.clone(),
        rank: i32::try_from(tier.rank).unwrap_or(i32::MAX),
        program_version_id: version,
        since: ctx.now,
        evaluation_id,
        reason,
        decided_by: ctx.caller.subject.clone(),
    };
    row.clone().into_active_model().insert(txn).await?;
    let detail = json!({ "tier": row.tier, "rank": row.rank, "evaluation": row.evaluation_id });
    record(txn, ctx, "programs.tier", ("Partner", partner.into()), detail).await?;
    Ok(row.id)
}
