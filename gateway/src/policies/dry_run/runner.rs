//! Doing dry runs: one process takes one, reads the store as it was at one instant, and writes down what it found.
//!
//! Whoever works says so all the time. When that stops, another replica, or the same one after its next start, begins the
//! run again; the first one, should it still live, finds out with its next sign of life and stops.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::PolicyDryRunId;
use domain::policies::DryRunState;
use entity::policies::{dry_run, dry_run_example};
use uuid::Uuid;

use super::lease::{LEASE, Lease, RENEW_EVERY, TakenOver};
use super::store;
use crate::error::{Error, NotFound, Refusal as _, Result};
use crate::golden::service::{self as golden, Engine, Mastering};
use crate::platform::database::Database;
use crate::policies::effect::{self, Example, Findings, Progress};
use crate::policies::service::known;

/// What dry runs are done with.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The store.
    pub database: Database,
    /// Makes engines.
    pub mastering: Mastering,
    /// How often whoever works says so.
    pub renew_every: Duration,
}

/// A run that this process works on.
struct Held<'a> {
    runner: &'a Runner,
    id: PolicyDryRunId,
    holder: Uuid,
    total: i64,
}

impl Runner {
    /// Does the dry runs of a store.
    pub fn new(database: Database, mastering: Mastering) -> Self {
        Self { database, mastering, renew_every: RENEW_EVERY }
    }

    /// Does all runs that wait, one after another.
    pub async fn run_all(&self) -> Result<()> {
        loop {
            let now = self.mastering.clock.now();
            store::give_up(self.database.read(), now).await?;
            match store::next(self.database.read(), now).await? {
                Some(id) => drop(self.run(id, &|_, _| ()).await?),
                None => return Ok(()),
            }
        }
    }

    /// Does one run, unless somebody else does. `watch` is told how far it is, of how much.
    pub async fn run(&self, id: PolicyDryRunId, watch: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<bool> {
        let now = self.mastering.clock.now();
        let holder: Uuid = self.mastering.clock.new_id();
        if !store::take(self.database.read(), id, holder, (now, now + LEASE)).await? {
            return Ok(false);
        }
        let mut held = Held { runner: self, id, holder, total: 0 };
        let (database, clock) = (self.database.clone(), self.mastering.clock.clone());
        let lease = Lease { database, clock, id, holder, every: self.renew_every };
        let found = lease.hold_for(held.look(watch)).await;
        match held.end(found).await {
            Err(Error::Refused { code, .. }) if code == TakenOver.code() => Ok(false),
            ended => ended.map(|()| true),
        }
    }
}

/// What a run found, and what it was compared with.
struct Found {
    findings: Findings,
    examples: Vec<Example>,
    against: Option<domain::ids::PolicyVersionId>,
}

impl Held<'_> {
    async fn look(&mut self, watch: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<Found> {
        let snapshot = self.runner.database.begin_snapshot().await?;
        let run = store::find(&snapshot, self.id).await?.ok_or(NotFound("dry run"))?;
        let version = known(&snapshot, run.policy_version_id).await?;
        let before = self.runner.mastering.engine(&snapshot).await?;
        let after = Engine { policies: Arc::new(before.policies.with(&version)?), ..before.clone() };
        self.total = i64::try_from(golden::count(&snapshot).await?).map_err(Error::internal)?;
        let mut watched = Watched { held: self, watch };
        let (findings, examples) =
            effect::foresee(&snapshot, [&before, &after], version.kind, &mut watched).await?;
        snapshot.rollback().await?;
        Ok(Found { findings, examples, against: before.policies.version(version.kind) })
    }

    async fn end(&self, found: Result<Found>) -> Result<()> {
        let txn = self.runner.database.begin_write().await?;
        let run = store::find(&txn, self.id).await?.ok_or(NotFound("dry run"))?;
        let ended_at = Some(self.runner.mastering.clock.now());
        let (ended, examples) = match found {
            Ok(found) => {
                let summary = serde_json::to_string(&found.findings).map_err(Error::internal)?;
                let ended = dry_run::Model {
                    state: DryRunState::Succeeded,
                    ended_at,
                    against_id: found.against,
                    records_done: self.total,
                    records_total: self.total,
                    summary: Some(summary),
                    ..run
                };
                (ended, self.rows(found.examples))
            }
            // Trying again may help: the lease runs out, and the next one begins again.
            Err(error @ (Error::Refused { .. } | Error::Unavailable(..))) => return Err(error),
            Err(error) => {
                let cause = error.cause().map(|it| format!("{it:#}"));
                tracing::error!(dry_run.id = %self.id, cause, "a dry run failed");
                let message = Some("it failed for a reason of ours; the log says why".to_owned());
                (dry_run::Model { state: DryRunState::Failed, ended_at, message, ..run }, Vec::new())
            }
        };
        if !store::end(&txn, self.holder, &ended, examples).await? {
            return Err(TakenOver.into());
        }
        Ok(txn.commit().await?)
    }

    fn rows(&self, examples: Vec<Example>) -> Vec<dry_run_example::Model> {
        let row = |it: Example| dry_run_example::Model {
            id: self.runner.mastering.clock.new_id(),
            dry_run_id: self.id,
            change: it.change,
            kind: it.kind,
            golden_id: it.record.map(|it| it.id),
            other_id: it.other,
            field: it.field.map(|it| it.name().to_owned()),
            value_before: it.before.value,
            value_after: it.after.value,
            source_before: it.before.source,
            source_after: it.after.source,
            rule_before: it.before.rule.map(|it| it.code().to_owned()),
            rule_after: it.after.rule.map(|it| it.code().to_owned()),
        };
        examples.into_iter().map(row).collect()
    }
}

/// Tells the store and whoever watches how far it is.
struct Watched<'a, 'b> {
    held: &'a Held<'b>,
    watch: &'a (dyn Fn(u64, u64) + Send + Sync),
}

impl Progress for Watched<'_, '_> {
    async fn looked_at(&mut self, records: u64) -> Result<()> {
        let Held { runner, id, holder, total } = self.held;
        (self.watch)(records, total.unsigned_abs());
        // A store with one connection is busy with the snapshot; nobody else could ask how far it is.
        if !runner.database.has_several_connections() {
            return Ok(());
        }
        let done = i64::try_from(records).map_err(Error::internal)?;
        match store::progress(runner.database.read(), (*id, *holder), (done, *total)).await? {
            true => Ok(()),
            false => Err(TakenOver.into()),
        }
    }
}
