//! Working on what was pushed: fetching the records that it names, and looking for those that it could not name.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::RecordKind;
use domain::sync::{DeliveryState, wait_after};
use entity::sync::webhook_delivery::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::message::Message;
use super::position;
use crate::error::{Error, Result};
use crate::sync::run::{self, SyncFailure, SyncJob, SyncScope, Unobserved, fetch_named};
use crate::sync::service;

/// Deliveries that are worked on at once.
const AT_ONCE: u64 = 200;
/// After so many attempts the next run has long brought what a delivery named.
const MOST_ATTEMPTS: i32 = 8;
/// How long a delivery waits behind a run that is under way.
const BEHIND_A_RUN: TimeDelta = TimeDelta::seconds(10);
/// Records that are fetched and taken in at once.
const FETCHED_AT_ONCE: usize = 2_000;
/// How long a delivery is known when it comes again.
const KEPT: TimeDelta = TimeDelta::days(7);

/// What is expected of who pushes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expectations {
    /// It numbers its events one by one: a number that is missing is an event that was lost.
    pub counts: bool,
    /// After so long without a push or a run, what changed is read without one.
    pub silence: Option<TimeDelta>,
}

/// Works on what waits, and forgets what is old.
pub async fn work(job: &SyncJob, expected: Expectations) -> std::result::Result<(), SyncFailure> {
    let now = job.mastering.clock.now();
    let mut was_idle = true;
    loop {
        let waiting = waiting(job, now).await?;
        if waiting.is_empty() {
            break;
        }
        was_idle = false;
        let failures = fetch(job, &waiting, expected).await?;
        note(job, &waiting, &failures, now).await?;
        if let Some(failure) = failures.of_objects.into_values().next().or(failures.of_gaps) {
            return Err(failure);
        }
    }
    if was_idle {
        break_silence(job, expected, now).await?;
    }
    Ok(forget(job, now).await?)
}

async fn waiting(job: &SyncJob, now: DateTime<Utc>) -> Result<Vec<Model>> {
    let rows = Entity::find()
        .filter(Column::System.eq(job.connector.system().clone()))
        .filter(Column::State.eq(DeliveryState::Waiting))
        .filter(Column::NextAttemptAt.lte(now))
        .order_by_asc(Column::ReceivedAt)
        .order_by_asc(Column::Id)
        .limit(AT_ONCE);
    Ok(rows.all(job.database.read()).await?)
}

/// What could not be read.
#[derive(Default)]
struct Failures {
    /// Named records, by the source's names of their objects.
    of_objects: BTreeMap<String, SyncFailure>,
    /// What events would have named that were lost.
    of_gaps: Option<SyncFailure>,
}

impl Failures {
    /// What stood in the way of a delivery.
    fn of(&self, delivery: &Model, message: &Message) -> Option<&SyncFailure> {
        let named = message.named.keys().find_map(|it| self.of_objects.get(it));
        let may_miss = delivery.last_replay_id.is_some() || !message.gaps.is_empty();
        named.or(self.of_gaps.as_ref().filter(|_| may_miss))
    }

    fn is_empty(&self) -> bool {
        self.of_objects.is_empty() && self.of_gaps.is_none()
    }
}

/// Fetches what these deliveries name, each record once; objects that are not mapped are no concern of ours. What stands
/// in the way of one object keeps nobody from the others.
async fn fetch(
    job: &SyncJob,
    deliveries: &[Model],
    expected: Expectations,
) -> std::result::Result<Failures, SyncFailure> {
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut gaps: BTreeSet<String> = BTreeSet::new();
    for delivery in deliveries {
        let message = message_of(delivery)?;
        for (object, ids) in message.named {
            named.entry(object).or_default().extend(ids);
        }
        gaps.extend(message.gaps);
    }
    let mut failures = Failures::default();
    let kinds = kinds(job);
    // Accounts before contacts before leads, as in every run.
    for (kind, object) in &kinds {
        let ids: Vec<String> = named.remove(object).into_iter().flatten().collect();
        for chunk in ids.chunks(FETCHED_AT_ONCE) {
            match fetch_named(job, *kind, chunk).await {
                Err(SyncFailure::Store(error)) => return Err(error.into()),
                Err(failure) => drop(failures.of_objects.insert(object.clone(), failure)),
                Ok(_) => {}
            }
        }
    }
    let missed = missed(job, deliveries, expected).await?;
    let lost = kinds.into_iter().filter(|(_, object)| missed || gaps.contains(object));
    let lost: Vec<RecordKind> = lost.map(|it| it.0).collect();
    if !lost.is_empty() {
        failures.of_gaps = read_what_is_new(job, lost).await.err();
    }
    Ok(failures)
}

