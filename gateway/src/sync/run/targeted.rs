//! Taking in a few named records outside of any run: what a push names, what failed, what somebody wants fresh.

use std::collections::BTreeSet;

use domain::fields::RecordKind;

use super::deletions::{gone, pages_of};
use super::reading::id_of;
use super::{Counts, SyncFailure, SyncJob};
use crate::sync::failures::{self, Place};
use crate::sync::page::{Commit, Effect};

/// What became of named records.
#[derive(Debug, Clone, Default)]
pub struct Refreshed {
    /// What happened to how many.
    pub counts: Counts,
    /// Those that the source no longer knows.
    pub gone: Vec<String>,
    /// Those that came and could not be taken in: what is stored of them is as old as before.
    pub failed: BTreeSet<String>,
}

/// Fetches named records of one kind and takes them in as they are now. They move no watermark, and may come as often as
/// anybody likes.
pub async fn fetch_named(job: &SyncJob, kind: RecordKind, ids: &[String]) -> Result<Refreshed, SyncFailure> {
    let system = job.connector.system().clone();
    let object = job.connector.object(kind)?.to_owned();
    let place = Place { run: job.mastering.clock.new_id(), system, object };
    let page = job.connector.fetch(kind, ids).await?;
    let answered: BTreeSet<String> = page.records.iter().filter_map(id_of).collect();
    let failed = page.records.iter().filter_map(|it| it.as_ref().err()?.external_id.clone()).collect();
    let unknown: Vec<String> = ids.iter().filter(|it| !answered.contains(*it)).cloned().collect();
    let db = job.database.read();
    let commit = Commit {
        database: &job.database,
        mastering: &job.mastering,
        cache: &job.cache,
        place: &place,
        kind,
        may_mend: failures::is_any_open(db, &place).await?,
        effect: Effect::Alone,
    };
    let server_time = page.server_time;
    let mut counts = commit.page(page, None).await?;
    let dead = gone(db, &place.system, &place.object, unknown.clone(), server_time).await?;
    if !dead.is_empty() {
        for page in pages_of(dead, server_time) {
            counts += commit.page(page, None).await?;
        }
    }
    failures::resolve(db, &place, &unknown, job.mastering.clock.now()).await?;
    Ok(Refreshed { counts, gone: unknown, failed })
}
