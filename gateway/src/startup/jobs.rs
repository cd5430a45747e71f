//! What happens without anyone asking: which jobs there are, and what they work with.

use std::time::Duration;

use chrono::TimeDelta;

use super::Services;
use crate::alerts::jobs as alerts;
use crate::conflicts;
use crate::contracts::jobs as contracts;
use crate::distribution;
use crate::enablement::jobs as enablement;
use crate::error::{self, NotFound};
use crate::golden::pins::expiry;
use crate::kpis::jobs as kpis;
use crate::notifications::jobs as notifications;
use crate::platform::config::{self, Config};
use crate::platform::jobs::{self, Job, Stop};
use crate::policies::dry_run::runner::Runner;
use crate::programs::evaluation;
use crate::registrations;
use crate::sync;
use crate::sync::retention::{self, Retention};
use crate::territories::jobs as territories;
use crate::training::jobs as training;

/// How long a dry run waits for somebody to begin it, at most about.
const DRY_RUNS_EVERY: Duration = Duration::from_secs(3);

/// How long a message that is due waits, at most about.
const SEND_EVERY: Duration = Duration::from_secs(5);

/// How long what may change a verdict waits, at most about.
const CHECKS_EVERY: Duration = Duration::from_secs(5);

/// How often what was done long ago is forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);

impl Services {
    /// What happens without anyone asking: one line for each job.
    pub fn jobs(&self, config: &config::Jobs, stop: &Stop) -> Vec<Job> {
        let dry_runs = self.dry_runs();
        let dry_runs = Job::new("policies.dry_runs", DRY_RUNS_EVERY, move || {
            let dry_runs = dry_runs.clone();
            async move { dry_runs.run_all().await }
        });
        let this = self.clone();
        let expire_holds = Job::new(expiry::JOB, config.interval, move || {
            let this = this.clone();
            async move { expiry::expire(&this.database, &this.mastering()).await }
        });
        let (this, keep) = (self.clone(), retention(config));
        let forget = Job::new(retention::JOB, FORGET_EVERY, move || {
            let this = this.clone();
            async move { retention::forget(&this.database, &keep, this.clock.now()).await.map(drop) }
        });
        let this = self.clone();
        let follow_dates = Job::new(contracts::FOLLOW_DATES, config.interval, move || {
            let this = this.clone();
            async move { contracts::follow_dates(&this.context_of(contracts::FOLLOW_DATES)).await }
        });
        let this = self.clone();
        let remind = Job::new(contracts::REMIND, config.interval, move || {
            let this = this.clone();
            async move { contracts::remind(&this.context_of(contracts::REMIND)).await }
        });
        let this = self.clone();
        let evaluate = Job::new(evaluation::JOB, config.interval, move || {
            let this = this.clone();
            async move { evaluation::evaluate_due(&this.context_of(evaluation::JOB)).await }
        });
        let this = self.clone();
        let send = Job::new(notifications::SEND, SEND_EVERY, move || {
            let this = this.clone();
            async move { notifications::send(&this.context_of(notifications::SEND)).await }
        });
        let this = self.clone();
        let registrations = Job::new(registrations::jobs::JOB, config.interval, move || {
            let this = this.clone();
            async move { registrations::jobs::do_due(&this.context_of(registrations::jobs::JOB)).await }
        });
        let this = self.clone();
        let checks = Job::new(conflicts::checks::JOB, CHECKS_EVERY, move || {
            let this = this.clone();
            async move { conflicts::checks::do_due(&this.context_of(conflicts::checks::JOB)).await }
        });
        let this = self.clone();
        let offers = Job::new(distribution::jobs::JOB, config.interval, move || {
            let this = this.clone();
            async move { distribution::jobs::do_due(&this.context_of(distribution::jobs::JOB)).await }
        });
        let this = self.clone();
        let overlaps = Job::new(territories::JOB, config.interval, move || {
            let this = this.clone();
            async move { territories::tell_overlaps(&this.context_of(territories::JOB)).await }
        });
        let this = self.clone();
        let usage = Job::new(kpis::COUNT, config.interval, move || {
            let this = this.clone();
            async move { kpis::count_due(&this.context_of(kpis::COUNT)).await }
        });
        let this = self.clone();
        let figures = Job::new(kpis::RECORD, config.interval, move || {
            let this = this.clone();
            async move { kpis::record_due(&this.context_of(kpis::RECORD)).await }
        });
        let this = self.clone();
        let support = Job::new(enablement::JOB, config.interval, move || {
            let this = this.clone();
            async move { enablement::do_due(&this.context_of(enablement::JOB)).await }
        });
        let this = self.clone();
        let training = Job::new(training::JOB, config.interval, move || {
            let this = this.clone();
            async move { training::do_due(&this.context_of(training::JOB)).await }
        });
        let this = self.clone();
        let watch = Job::new(alerts::JOB, config.interval, move || {
            let this = this.clone();
            async move { alerts::watch(&this.context_of(alerts::JOB)).await }
        });
        let mut jobs = vec![dry_runs, expire_holds, forget, follow_dates, remind, evaluate, send];
        jobs.extend([registrations, checks, offers, overlaps, support, training, usage, figures, watch]);
        jobs.extend(self.sources.iter().flat_map(|it| sync::jobs::of_source(it, stop)));
        jobs
    }

    /// Who does the dry runs that were asked for.
    pub fn dry_runs(&self) -> Runner {
        Runner::new(self.database.clone(), self.mastering())
    }

    /// Gives one job a turn now.
    pub async fn run_job(&self, name: &str) -> error::Result<()> {
        let jobs = self.jobs(&config::Jobs::default(), &Stop::default());
        let job = jobs.iter().find(|it| it.name == name).ok_or(NotFound("job"))?;
        (job.run)().await
    }

    /// Does jobs, if this process is to, and keeps up with who does not count any more, until `stop` resolves.
    pub async fn do_jobs(&self, config: &Config, stop: impl Future<Output = ()> + Send + 'static) {
        let stop = Stop::when(stop);
        let mut jobs = Vec::new();
        if config.jobs.enabled {
            jobs = self.jobs(&config.jobs, &stop);
        }
        tokio::select! {
            () = jobs::serve(jobs, &self.cache, config.server.shutdown_timeout, stop.requested()) => {}
            () = self.standing.watch(&self.cache, || self.clock.now()) => {}
        }
    }
}

fn retention(config: &config::Jobs) -> Retention {
    let length = |it: Duration| TimeDelta::from_std(it).unwrap_or(LONGEST_MEMORY);
    Retention {
        runs: length(config.keep_runs).min(LONGEST_MEMORY),
        failures: length(config.keep_failures).min(LONGEST_MEMORY),
        changes: length(config.keep_changes).min(LONGEST_MEMORY),
    }
}

/// Longer than anything here will be.
const LONGEST_MEMORY: TimeDelta = TimeDelta::days(36_500);
