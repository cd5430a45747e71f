//! Use cases of territories.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::access::Permission;
use domain::calendar::{Period, date_in_tokyo};
use domain::conflicts::ConflictTrigger;
use domain::ids::{PartnerId, TerritoryAssignmentId};
use domain::partners::PartnerStatus;
use domain::review::Reason;
use domain::territories::{Cell, TerritoryAssignment, coverage_map};
use entity::territories::territory_assignment::Model;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, IntoActiveModel};
use serde_json::json;

use super::store;
use crate::error::{NotFound, Refusal, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::database::{join_codes, take_turn};
use crate::platform::idempotency::Once;
use crate::{accounts, conflicts, partners};

/// Why a territory is refused.
#[derive(Debug, Clone, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum TerritoryRefusal {
    /// Nothing begins any more.
    #[error("the partner is {status}; only a partner that works with us can be given a territory")]
    TerritoryPartnerEnded {
        /// Where the partner stands.
        status: PartnerStatus,
    },
}

impl Refusal for TerritoryRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Only one transaction at a time compares a new exclusive territory with those that exist.
const TURN: &str = "territories.exclusive";

/// The territory, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: TerritoryAssignmentId) -> Result<Option<Model>> {
    Ok(store::find(ctx.read(), &ctx.caller, id).await?)
}

