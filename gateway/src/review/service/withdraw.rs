//! Withdrawing a question that facts have made moot.

use chrono::{DateTime, Utc};
use domain::ids::ReviewTaskId;
use domain::review::{ReviewAction, ReviewState};
use entity::review::review_task::Model;
use sea_orm::ConnectionTrait;

use super::ask::event;
use crate::error::Result;
use crate::platform::clock::Clock;
use crate::review::store;

/// Closes the tasks that ask these questions and wait for an answer. If a question comes up again, its task is opened
/// again.
pub async fn withdraw(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    fingerprints: &[String],
) -> Result<()> {
    let known = store::by_fingerprint(db, fingerprints).await?;
    close(db, clock, now, known.into_values().collect()).await
}

/// What people answered to these questions does not hold any more: each may come up again.
pub async fn forget_answers(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    fingerprints: &[String],
) -> Result<()> {
    let known = store::by_fingerprint(db, fingerprints).await?.into_values();
    let answered = known.filter(|it| it.state == ReviewState::Applied).collect();
    supersede(db, clock, now, answered).await
}

/// Closes those of the tasks that wait for an answer.
pub(super) async fn close(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    mut tasks: Vec<Model>,
) -> Result<()> {
    tasks.retain(|it| it.state.is_waiting());
    supersede(db, clock, now, tasks).await
}

async fn supersede(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    mut tasks: Vec<Model>,
) -> Result<()> {
    tasks.sort_unstable_by_key(|it| it.id);
    let ids: Vec<ReviewTaskId> = tasks.iter().map(|it| it.id).collect();
    store::move_to(db, &ids, ReviewState::Superseded, now).await?;
    let events = tasks.iter().map(|it| event(clock, now, it, ReviewAction::Superseded)).collect();
    Ok(store::note(db, events).await?)
}
