//! What a matching policy changes: which records are one, what is served then, and whom that is asked.
//!
//! All kinds are looked at before any is changed: a dry run cannot see what an earlier kind would have become.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::review::ReviewKind;
use domain::sources::SourceKey;
use sea_orm::ConnectionTrait;

use super::Progress;
use super::tally::Tally;
use crate::error::Result;
use crate::golden::service::{self as golden, Engine, Regrouping};
use crate::review;

/// What becomes of one kind.
pub(super) struct Regrouped {
    regrouping: Regrouping,
    closed: Vec<[Arc<SourceKey>; 2]>,
}

/// What the engine's rules would change. Writes nothing.
pub(super) async fn foresee(
    db: &impl ConnectionTrait,
    engine: &Engine,
    tally: &mut Tally,
    progress: &mut impl Progress,
) -> Result<Vec<Regrouped>> {
    let mut regrouped = Vec::new();
    for kind in golden::matched_kinds() {
        progress.looked_at(tally.records()).await?;
        let regrouping = golden::regrouped(db, engine, kind).await?;
        regrouping.merges.iter().for_each(|it| tally.note_merge(kind, *it));
        regrouping.splits.iter().for_each(|it| tally.note_split(kind, it.0));
        for page in regrouping.pages() {
            let settled = golden::resettled_by(db, engine, kind, page).await?;
            settled.iter().for_each(|it| tally.note(it));
            progress.looked_at(tally.records()).await?;
        }
        let queue = review::foresight::matches(db, kind, &regrouping.doubtful).await?;
        tally.note_tasks(ReviewKind::Match, queue.raised, queue.closed.len());
        regrouped.push(Regrouped { regrouping, closed: queue.closed });
    }
    tally.looked_at(golden::count(db).await?);
    Ok(regrouped)
}

/// Does what was foreseen.
pub(super) async fn apply(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    regrouped: &[Regrouped],
    by: &str,
) -> Result<()> {
    for it in regrouped {
        let kind = it.regrouping.kind;
        golden::regroup(db, engine, now, &it.regrouping, by).await?;
        review::service::supersede_matches(db, &engine.clock, now, kind, &it.closed).await?;
    }
    Ok(())
}
