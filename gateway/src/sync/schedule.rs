//! Runs by the clock: which line of a source's schedule is due, once among all processes.
//!
//! The tick that asks for a run is stored in the transaction that begins it. What was missed while nobody served is made
//! up for once, however many ticks it was; a run that failed, or whose process died, is made up for before its next tick.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::sources::SourceSystem;
use domain::sync::{SyncRunState, wait_after};
use entity::sync::sync_tick;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::access;
use super::run::{self, Extent, SyncFailure, SyncJob, SyncScope, Unobserved};
use super::service;
use super::turn::{Attempt, Tick};
use crate::error::Result;
use crate::platform::config::sources::{ScheduledMode, ScheduledRun};
use crate::platform::database::Database;

/// Runs what is due of a source's schedule, one line after another. Who has the turn meanwhile keeps it: what is due stays
/// due.
pub async fn run_due(job: &SyncJob, lines: &[ScheduledRun]) -> std::result::Result<(), SyncFailure> {
    if access::is_barred(job).await? {
        return Ok(());
    }
    let mut first_failure = None;
    for (line, tick) in due(job, lines).await? {
        let scope = SyncScope { tick: Some(tick), ..scope(line) };
        match run::run(job, &scope, &Unobserved).await {
            Err(SyncFailure::Held(held)) => {
                tracing::debug!(%held, "what is due waits");
                return Ok(());
            }
            Err(SyncFailure::AlreadyDone) | Ok(_) => {}
            Err(failure) if failure.leaves_other_objects() => drop(first_failure.get_or_insert(failure)),
            Err(failure) => return Err(failure),
        }
    }
    first_failure.map_or(Ok(()), Err)
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

/// The lines that are due, the one that has waited longest first. A line that is new begins with its next time; one whose
/// run failed or was killed is tried again before that, after a pause that grows.
async fn due<'a>(job: &SyncJob, lines: &'a [ScheduledRun]) -> Result<Vec<(&'a ScheduledRun, Tick)>> {
    let (now, system) = (job.mastering.clock.now(), job.connector.system());
    let heeded = heeded(&job.database, system).await?;
    let mut due = Vec::new();
    for line in lines {
        let Some(last) = line.times.last_until(now) else { continue };
        let schedule = line.name();
        match heeded.get(&schedule) {
            None => note(&job.database, system, Tick { schedule, due_at: now, after: None }).await?,
            Some(before) if before.due_at < last => {
                due.push((line, Tick { schedule, due_at: last, after: None }));
            }
            Some(before) => {
                let due_at = before.due_at;
                let again = again(&job.database, before, now).await?;
                due.extend(again.map(|it| (line, Tick { schedule, due_at, after: Some(it) })));
            }
        }
    }
    due.sort_by_key(|(_, tick)| tick.due_at);
    Ok(due)
}

/// The run of a tick that came to no good end, when it is time to try again. One that seems to be under way may have been
/// killed: its lease tells.
async fn again(database: &Database, tick: &sync_tick::Model, now: DateTime<Utc>) -> Result<Option<Attempt>> {
    let Some(run) = tick.run_id else { return Ok(None) };
    let Some(before) = service::find_run(database, run).await? else { return Ok(None) };
    let number = tick.attempts.unwrap_or(1);
    let wait = wait_after(number.unsigned_abs(), run.0.as_u128() as u64);
    let ended_at = before.ended_at.unwrap_or(before.heartbeat_at);
    let is_due = before.state != SyncRunState::Succeeded && ended_at + wait <= now;
    Ok(is_due.then_some(Attempt { run, number }))
}

/// The last tick of each line that was heeded.
async fn heeded(database: &Database, system: &SourceSystem) -> Result<HashMap<String, sync_tick::Model>> {
    let rows = sync_tick::Entity::find().filter(sync_tick::Column::System.eq(system.clone()));
    let rows = rows.all(database.read()).await?;
    Ok(rows.into_iter().map(|it| (it.schedule.clone(), it)).collect())
}

async fn note(database: &Database, system: &SourceSystem, tick: Tick) -> Result<()> {
    use sync_tick::Column;
    let Tick { schedule, due_at, .. } = tick;
    let row = sync_tick::Model { system: system.clone(), schedule, due_at, run_id: None, attempts: None };
    let once = OnConflict::columns([Column::System, Column::Schedule]).do_nothing().to_owned();
    let insert = sync_tick::Entity::insert(row.into_active_model()).on_conflict(once);
    insert.exec_without_returning(database.read()).await?;
    Ok(())
}
