//! Figures as they were known: those of complete weeks and months are recorded when they are over, and again when what came late
//! has changed them.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use domain::calendar::{Period, date_in_tokyo, start_of_day};
use domain::kpis::catalogue::{Kpi, Population};
use domain::kpis::receipt::Receipt;
use domain::kpis::window::Window;
use entity::kpis::kpi_snapshot::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::service::{Question, answer};
use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::platform::database::take_turn;

/// Name of the job.
pub const JOB: &str = "kpis.snapshots";

/// Weeks and months that are looked at again every day: later, what comes late is not recorded by itself any more.
const WEEKS: u64 = 4;
const MONTHS: u32 = 3;

/// A figure that is recorded: which, and of which dates.
type Subject = (Kpi, NaiveDate, NaiveDate);

/// Records what has not been looked at today. What fails is left for the next turn, and keeps nothing else waiting.
pub async fn record_due(ctx: &RequestContext) -> Result<()> {
    let today = start_of_day(date_in_tokyo(ctx.now));
    let checked = checked_since(ctx.read(), today).await?;
    let mut outcome = Ok(());
    for subject in watched(ctx.now).into_iter().filter(|it| !checked.contains(it)) {
        let recorded = record(ctx, subject, today).await;
        if let Err(error) = &recorded {
            tracing::warn!(kpi = %subject.0, code = error.code(), "a figure is recorded at the next turn");
        }
        outcome = outcome.and(recorded);
    }
    outcome
}

/// The figure of a period as it was known at an instant.
pub(super) async fn known_at(
    db: &impl ConnectionTrait,
    kpi: Kpi,
    period: Window,
    at: DateTime<Utc>,
) -> Result<Option<Receipt>> {
    let subject = (kpi, date_in_tokyo(period.from()), date_in_tokyo(period.until()));
    let Some(row) = last(db, subject, at).await? else { return Ok(None) };
    let measured = serde_json::from_str(&row.measured).map_err(Error::internal)?;
    let formula_version = u32::try_from(row.formula_version).map_err(Error::internal)?;
    let receipt = Receipt::of(measured, period, row.recorded_at, row.recorded_at);
    Ok(Some(Receipt { formula_version, ..receipt }))
}

async fn record(ctx: &RequestContext, subject: Subject, today: DateTime<Utc>) -> Result<()> {
    let (kpi, begins, ends) = subject;
    let period = Window::try_from(Period { from: begins, until: ends }).map_err(Error::internal)?;
    let receipt = answer(ctx, Question { kpi, period, group_by: None }).await?.receipt;
    let measured = serde_json::to_string(&receipt.measured).map_err(Error::internal)?;
    let txn = ctx.begin().await?;
    take_turn(&txn, &format!("{JOB}/{kpi}/{begins}/{ends}")).await?;
    match last(&txn, subject, ctx.now).await? {
        // Another replica was faster.
        Some(known) if known.checked_at >= today => {}
        Some(known) if known.measured == measured || !is_restated(kpi) => {
            Model { checked_at: ctx.now, ..known }.into_active_model().reset_all().update(&txn).await?;
        }
        _ => {
            let formula_version = i32::try_from(receipt.formula_version).map_err(Error::internal)?;
            let (recorded_at, checked_at) = (ctx.now, ctx.now);
            let row = Model { kpi, begins, ends, recorded_at, checked_at, formula_version, measured };
            row.into_active_model().insert(&txn).await?;
        }
    }
    Ok(txn.commit().await?)
}

/// Figures of the data are as they are when somebody looks: what they are later says nothing of the period.
fn is_restated(kpi: Kpi) -> bool {
    kpi.definition().population != Population::EveryRecord
}

/// Every figure of every period that is still watched.
fn watched(now: DateTime<Utc>) -> Vec<Subject> {
    let of = |it: Period| Kpi::ALL.iter().map(move |kpi| (*kpi, it.from, it.until));
    periods(now).into_iter().flat_map(of).collect()
}

/// The complete weeks and months that are still watched.
fn periods(now: DateTime<Utc>) -> Vec<Period> {
    let weeks = Window::last_complete_weeks(now, WEEKS).into_iter();
    let weeks = weeks.map(|it| Period { from: date_in_tokyo(it.from()), until: date_in_tokyo(it.until()) });
    let month = date_in_tokyo(now).with_day(1).expect("every month has a first day");
    let months = (1..=MONTHS)
        .map(|back| Period { from: month - Months::new(back), until: month - Months::new(back - 1) });
    weeks.chain(months).collect()
}

async fn checked_since(db: &impl ConnectionTrait, since: DateTime<Utc>) -> Result<BTreeSet<Subject>, DbErr> {
    let checked = Entity::find().select_only().columns([Column::Kpi, Column::Begins, Column::Ends]);
    let checked = checked.filter(Column::CheckedAt.gte(since)).into_tuple().all(db).await?;
    Ok(checked.into_iter().collect())
}

async fn last(
    db: &impl ConnectionTrait,
    (kpi, begins, ends): Subject,
    at: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let of = Entity::find().filter(Column::Kpi.eq(kpi)).filter(Column::Begins.eq(begins));
    let of = of.filter(Column::Ends.eq(ends)).filter(Column::RecordedAt.lte(at));
    of.order_by_desc(Column::RecordedAt).one(db).await
}