fn message_of(delivery: &Model) -> Result<Message> {
    serde_json::from_str(&delivery.message).map_err(Error::internal)
}

fn kinds(job: &SyncJob) -> Vec<(RecordKind, String)> {
    let named = |kind| Some((kind, job.connector.object(kind).ok()?.to_owned()));
    job.connector.kinds().into_iter().filter_map(named).collect()
}

/// Whether events are missing between those that were taken before and these, where their sender promised to count.
async fn missed(job: &SyncJob, deliveries: &[Model], expected: Expectations) -> Result<bool> {
    if !expected.counts {
        return Ok(false);
    }
    let known = position::of(job.database.read(), job.connector.system()).await?;
    Ok(position::has_gap(known.and_then(|it| it.last_replay_id), spans(deliveries)))
}

fn spans(deliveries: &[Model]) -> Vec<(i64, i64)> {
    deliveries.iter().filter_map(|it| Some((it.first_replay_id?, it.last_replay_id?))).collect()
}

/// What changed since the last run, whoever noticed: the watermark is never ahead of the events.
async fn read_what_is_new(job: &SyncJob, kinds: Vec<RecordKind>) -> std::result::Result<(), SyncFailure> {
    tracing::info!(system = %job.connector.system(), "events were lost; what changed since the last run is read");
    let scope = SyncScope { kinds, ..SyncScope::default() };
    run::run(job, &scope, &Unobserved).await.map(drop)
}

/// A sender that has gone silent may have been switched off, which nobody tells: from time to time we look ourselves.
async fn break_silence(
    job: &SyncJob,
    expected: Expectations,
    now: DateTime<Utc>,
) -> std::result::Result<(), SyncFailure> {
    let (Some(silence), system) = (expected.silence, job.connector.system()) else { return Ok(()) };
    let pushed = position::of(job.database.read(), system).await?.map(|it| it.received_at);
    let run = service::last_run(&job.database, system).await?.map(|it| it.started_at);
    // Without a first load there is nothing to keep up to date.
    let Some(heard) = run.max(pushed.filter(|_| run.is_some())) else { return Ok(()) };
    if now - heard < silence {
        return Ok(());
    }
    match run::run(job, &SyncScope::default(), &Unobserved).await {
        Err(SyncFailure::Held(_)) => Ok(()),
        outcome => outcome.map(drop),
    }
}

async fn note(job: &SyncJob, deliveries: &[Model], failures: &Failures, now: DateTime<Utc>) -> Result<()> {
    for delivery in deliveries {
        let message = message_of(delivery)?;
        note_one(job, delivery, failures.of(delivery, &message), now).await?;
    }
    let last = spans(deliveries).into_iter().map(|it| it.1).max();
    let Some(last) = last.filter(|_| failures.is_empty()) else { return Ok(()) };
    let (db, system) = (job.database.read(), job.connector.system());
    let known = position::of(db, system).await?.and_then(|it| it.last_replay_id);
    if known.is_none_or(|it| it < last) { position::advance(db, system, last, now).await } else { Ok(()) }
}

/// A delivery that only met a run at work has not failed; it waits for its turn.
async fn note_one(
    job: &SyncJob,
    delivery: &Model,
    failure: Option<&SyncFailure>,
    now: DateTime<Utc>,
) -> Result<()> {
    let met_a_run = matches!(failure, Some(SyncFailure::Held(_)));
    let attempts = delivery.attempts + i32::from(!met_a_run);
    let (state, next) = match failure {
        None => (DeliveryState::Done, None),
        Some(_) if met_a_run => (DeliveryState::Waiting, Some(now + BEHIND_A_RUN)),
        Some(_) if attempts >= MOST_ATTEMPTS => (DeliveryState::Failed, None),
        Some(_) => {
            let wait = wait_after(attempts.unsigned_abs(), delivery.id.0.as_u128() as u64);
            (DeliveryState::Waiting, Some(now + wait))
        }
    };
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::Attempts, Expr::value(attempts))
        .col_expr(Column::NextAttemptAt, Expr::value(next))
        .col_expr(Column::WorkedAt, Expr::value(Some(now)))
        .col_expr(Column::Failure, Expr::value(failure.map(ToString::to_string)))
        .filter(Column::Id.eq(delivery.id))
        .exec(job.database.read())
        .await?;
    Ok(())
}

async fn forget(job: &SyncJob, now: DateTime<Utc>) -> Result<()> {
    Entity::delete_many()
        .filter(Column::System.eq(job.connector.system().clone()))
        .filter(Column::State.ne(DeliveryState::Waiting))
        .filter(Column::ReceivedAt.lt(now - KEPT))
        .exec(job.database.read())
        .await?;
    Ok(())
}
