//! Use cases of programs: drafting, activating, entering what nothing here measures.

use domain::access::Permission;
use domain::calendar::{FiscalYear, Quarter};
use domain::ids::{PartnerId, ProgramVersionId};
use domain::programs::{Metric, ProgramState, ProgramVersion};
use entity::programs::{program_version, tier_measurement};
use rust_decimal::Decimal;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use super::evaluation::take_turn_of;
use super::{measures, store};
use crate::error::{Error, NotFound, Refusal, Result};
use crate::partners;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::database::take_turn;
use crate::platform::idempotency::Once;

/// Why a change of a program or a tier is refused.
#[derive(Debug, Clone, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ProgramRefusal {
    /// It stands elsewhere.
    #[error("the version is {state}; only a draft can be activated. Draft another one")]
    ProgramNotDraft {
        /// Where it stands.
        state: ProgramState,
    },
    /// No such tier this year.
    #[error("the program in force has no such tier; use one of {0}")]
    TierUnknown(String),
    /// Nothing to give tiers by.
    #[error("no program is in force in {0}; activate one first")]
    ProgramMissing(FiscalYear),
    /// Too late to count.
    #[error("the partner has been evaluated for {quarter}; give it the tier it has earned with `assignTier`")]
    QuarterEvaluated {
        /// Which.
        quarter: Quarter,
    },
    /// Known better.
    #[error("the gateway measures `{0}` itself; it cannot be entered")]
    MetricMeasuredHere(Metric),
    /// A quarter that no year has.
    #[error("a fiscal year from 1900 to 9998 has the quarters 1 to 4")]
    QuarterUnknown,
}

impl Refusal for ProgramRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Versions of one year get their numbers one after another.
const TURN: &str = "programs.number";

