//! Fetching records from their source, once however many ask for them at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use connectors::Priority;
use domain::fields::RecordKind;
use domain::sources::SourceKey;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared, join_all};

use super::age;
use crate::sync::run::{SyncJob, fetch_named};

/// What came of fetching some records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fetched {
    /// Whether the source answered.
    pub(super) answered: bool,
    /// Whether it said anything new.
    pub(super) changed: bool,
}

type UnderWay = Shared<BoxFuture<'static, Fetched>>;

/// The fetches of this process that are under way.
#[derive(Clone, Default)]
pub struct Refresher(Arc<Mutex<HashMap<SourceKey, UnderWay>>>);

impl Refresher {
    /// Fetches records of one kind from one source; those that somebody is fetching already are waited for.
    pub(super) async fn fetch(&self, job: &SyncJob, kind: RecordKind, keys: Vec<SourceKey>) -> Fetched {
        let all = join_all(self.join(job, kind, keys)).await;
        Fetched { answered: all.iter().all(|it| it.answered), changed: all.iter().any(|it| it.changed) }
    }

    fn join(&self, job: &SyncJob, kind: RecordKind, keys: Vec<SourceKey>) -> Vec<UnderWay> {
        let mut under_way = self.0.lock().expect("no holder panics");
        let (known, new): (Vec<_>, Vec<_>) = keys.into_iter().partition(|it| under_way.contains_key(it));
        let mut joined: Vec<UnderWay> = known.iter().map(|it| under_way[it].clone()).collect();
        if !new.is_empty() {
            let fetch = self.clone().begin(job.clone(), kind, new.clone());
            under_way.extend(new.into_iter().map(|it| (it, fetch.clone())));
            joined.push(fetch);
        }
        joined
    }

    /// A task of its own: whoever stops waiting leaves it to the others.
    fn begin(self, job: SyncJob, kind: RecordKind, keys: Vec<SourceKey>) -> UnderWay {
        let task = tokio::spawn(async move {
            let fetched = fetch(&job, kind, &keys).await;
            let mut under_way = self.0.lock().expect("no holder panics");
            keys.iter().for_each(|it| drop(under_way.remove(it)));
            fetched
        });
        async move { task.await.unwrap_or(Fetched { answered: false, changed: false }) }.boxed().shared()
    }
}

async fn fetch(job: &SyncJob, kind: RecordKind, keys: &[SourceKey]) -> Fetched {
    // Somebody is waiting for it.
    let connector = job.connector.at_priority(Priority::Interactive);
    let job = &SyncJob { connector, ..job.clone() };
    let began = job.mastering.clock.now();
    let ids: Vec<String> = keys.iter().map(|it| it.external_id.clone()).collect();
    match fetch_named(job, kind, &ids).await {
        Ok(refreshed) => {
            for key in keys {
                age::note(&job.cache, key, began).await;
            }
            Fetched { answered: true, changed: refreshed.counts.changed > 0 }
        }
        Err(failure) => {
            tracing::warn!(system = %job.connector.system(), %failure, "records are served as they are stored");
            Fetched { answered: false, changed: false }
        }
    }
}
