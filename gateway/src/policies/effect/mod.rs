//! What a version changes: foreseen by a dry run, done by an activation, and counted by the same code.

mod findings;
mod regroup;
mod resettle;
mod tally;

use chrono::{DateTime, Utc};
use domain::policies::PolicyKind;
use sea_orm::ConnectionTrait;

pub use findings::{FieldChanges, Findings, KindCount, RuleChanges, TaskCount, WriteBackCount};
use tally::Tally;
pub use tally::{Example, Side};

use crate::error::Result;
use crate::golden;
use crate::golden::service::{Engine, Sweep};
use crate::{conflicts, distribution};

/// Sees a dry run progress; may end it.
pub trait Progress {
    /// So many golden records have been looked at.
    fn looked_at(&mut self, records: u64) -> impl Future<Output = Result<()>> + Send;
}

/// Watches nothing.
struct Unwatched;

impl Progress for Unwatched {
    async fn looked_at(&mut self, _: u64) -> Result<()> {
        Ok(())
    }
}

/// What the rules of the second engine would change of what those of the first have made. Writes nothing.
pub async fn foresee(
    db: &impl ConnectionTrait,
    [before, after]: [&Engine; 2],
    kind: PolicyKind,
    progress: &mut impl Progress,
) -> Result<(Findings, Vec<Example>)> {
    let mut tally = Tally::new(&before.policies, &after.policies);
    let (mut verdicts, mut rankings) = (None, None);
    match kind {
        PolicyKind::Precedence => {
            let mut sweep = Sweep::by(after);
            while let Some(page) = sweep.next(db).await? {
                resettle::note(db, after, &mut tally, &page).await?;
                progress.looked_at(tally.records()).await?;
            }
        }
        PolicyKind::Matching => drop(regroup::foresee(db, [before, after], &mut tally, progress).await?),
        PolicyKind::Conflict => {
            verdicts = Some(conflicts::dry_run::foresee(db, &after.policies.conflict, progress).await?);
        }
        PolicyKind::Distribution => {
            rankings =
                Some(distribution::dry_run::foresee(db, &after.policies.distribution, progress).await?);
        }
        // Windows hold for what happens from now on.
        PolicyKind::Lifecycle => {}
    }
    let (findings, examples) = tally.finish();
    Ok((Findings { verdicts, rankings, ..findings }, examples))
}

/// Changes what the rules of the second engine change of what those of the first have made, for the person `by`.
pub(super) async fn apply(
    db: &impl ConnectionTrait,
    [before, after]: [&Engine; 2],
    kind: PolicyKind,
    (now, by): (DateTime<Utc>, &str),
) -> Result<Findings> {
    let mut tally = Tally::new(&before.policies, &after.policies);
    match kind {
        PolicyKind::Precedence => {
            let mut sweep = Sweep::by(after);
            while let Some(page) = sweep.next(db).await? {
                resettle::note(db, after, &mut tally, &page).await?;
                golden::service::serve_resettled(db, after, now, page).await?;
            }
        }
        PolicyKind::Matching => {
            let regrouped = regroup::foresee(db, [before, after], &mut tally, &mut Unwatched).await?;
            regrouped.apply(db, after, now, by).await?;
        }
        // Verdicts that were given and offers that were made stand, by the version that made them.
        PolicyKind::Conflict | PolicyKind::Distribution | PolicyKind::Lifecycle => {
            return Ok(foresee(db, [before, after], kind, &mut Unwatched).await?.0);
        }
    }
    Ok(tally.finish().0)
}
