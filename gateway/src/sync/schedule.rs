//! Runs by the clock: which line of a source's schedule is due, once among all processes.
//!
//! The tick that asks for a run is stored in the transaction that begins it. What was missed while nobody served is made
//! up for once, however many ticks it was.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::sources::SourceSystem;
use entity::sync::sync_tick;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::run::{self, Extent, SyncFailure, SyncJob, SyncScope, Unobserved};
use super::turn::Tick;
use crate::error::Result;
use crate::platform::config::sources::{ScheduledMode, ScheduledRun};
use crate::platform::database::Database;

/// Runs what is due of a source's schedule, one line after another. Who has the turn meanwhile keeps it: what is due stays
/// due.
pub async fn run_due(job: &SyncJob, lines: &[ScheduledRun]) -> std::result::Result<(), SyncFailure> {
    for (line, tick) in due(job, lines).await? {
        let scope = SyncScope { tick: Some(tick), ..scope(line) };
        match run::run(job, &scope, &Unobserved).await {
            Err(SyncFailure::Held(held)) => {
                tracing::debug!(%held, "what is due waits");
                return Ok(());
            }
            Err(SyncFailure::AlreadyDone) => {}
            outcome => drop(outcome?),
        }
    }
    Ok(())
}

fn scope(line: &ScheduledRun) -> SyncScope {
    let extent = match line.mode {
        ScheduledMode::Incremental => Extent::New,
        ScheduledMode::Full => Extent::Full,
        ScheduledMode::Reconcile => Extent::Reconcile,
        ScheduledMode::Computed => Extent::Computed,
    };
    SyncScope { kinds: line.kinds.clone(), extent, ..SyncScope::default() }
}

/// The lines that are due, the one that has waited longest first. A line that is new begins with its next time.
async fn due<'a>(job: &SyncJob, lines: &'a [ScheduledRun]) -> Result<Vec<(&'a ScheduledRun, Tick)>> {
    let (now, system) = (job.mastering.clock.now(), job.connector.system());
    let heeded = heeded(&job.database, system).await?;
    let mut due = Vec::new();
    for line in lines {
        let Some(last) = line.times.last_until(now) else { continue };
        match heeded.get(&line.name()) {
            None => note(&job.database, system, Tick { schedule: line.name(), due_at: now }).await?,
            Some(before) if *before < last => due.push((line, Tick { schedule: line.name(), due_at: last })),
            Some(_) => {}
        }
    }
    due.sort_by_key(|(_, tick)| tick.due_at);
    Ok(due)
}

/// The last tick of each line that was heeded.
async fn heeded(database: &Database, system: &SourceSystem) -> Result<HashMap<String, DateTime<Utc>>> {
    let rows = sync_tick::Entity::find().filter(sync_tick::Column::System.eq(system.clone()));
    let rows = rows.all(database.read()).await?;
    Ok(rows.into_iter().map(|it| (it.schedule, it.due_at)).collect())
}

async fn note(database: &Database, system: &SourceSystem, tick: Tick) -> Result<()> {
    use sync_tick::Column;
    let row = sync_tick::Model { system: system.clone(), schedule: tick.schedule, due_at: tick.due_at };
    let once = OnConflict::columns([Column::System, Column::Schedule]).do_nothing().to_owned();
    let insert = sync_tick::Entity::insert(row.into_active_model()).on_conflict(once);
    insert.exec_without_returning(database.read()).await?;
    Ok(())
}
