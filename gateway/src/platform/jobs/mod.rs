//! What happens without anyone asking: named jobs, each done again and again while the process serves.
//!
//! Here: when a job has its turn, one turn at a time, failures, leaving. Not here: the jobs themselves; features write
//! them, and `startup` lists them.
//!
//! A job must be safe to run twice at once: it takes its turn in the database, like every other writer. The lease that
//! is taken for a turn only spares replicas the same work; a cache that is down spares nothing and stops nothing.

mod stop;
#[cfg(test)]
mod tests;
mod timetable;
mod turn;

pub use stop::Stop;
pub use timetable::{InvalidTimetable, Timetable};

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::error::Result;
use crate::platform::cache::Cache;

/// Something to do again and again.
pub struct Job {
    /// What it is, such as `golden.expire_holds`; unique.
    pub name: String,
    /// How long to wait after one turn before the next, give or take a tenth.
    pub every: Duration,
    /// One turn: does all there is to do now.
    pub run: Box<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>,
}

impl Job {
    /// A job of that name.
    pub fn new<F>(
        name: impl Into<String>,
        every: Duration,
        run: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self { name: name.into(), every, run: Box::new(move || Box::pin(run())) }
    }
}

/// Gives each job its turns until `stop` resolves, then leaves: no new turns, and `patience` for those under way.
pub async fn serve(jobs: Vec<Job>, cache: &Cache, patience: Duration, stop: impl Future<Output = ()>) {
    let (closing, _) = watch::channel(false);
    let mut tasks = JoinSet::new();
    for job in jobs {
        tasks.spawn(repeat(job, cache.clone(), closing.subscribe()));
    }
    stop.await;
    closing.send_replace(true);
    let ended = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(patience, ended).await.is_err() {
        tracing::warn!(jobs = tasks.len(), "left while jobs were under way; their transactions are undone");
        tasks.shutdown().await;
    }
}

async fn repeat(job: Job, cache: Cache, mut closing: watch::Receiver<bool>) {
    // Replicas that start together begin at different times.
    let mut pause = job.every.mul_f64(chance());
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = closing.wait_for(|it| *it) => return,
        }
        turn::take(&job, &cache).await;
        pause = job.every.mul_f64(0.9 + chance() / 5.0);
    }
}

/// A number from 0 to 1 that no two replicas are likely to share. Decides when, never what.
fn chance() -> f64 {
    let bits = RandomState::new().hash_one(0);
    f64::from((bits >> 32) as u32) / f64::from(u32::MAX)
}
