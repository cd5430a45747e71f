//! What happens without anyone asking: which jobs there are, and what they work with.

use std::time::Duration;

use super::{Services, StartupError, connector};
use crate::error::{self, NotFound};
use crate::golden::pins::expiry;
use crate::platform::config::sources::{Source, Sources};
use crate::platform::config::{self, Config};
use crate::platform::jobs::{self, Job, Stop};
use crate::policies::dry_run::runner::Runner;
use crate::sync;
use crate::sync::outbound::sender::Sender;

/// How long a change waits to be written back, at most about.
const WRITE_BACK_EVERY: Duration = Duration::from_secs(5);

/// How long a dry run waits for somebody to begin it, at most about.
const DRY_RUNS_EVERY: Duration = Duration::from_secs(3);

impl Services {
    /// Who writes back to each source that wants it.
    pub fn senders(&self, sources: &Sources) -> Result<Vec<Sender>, StartupError> {
        let sender = |(name, source): (&String, &Source)| self.sender(name, source);
        sources.iter().filter(|it| it.1.write_back).map(sender).collect()
    }

    /// Who writes back to a source.
    pub fn sender(&self, name: &str, source: &Source) -> Result<Sender, StartupError> {
        Ok(Sender {
            database: self.database.clone(),
            mastering: self.mastering(),
            cache: self.cache.clone(),
            connector: connector(name, source)?,
        })
    }

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
        let mut jobs = vec![dry_runs, expire_holds];
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

    /// Does jobs, if this process is to, until `stop` resolves.
    pub async fn do_jobs(&self, config: &Config, stop: impl Future<Output = ()> + Send + 'static) {
        let stop = Stop::when(stop);
        let mut jobs = Vec::new();
        if config.jobs.enabled {
            jobs = self.jobs(&config.jobs, &stop);
            match self.senders(&config.sources) {
                Ok(senders) if senders.is_empty() => {}
                Ok(senders) => jobs.push(write_back(senders)),
                Err(error) => tracing::error!(%error, "nothing is written back"),
            }
        }
        jobs::serve(jobs, &self.cache, config.server.shutdown_timeout, stop.requested()).await;
    }
}

/// Tells sources what they say otherwise. One that cannot be reached keeps none of the others from its turn.
fn write_back(senders: Vec<Sender>) -> Job {
    Job::new("sync.write_back", WRITE_BACK_EVERY, move || {
        let senders = senders.clone();
        async move {
            for sender in &senders {
                if let Err(error) = sender.send_all(&|_| {}).await {
                    let system = sender.connector.system();
                    tracing::warn!(%system, %error, "not everything could be written back");
                }
            }
            Ok(())
        }
    })
}
