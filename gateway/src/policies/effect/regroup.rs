//! What a matching policy changes: which records are one, what is served then, and whom that is asked.
//!
//! All kinds are looked at before any is changed: a dry run cannot see what an earlier kind has become. Accounts come first,
//! and whoever hangs on them is looked at with accounts as they will be.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::review::ReviewKind;
use domain::sources::SourceKey;
use sea_orm::ConnectionTrait;

use super::Progress;
use super::tally::Tally;
use crate::error::Result;
use crate::golden::service::{self as golden, AccountsAhead, Engine, Regrouping};
use crate::review;
use crate::review::foresight::QueueChange;

/// What becomes of all kinds.
#[derive(Default)]
pub(super) struct Regrouped {
    kinds: Vec<(Regrouping, Vec<MootPair>)>,
    accounts: AccountsAhead,
}

/// A pair that nobody has to decide about any more.
type MootPair = [Arc<SourceKey>; 2];

/// What the rules of the second engine would change of what those of the first have made. Writes nothing.
pub(super) async fn foresee(
    db: &impl ConnectionTrait,
    [before, engine]: [&Engine; 2],
    tally: &mut Tally,
    progress: &mut impl Progress,
) -> Result<Regrouped> {
    let mut regrouped = Regrouped::default();
    for kind in golden::matched_kinds() {
        progress.looked_at(tally.records()).await?;
        let regrouping = golden::regrouped(db, engine, kind, &regrouped.accounts).await?;
        let seen = note(db, engine, (tally, progress), &regrouping, &regrouped.accounts).await?;
        let queue = review::foresight::matches(db, &regrouping).await?;
        tally.note_tasks(ReviewKind::Match, QueueChange { raised: queue.raised, closed: queue.closed.len() });
        tally.note_tasks(ReviewKind::SourceMerge, review::foresight::source_merges(db, &regrouping).await?);
        match kind {
            RecordKind::Account => {
                regrouped.accounts = golden::accounts_ahead(db, [before, engine], &regrouping).await?;
            }
            RecordKind::Lead => {
                let accounts = &regrouped.accounts;
                tally.note_leads(golden::relinked_beside(db, engine, &regrouping, &seen, accounts).await?);
            }
            RecordKind::Contact | RecordKind::Opportunity => {}
        }
        regrouped.kinds.push((regrouping, queue.closed));
    }
    tally.looked_at(golden::count(db).await?);
    Ok(regrouped)
}

/// Counts what a regrouping joins and parts, and what is served then. Gives the records that are written anew.
async fn note(
    db: &impl ConnectionTrait,
    engine: &Engine,
    (tally, progress): (&mut Tally, &mut impl Progress),
    regrouping: &Regrouping,
    accounts: &AccountsAhead,
) -> Result<BTreeSet<GoldenId>> {
    let kind = regrouping.kind;
    regrouping.merges.iter().for_each(|it| tally.note_merge(kind, *it));
    regrouping.splits.iter().for_each(|it| tally.note_split(kind, it.0));
    let (mut sayings, mut seen) = (regrouping.sayings(), BTreeSet::new());
    for page in regrouping.pages() {
        let settled = golden::resettled_by(db, engine, regrouping, page).await?;
        settled.iter().for_each(|it| tally.note(it));
        let written = || settled.iter().filter(|it| it.has_other_trace());
        tally.note_leads(golden::relinked(db, engine, written(), accounts).await?);
        seen.extend(written().map(|it| it.record.id));
        sayings.extend(settled.into_iter().flat_map(|it| it.sayings));
        progress.looked_at(tally.records()).await?;
    }
    for (task, change) in review::foresight::change(db, &sayings).await? {
        tally.note_tasks(task, change);
    }
    Ok(seen)
}

impl Regrouped {
    /// Does what was foreseen.
    pub(super) async fn apply(
        &self,
        db: &impl ConnectionTrait,
        engine: &Engine,
        now: DateTime<Utc>,
        by: &str,
    ) -> Result<()> {
        for (regrouping, moot) in &self.kinds {
            golden::regroup(db, engine, now, regrouping, by).await?;
            let kind = regrouping.kind;
            review::service::supersede_matches(db, &engine.clock, now, kind, moot).await?;
        }
        golden::link_leads_again(db, engine, now, &self.accounts).await
    }
}