/// Enters a version of the program as a draft.
pub async fn draft(
    ctx: &RequestContext,
    key: Option<&str>,
    document: &str,
) -> Result<program_version::Model> {
    ctx.caller.require(Permission::ManagePrograms)?;
    let program = ProgramVersion::parse(document)?;
    let once = Once::new(key, "draftProgram", &document)?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier(&txn, ctx).await? {
        return Ok(store::find_version(&txn, id).await?.ok_or(NotFound("program version"))?);
    }
    take_turn(&txn, TURN).await?;
    let fiscal_year = program.fiscal_year().0;
    let row = program_version::Model {
        id: ctx.clock.new_id(),
        fiscal_year,
        number: store::last_number(&txn, fiscal_year).await? + 1,
        name: program.name().to_owned(),
        document: document.to_owned(),
        state: ProgramState::Draft,
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
        activated_at: None,
        activated_by: None,
    };
    row.clone().into_active_model().insert(&txn).await?;
    note(&txn, ctx, "programs.draft", &row).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// Puts a version in force; the one that was in force in that year is retired.
pub async fn activate(ctx: &RequestContext, id: ProgramVersionId) -> Result<program_version::Model> {
    ctx.caller.require(Permission::ManagePrograms)?;
    let txn = ctx.begin().await?;
    take_turn(&txn, TURN).await?;
    let before = store::lock_version(&txn, id).await?.ok_or(NotFound("program version"))?;
    if before.state == ProgramState::Active {
        return Ok(before);
    }
    if before.state != ProgramState::Draft {
        return Err(ProgramRefusal::ProgramNotDraft { state: before.state }.into());
    }
    if let Some(old) = store::in_force(&txn, before.fiscal_year).await? {
        let retired = program_version::Model { state: ProgramState::Retired, ..old };
        retired.into_active_model().reset_all().update(&txn).await?;
    }
    let (at, by) = (Some(ctx.now), Some(ctx.caller.subject.clone()));
    let after =
        program_version::Model { state: ProgramState::Active, activated_at: at, activated_by: by, ..before };
    after.clone().into_active_model().reset_all().update(&txn).await?;
    note(&txn, ctx, "programs.activate", &after).await?;
    txn.commit().await?;
    Ok(after)
}

/// What a partner reached in a quarter by a metric that nothing here measures.
#[derive(Debug, Clone, Copy)]
pub struct Measurement {
    /// Who.
    pub partner: PartnerId,
    /// In which quarter.
    pub quarter: Quarter,
    /// By what.
    pub metric: Metric,
    /// How much; money in minor units, ratios as fractions of 1.
    pub value: Decimal,
}

/// Enters a measurement, or corrects one, until the partner has been evaluated for the quarter.
pub async fn record_measurement(ctx: &RequestContext, measurement: Measurement) -> Result<()> {
    ctx.caller.require(Permission::AssignTiers)?;
    let Measurement { partner, quarter, metric, value } = measurement;
    if measures::is_measured_here(metric) {
        return Err(ProgramRefusal::MetricMeasuredHere(metric).into());
    }
    let txn = ctx.begin().await?;
    partners::service::find_in(&txn, ctx, partner).await?.ok_or(NotFound("partner"))?;
    partners::guards::require_own_set(&txn, ctx, partner).await?;
    take_turn_of(&txn, partner).await?;
    if !store::evaluated(&txn, &[partner], quarter).await?.is_empty() {
        return Err(ProgramRefusal::QuarterEvaluated { quarter }.into());
    }
    let row = tier_measurement::Model {
        partner_id: partner,
        fiscal_year: quarter.year().0,
        quarter: store::number(quarter),
        metric: metric.to_string(),
        value: value.normalize().to_string(),
        entered_at: ctx.now,
        entered_by: ctx.caller.subject.clone(),
    };
    use tier_measurement::Column::*;
    let mut newer = OnConflict::columns([PartnerId, FiscalYear, Quarter, Metric]);
    newer.update_columns([Value, EnteredAt, EnteredBy]);
    let insert = tier_measurement::Entity::insert(row.into_active_model()).on_conflict(newer);
    insert.exec_without_returning(&txn).await?;
    let detail = json!({ "quarter": quarter.to_string(), "metric": metric, "value": value });
    record(&txn, ctx, "programs.record_measurement", ("Partner", partner.into()), detail).await?;
    Ok(txn.commit().await?)
}

/// A quarter as a client names it.
pub fn quarter(fiscal_year: i32, number: i32) -> Result<Quarter, ProgramRefusal> {
    if !(1900..=9998).contains(&fiscal_year) {
        return Err(ProgramRefusal::QuarterUnknown);
    }
    let quarters = FiscalYear(fiscal_year).quarters();
    let at = usize::try_from(number).ok().and_then(|it| it.checked_sub(1));
    at.and_then(|it| quarters.get(it)).copied().ok_or(ProgramRefusal::QuarterUnknown)
}

/// The program of a year with what it says.
pub(super) async fn in_force(
    db: &impl ConnectionTrait,
    year: FiscalYear,
) -> Result<Option<(program_version::Model, ProgramVersion)>> {
    let Some(row) = store::in_force(db, year.0).await? else { return Ok(None) };
    let program = parsed(&row)?;
    Ok(Some((row, program)))
}

/// What a stored version says.
pub(super) fn parsed(row: &program_version::Model) -> Result<ProgramVersion> {
    ProgramVersion::parse(&row.document).map_err(Error::internal)
}

async fn note(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    action: &'static str,
    row: &program_version::Model,
) -> Result<()> {
    let detail = json!({ "fiscalYear": row.fiscal_year, "number": row.number, "state": row.state });
    record(txn, ctx, action, ("ProgramVersion", row.id.into()), detail).await
}

pub(super) async fn record(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    action: &'static str,
    (target_kind, target_id): (&'static str, Uuid),
    detail: serde_json::Value,
) -> Result<()> {
    audit::record(txn, ctx, AuditEvent { action, target_kind, target_id, detail }).await
}