/// Gives a partner a territory. An exclusive one must not overlap another's.
pub async fn assign(ctx: &RequestContext, key: Option<&str>, wanted: TerritoryAssignment) -> Result<Model> {
    ctx.caller.require(Permission::AssignTerritories)?;
    let once = Once::new(key, "assignTerritory", &wanted)?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier(&txn, ctx).await? {
        return Ok(store::find(&txn, &ctx.caller, id).await?.ok_or(NotFound("territory"))?);
    }
    let row = assign_in(&txn, ctx, wanted).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// As [`assign`], in a transaction of the caller's.
pub async fn assign_in(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    wanted: TerritoryAssignment,
) -> Result<Model> {
    ctx.caller.require(Permission::AssignTerritories)?;
    let partner = partners::service::find_in(txn, ctx, wanted.partner).await?.ok_or(NotFound("partner"))?;
    partners::guards::require_own_set(txn, ctx, partner.id).await?;
    if matches!(partner.status, PartnerStatus::Terminated | PartnerStatus::Declined) {
        return Err(TerritoryRefusal::TerritoryPartnerEnded { status: partner.status }.into());
    }
    let wanted = with_present_accounts(txn, wanted).await?;
    take_turn(txn, TURN).await?;
    let rivals = store::exclusive_during(txn, wanted.valid_from, wanted.valid_until).await?;
    wanted.check(&store::for_rules(txn, rivals).await?)?;
    let row = row(ctx, &wanted);
    store::insert(txn, &row, &wanted.named_accounts).await?;
    note(txn, ctx, "territories.assign", &row).await?;
    Ok(row)
}

/// Ends a territory on the first date on which it does not hold any more.
pub async fn end(
    ctx: &RequestContext,
    key: Option<&str>,
    (id, version): (TerritoryAssignmentId, i32),
    until: NaiveDate,
    reason: Option<Reason>,
) -> Result<Model> {
    ctx.caller.require(Permission::AssignTerritories)?;
    let once = Once::new(key, "endTerritory", &(id, version, until, &reason))?;
    let txn = ctx.begin().await?;
    let before = store::lock(&txn, &ctx.caller, id).await?.ok_or(NotFound("territory"))?;
    if once.earlier::<TerritoryAssignmentId>(&txn, ctx).await?.is_some() {
        return Ok(before);
    }
    partners::guards::check_version(before.version, version)?;
    let after = end_in(&txn, ctx, before, until, reason).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(after)
}

/// As [`end`], in a transaction of the caller's, which has read the territory there.
pub async fn end_in(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    before: Model,
    until: NaiveDate,
    reason: Option<Reason>,
) -> Result<Model> {
    ctx.caller.require(Permission::AssignTerritories)?;
    partners::guards::require_own_set(txn, ctx, before.partner_id).await?;
    store::for_rule(&before, BTreeSet::new())?.check_end(until, date_in_tokyo(ctx.now))?;
    let after = Model {
        version: before.version + 1,
        valid_until: Some(until),
        ended_at: Some(ctx.now),
        ended_by: Some(ctx.caller.subject.clone()),
        end_reason: reason.map(|it| it.as_str().to_owned()),
        ..before
    };
    after.clone().into_active_model().reset_all().update(txn).await?;
    note(txn, ctx, "territories.end", &after).await?;
    Ok(after)
}

/// The territories of a partner, or of all, that the caller sees, also as rules see them; oldest first.
pub async fn all(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    partner: Option<PartnerId>,
) -> Result<Vec<(Model, TerritoryAssignment)>> {
    ctx.caller.require(Permission::ReadTerritories)?;
    let rows = store::all(db, &ctx.caller, partner).await?;
    let for_rules = store::for_rules(db, rows.clone()).await?;
    Ok(rows.into_iter().zip(for_rules).collect())
}

/// What rules ask about deals of these partners on a date: their territories, and every exclusive one of anybody. Accounts
/// are named by what they are called now.
pub async fn relevant_on(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    date: NaiveDate,
) -> Result<Vec<TerritoryAssignment>> {
    relevant_during(db, partners, Period::inclusive(date, date)).await
}

/// The same about deals on several dates.
pub async fn relevant_during(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    period: Period,
) -> Result<Vec<TerritoryAssignment>> {
    let rows = store::relevant_during(db, partners, period).await?;
    store::for_rules(db, rows).await
}

/// The active partners that cover each prefecture and industry for a product on a date.
pub async fn coverage(
    ctx: &RequestContext,
    product: &str,
    date: NaiveDate,
) -> Result<BTreeMap<Cell, BTreeSet<PartnerId>>> {
    ctx.caller.require(Permission::ReadTerritoryCoverage)?;
    let active = partners::service::active(ctx.read()).await?;
    let mut holding = holding_on(ctx.read(), date).await?;
    holding.retain(|it| active.contains(&it.partner));
    Ok(coverage_map(&holding, product, date))
}

/// Every territory that holds on a date.
pub async fn holding_on(db: &impl ConnectionTrait, date: NaiveDate) -> Result<Vec<TerritoryAssignment>> {
    store::for_rules(db, store::all_on(db, date).await?).await
}

/// Names the accounts by what they are called now, and refuses those that there are not.
async fn with_present_accounts(
    txn: &impl ConnectionTrait,
    wanted: TerritoryAssignment,
) -> Result<TerritoryAssignment> {
    let present = accounts::service::survivors(txn, &wanted.named_accounts).await?;
    match present.len() == wanted.named_accounts.len() {
        true => Ok(TerritoryAssignment { named_accounts: present.into_values().collect(), ..wanted }),
        false => Err(NotFound("account").into()),
    }
}

fn row(ctx: &RequestContext, wanted: &TerritoryAssignment) -> Model {
    Model {
        id: ctx.clock.new_id(),
        version: 1,
        partner_id: wanted.partner,
        prefectures: join_codes(&wanted.prefectures),
        industries: join_codes(&wanted.industries),
        products: wanted.products.to_string(),
        is_exclusive: wanted.is_exclusive,
        valid_from: wanted.valid_from,
        valid_until: wanted.valid_until,
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
        ended_at: None,
        ended_by: None,
        end_reason: None,
    }
}

async fn note(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    action: &'static str,
    row: &Model,
) -> Result<()> {
    let detail = json!({
        "partner": row.partner_id, "exclusive": row.is_exclusive, "from": row.valid_from, "until": row.valid_until,
    });
    let target_id = row.id.into();
    audit::record(txn, ctx, AuditEvent { action, target_kind: "TerritoryAssignment", target_id, detail })
        .await?;
    // An exclusive one takes something away from everybody.
    let partners = (!row.is_exclusive).then_some([row.partner_id]);
    let occasion = (ConflictTrigger::TerritoryChanged, ctx.now);
    conflicts::service::note_partners(txn, &ctx.clock, partners.as_ref().map(<[_; 1]>::as_slice), occasion)
        .await
}
