//! The turn of one run: its lease is renewed while the run lives, and given back when it ends.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use domain::sync::{SyncMode, SyncRunState};
use entity::sync::{sync_run, sync_tick};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::lease::{self, Claim, Holder};
use super::run::SyncFailure;
use crate::error::{Error, Result};
use crate::platform::clock::Clock;
use crate::platform::database::Database;

/// A time at which a schedule asked for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Which line of the schedule.
    pub schedule: String,
    /// When it was due.
    pub due_at: DateTime<Utc>,
    /// The run that heeded it and did not come to a good end.
    pub after: Option<Attempt>,
}

/// A run that heeded a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Which one.
    pub run: SyncRunId,
    /// The how manieth, counted from 1.
    pub number: i32,
}

/// A run that is to begin.
#[derive(Debug, Clone)]
pub(super) struct Beginning<'a> {
    pub(super) system: &'a SourceSystem,
    pub(super) mode: SyncMode,
    pub(super) claim: Claim,
    pub(super) tick: Option<&'a Tick>,
}

/// The turn of one run.
pub(super) struct Turn {
    pub(super) run: SyncRunId,
    system: SourceSystem,
    token: i64,
    database: Database,
    clock: Clock,
    keeper: JoinHandle<()>,
    is_lost: watch::Receiver<bool>,
}

impl Turn {
    /// Takes the turn and begins the run, in one transaction with the tick that asked for it: a tick is heeded once,
    /// among however many processes.
    pub(super) async fn begin(
        database: &Database,
        clock: &Clock,
        holder: &Holder,
        beginning: &Beginning<'_>,
    ) -> std::result::Result<Self, SyncFailure> {
        let (now, run) = (clock.now(), clock.new_id());
        let txn = database.begin_write().await.map_err(Error::from)?;
        let taken = lease::take(&txn, (beginning.system, run), holder, beginning.claim, now).await?;
        let token = taken.map_err(|it| SyncFailure::Held(Box::new(it)))?;
        if let Some(tick) = beginning.tick {
            heed(&txn, (beginning.system, run), tick).await?.then_some(()).ok_or(SyncFailure::AlreadyDone)?;
        }
        replace_unfinished(&txn, beginning.system, now).await?;
        row(run, beginning, now).into_active_model().insert(&txn).await.map_err(Error::from)?;
        txn.commit().await.map_err(Error::from)?;
        let (lost, is_lost) = watch::channel(false);
        let system = beginning.system.clone();
        let keeper = keep(database.clone(), clock.clone(), holder.clone(), (system.clone(), token), lost);
        let (database, clock) = (database.clone(), clock.clone());
        Ok(Self { run, system, token, database, clock, keeper: tokio::spawn(keeper), is_lost })
    }

    /// Resolves when somebody else has taken the turn.
    pub(super) async fn lost(&self) {
        let mut is_lost = self.is_lost.clone();
        if is_lost.wait_for(|it| *it).await.is_err() {
            std::future::pending().await
        }
    }

    /// Gives the turn to the next run.
    pub(super) async fn end(self) -> Result<()> {
        self.keeper.abort();
        lease::renew(self.database.read(), &self.system, self.token, self.clock.now()).await?;
        Ok(())
    }
}

impl Drop for Turn {
    /// A run that is dropped halfway has died: nobody renews its lease any more.
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// Renews the lease until it is lost. A store that is down for a moment loses nothing: the lease ends by its own time.
async fn keep(
    database: Database,
    clock: Clock,
    holder: Holder,
    (system, token): (SourceSystem, i64),
    lost: watch::Sender<bool>,
) {
    let pause = holder.ttl.to_std().unwrap_or(Duration::from_secs(60)) / 3;
    loop {
        tokio::time::sleep(pause).await;
        match lease::renew(database.read(), &system, token, clock.now() + holder.ttl).await {
            Ok(true) => {}
            Ok(false) => {
                let _ = lost.send(true);
                return;
            }
            Err(error) => tracing::warn!(%system, %error, "the turn of a run could not be renewed"),
        }
    }
}

/// Remembers that a tick is heeded; false when another process has done so, and for a tick that is tried again, when the
/// run that heeded it came to a good end after all.
async fn heed(
    db: &impl ConnectionTrait,
    (system, run): (&SourceSystem, SyncRunId),
    tick: &Tick,
) -> Result<bool> {
    use sync_tick::Column;
    let (unheeded, number) = match tick.after {
        None => (Column::DueAt.lt(tick.due_at), 1),
        Some(before) => {
            let found = sync_run::Entity::find_by_id(before.run).one(db).await?;
            if found.is_none_or(|it| it.state == SyncRunState::Succeeded) {
                return Ok(false);
            }
            (Column::DueAt.eq(tick.due_at).and(Column::RunId.eq(before.run)), before.number + 1)
        }
    };
    let heeded = sync_tick::Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(tick.due_at))
        .col_expr(Column::RunId, Expr::value(run))
        .col_expr(Column::Attempts, Expr::value(number))
        .filter(Column::System.eq(system.clone()))
        .filter(Column::Schedule.eq(tick.schedule.as_str()))
        .filter(unheeded)
        .exec(db)
        .await?;
    Ok(heeded.rows_affected == 1)
}

/// A run that has not ended was killed, or gives way to this one.
async fn replace_unfinished(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    now: DateTime<Utc>,
) -> Result<()> {
    use sync_run::Column;
    sync_run::Entity::update_many()
        .col_expr(Column::State, Expr::value(SyncRunState::Failed))
        .col_expr(Column::EndedAt, Expr::value(now))
        .col_expr(Column::Message, Expr::value("it did not end; a newer run goes on from its last page"))
        .filter(Column::System.eq(system.clone()))
        .filter(Column::State.eq(SyncRunState::Running))
        .exec(db)
        .await?;
    Ok(())
}

fn row(run: SyncRunId, beginning: &Beginning<'_>, now: DateTime<Utc>) -> sync_run::Model {
    sync_run::Model {
        id: run,
        system: beginning.system.clone(),
        mode: beginning.mode,
        state: SyncRunState::Running,
        started_at: now,
        heartbeat_at: now,
        ended_at: None,
        records_read: 0,
        records_changed: 0,
        records_unchanged: 0,
        records_failed: 0,
        message: None,
    }
}
