//! Pins and locks whose time is over.
//!
//! From its end on a hold counts for nothing, whoever settles the record next; this job is who, at the latest. Until its
//! next turn a record that nobody touches may still serve what was held: at most for the job's interval.

use chrono::{DateTime, Utc};
use entity::golden::hold;
use sea_orm::ConnectionTrait;

use super::stale;
use super::store::{self, End};
use crate::error::Result;
use crate::golden::links::Occasion;
use crate::golden::resolve;
use crate::golden::service::{Engine, Mastering, wait_for_turn};
use crate::platform::database::Database;

/// Name of the job that does it.
pub const JOB: &str = "golden.expire_holds";

/// What ended a hold whose time is over.
pub(super) const TIME: &str = "TIME";
/// Holds of one transaction: settling keeps other writers waiting.
const BATCH: u64 = 200;

/// Ends the holds whose time is over, and settles their records anew.
pub async fn expire(database: &Database, mastering: &Mastering) -> Result<()> {
    // Nobody waits for a turn that has nothing to do.
    while !store::over(database.read(), mastering.clock.now(), 1).await?.is_empty() {
        let txn = database.begin_write().await?;
        wait_for_turn(&txn).await?;
        let engine = mastering.engine(&txn).await?;
        let now = engine.clock.now();
        // Read again: another replica may have had its turn meanwhile.
        let over = store::over(&txn, now, BATCH).await?;
        for hold in &over {
            end(&txn, &engine, now, hold).await?;
        }
        for group in by_kind(&over) {
            let ids = group.iter().map(|it| it.golden_id);
            resolve::settle_anew(&txn, &engine, Occasion { kind: group[0].kind, now }, ids).await?;
        }
        txn.commit().await?;
        tracing::info!(holds = over.len(), "pins and locks have ended");
    }
    Ok(())
}

/// Ends a hold at the end it was given.
pub(super) async fn end(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    hold: &hold::Model,
) -> Result<()> {
    let at = hold.until.unwrap_or(now);
    store::end(db, hold.id, End { at, by: TIME, reason: None, replaced_by: None }).await?;
    stale::withdraw(db, engine, now, hold).await
}

fn by_kind(holds: &[hold::Model]) -> Vec<Vec<&hold::Model>> {
    let mut holds: Vec<&hold::Model> = holds.iter().collect();
    holds.sort_by_key(|it| it.kind);
    holds.chunk_by(|a, b| a.kind == b.kind).map(<[_]>::to_vec).collect()
}
