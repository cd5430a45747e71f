//! Fetching records from their source, once however many ask for them at the same time, and no more often than a caller may.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use connectors::Priority;
use domain::fields::RecordKind;
use domain::sources::SourceKey;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared, join_all};
use tracing::Instrument as _;

use super::age;
use super::share::Shares;
use crate::platform::config::Freshness;
use crate::sync::run::{SyncJob, fetch_named};

/// What came of fetching a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fetched {
    /// Whether the source answered, and the answer could be taken in.
    pub(super) answered: bool,
    /// Whether anything new was said, of this record or of one that was fetched with it.
    pub(super) changed: bool,
}

/// What came of one fetch.
#[derive(Debug, Default)]
struct Outcome {
    answered: bool,
    changed: bool,
    /// Records that came and could not be taken in.
    failed: BTreeSet<String>,
}

type UnderWay = Shared<BoxFuture<'static, Arc<Outcome>>>;

/// The fetches of this process that are under way, and how much each caller may still ask for.
#[derive(Clone, Default)]
pub struct Refresher {
    under_way: Arc<Mutex<HashMap<SourceKey, UnderWay>>>,
    shares: Arc<Shares>,
    limits: Freshness,
}

impl Refresher {
    /// Within these limits.
    pub fn within(limits: Freshness) -> Self {
        Self { limits, ..Self::default() }
    }

    /// What partners may ask for.
    pub(super) fn limits(&self) -> &Freshness {
        &self.limits
    }

    /// How many of so many records a partner's people may have fetched now.
    pub(super) fn admitted(&self, who: &str, wanted: usize, now: DateTime<Utc>) -> usize {
        self.shares.take(who, wanted, self.limits.partner_fetches_per_hour, now)
    }

    /// Fetches records of one kind from one source; those that somebody is fetching already are waited for.
    pub(super) async fn fetch(
        &self,
        job: &SyncJob,
        kind: RecordKind,
        keys: Vec<SourceKey>,
    ) -> HashMap<SourceKey, Fetched> {
        let (keys, fetches): (Vec<_>, Vec<_>) = self.join(job, kind, keys).into_iter().unzip();
        let of_key = |(key, outcome): (SourceKey, Arc<Outcome>)| {
            let answered = outcome.answered && !outcome.failed.contains(&key.external_id);
            (key, Fetched { answered, changed: outcome.changed })
        };
        keys.into_iter().zip(join_all(fetches).await).map(of_key).collect()
    }

    fn join(&self, job: &SyncJob, kind: RecordKind, keys: Vec<SourceKey>) -> Vec<(SourceKey, UnderWay)> {
        let mut under_way = self.under_way.lock().expect("no holder panics");
        let new: Vec<SourceKey> = keys.iter().filter(|it| !under_way.contains_key(it)).cloned().collect();
        if !new.is_empty() {
            let fetch = self.begin(job.clone(), kind, new.clone());
            under_way.extend(new.into_iter().map(|it| (it, fetch.clone())));
        }
        keys.into_iter().map(|it| (under_way[&it].clone(), it)).map(|(fetch, key)| (key, fetch)).collect()
    }

    /// A task of its own: whoever stops waiting leaves it to the others.
    fn begin(&self, job: SyncJob, kind: RecordKind, keys: Vec<SourceKey>) -> UnderWay {
        let done = Done { under_way: Arc::clone(&self.under_way), keys };
        let fetching = async move { Arc::new(fetch(&job, kind, &done.keys).await) };
        let task = tokio::spawn(fetching.in_current_span());
        async move { task.await.unwrap_or_default() }.boxed().shared()
    }
}

/// Takes records off the list when their fetch has ended, in whatever way: nobody may join one that is no more.
struct Done {
    under_way: Arc<Mutex<HashMap<SourceKey, UnderWay>>>,
    keys: Vec<SourceKey>,
}

impl Drop for Done {
    fn drop(&mut self) {
        let mut under_way = self.under_way.lock().expect("no holder panics");
        self.keys.iter().for_each(|it| drop(under_way.remove(it)));
    }
}

async fn fetch(job: &SyncJob, kind: RecordKind, keys: &[SourceKey]) -> Outcome {
    // Somebody is waiting for it.
    let connector = job.connector.at_priority(Priority::Interactive);
    let job = &SyncJob { connector, ..job.clone() };
    let began = job.mastering.clock.now();
    let ids: Vec<String> = keys.iter().map(|it| it.external_id.clone()).collect();
    match fetch_named(job, kind, &ids).await {
        Ok(refreshed) => {
            for key in keys.iter().filter(|it| !refreshed.failed.contains(&it.external_id)) {
                age::note(&job.cache, key, began).await;
            }
            Outcome { answered: true, changed: refreshed.counts.changed > 0, failed: refreshed.failed }
        }
        Err(failure) => {
            tracing::warn!(system = %job.connector.system(), %failure, "records are served as they are stored");
            Outcome::default()
        }
    }
}
