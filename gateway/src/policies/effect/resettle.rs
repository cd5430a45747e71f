//! What a precedence policy changes: what is served of records that stay what they are, and what follows from that.

use sea_orm::ConnectionTrait;

use super::tally::Tally;
use crate::error::Result;
use crate::golden::service::{self as golden, AccountsAhead, Engine, Resettled};
use crate::review;

/// Counts what changes of some records, before any of it is written.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    engine: &Engine,
    tally: &mut Tally,
    page: &[Resettled],
) -> Result<()> {
    page.iter().for_each(|it| tally.note(it));
    let sayings: Vec<_> = page.iter().flat_map(|it| it.sayings.iter().cloned()).collect();
    for (task, change) in review::foresight::change(db, &sayings).await? {
        tally.note_tasks(task, change);
    }
    // Only what is served otherwise is written anew.
    let served = page.iter().filter(|it| it.is_served_otherwise());
    tally.note_leads(golden::relinked(db, engine, served, &AccountsAhead::default()).await?);
    Ok(())
}
