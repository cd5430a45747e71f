//! Working on what was pushed: fetching the records that it names, and looking for those that it could not name.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::RecordKind;
use domain::sync::{DeliveryState, wait_after};
use entity::sync::webhook_delivery::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::message::Message;
use crate::error::{Error, Result};
use crate::sync::run::{self, SyncFailure, SyncJob, SyncScope, Unobserved, fetch_named};

/// Deliveries that are worked on at once.
const AT_ONCE: u64 = 200;
/// After so many attempts the next run has long brought what a delivery named.
const MOST_ATTEMPTS: i32 = 8;
/// How long a delivery is known when it comes again.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Works on what waits, and forgets what is old.
pub async fn work(job: &SyncJob) -> std::result::Result<(), SyncFailure> {
    let now = job.mastering.clock.now();
    loop {
        let waiting = waiting(job, now).await?;
        if waiting.is_empty() {
            return Ok(forget(job, now).await?);
        }
        let outcome = fetch(job, &waiting).await;
        note(job, &waiting, outcome.as_ref().err(), now).await?;
        outcome?;
    }
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

/// Fetches what these deliveries name, each record once; objects that are not mapped are no concern of ours.
async fn fetch(job: &SyncJob, deliveries: &[Model]) -> std::result::Result<(), SyncFailure> {
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut gaps: BTreeSet<String> = BTreeSet::new();
    for delivery in deliveries {
        let message: Message = serde_json::from_str(&delivery.message).map_err(Error::internal)?;
        for (object, ids) in message.named {
            named.entry(object).or_default().extend(ids);
        }
        gaps.extend(message.gaps);
    }
    let kinds: Vec<(RecordKind, String)> = job
        .connector
        .kinds()
        .into_iter()
        .filter_map(|kind| Some((kind, job.connector.object(kind).ok()?.to_owned())))
        .collect();
    // Accounts before contacts before leads, as in every run.
    for (kind, object) in &kinds {
        let ids: Vec<String> = named.remove(object).into_iter().flatten().collect();
        if !ids.is_empty() {
            fetch_named(job, *kind, &ids).await?;
        }
    }
    let missed = missed(job, deliveries).await?;
    let lost: Vec<RecordKind> =
        kinds.iter().filter(|(_, object)| missed || gaps.contains(object)).map(|it| it.0).collect();
    if lost.is_empty() { Ok(()) } else { read_what_is_new(job, lost).await }
}

/// Whether events are missing between those that were taken before and these: the sender numbers them one by one.
async fn missed(job: &SyncJob, deliveries: &[Model]) -> Result<bool> {
    let spans: Vec<(i64, i64)> =
        deliveries.iter().filter_map(|it| Some((it.first_replay_id?, it.last_replay_id?))).collect();
    if spans.is_empty() {
        return Ok(false);
    }
    let known = Entity::find()
        .select_only()
        .column_as(Column::LastReplayId.max(), "last")
        .filter(Column::System.eq(job.connector.system().clone()))
        .filter(Column::State.ne(DeliveryState::Waiting))
        .into_tuple::<Option<i64>>()
        .one(job.database.read())
        .await?
        .flatten();
    Ok(has_gap(known, spans))
}

/// Whether a place is missing behind the last one known, or between these.
fn has_gap(known: Option<i64>, mut spans: Vec<(i64, i64)>) -> bool {
    spans.sort_unstable();
    let mut last = known;
    for (from, to) in spans {
        if last.is_some_and(|it| from > it + 1) {
            return true;
        }
        last = Some(last.map_or(to, |it| std::cmp::max(it, to)));
    }
    false
}

/// What changed since the last run, whoever noticed: the watermark is never ahead of the events. A run that is under way
/// reads it anyway.
async fn read_what_is_new(job: &SyncJob, kinds: Vec<RecordKind>) -> std::result::Result<(), SyncFailure> {
    tracing::info!(system = %job.connector.system(), "events were lost; what changed since the last run is read");
    let scope = SyncScope { kinds, ..SyncScope::default() };
    match run::run(job, &scope, &Unobserved).await {
        Ok(_) => Ok(()),
        Err(failure) => Err(failure),
    }
}

async fn note(
    job: &SyncJob,
    deliveries: &[Model],
    failure: Option<&SyncFailure>,
    now: DateTime<Utc>,
) -> Result<()> {
    for delivery in deliveries {
        let attempts = delivery.attempts + 1;
        let (state, next) = match failure {
            None => (DeliveryState::Done, None),
            Some(_) if attempts >= MOST_ATTEMPTS => (DeliveryState::Failed, None),
            Some(_) => {
                let wait = wait_after(attempts.unsigned_abs(), delivery.id.0.as_u128() as u64);
                (DeliveryState::Waiting, Some(now + wait))
            }
        };
        Entity::update_many()
            .col_expr(Column::State, Expr::value(state))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .col_expr(Column::NextAttemptAt, Expr::value(next))
            .col_expr(Column::WorkedAt, Expr::value(Some(now)))
            .col_expr(Column::Failure, Expr::value(failure.map(ToString::to_string)))
            .filter(Column::Id.eq(delivery.id))
            .exec(job.database.read())
            .await?;
    }
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

#[cfg(test)]
mod tests {
    use super::has_gap;

    #[test]
    fn a_number_that_is_missing_is_a_gap() {
        assert!(!has_gap(None, vec![(7, 9)]), "where nothing is known nothing is missing");
        assert!(!has_gap(Some(6), vec![(8, 9), (7, 7)]), "in whatever order they came");
        assert!(!has_gap(Some(9), vec![(7, 8)]), "what comes again is no news");
        assert!(has_gap(Some(6), vec![(8, 9)]));
        assert!(has_gap(Some(6), vec![(7, 7), (9, 9)]));
    }
}
