//! Which leads would belong to another account once other rules are in force. Writes nothing.

use std::collections::BTreeSet;

use domain::fields::RecordKind;
use domain::ids::GoldenId;
use sea_orm::ConnectionTrait;

use super::accounts_ahead::AccountsAhead;
use super::accounts_of_leads::{self, LEADS};
use super::rebuild::Regrouping;
use super::resettle::Resettled;
use super::service::Engine;
use crate::error::Result;

/// How many of these records are leads that would belong to another account, served as they are settled.
pub(super) async fn of_settled(
    db: &impl ConnectionTrait,
    engine: &Engine,
    settled: impl Iterator<Item = &Resettled>,
    ahead: &AccountsAhead,
) -> Result<usize> {
    let leads = settled.filter(|it| it.record.kind == RecordKind::Lead);
    let leads: Vec<_> = leads.map(|it| (it.record.id, it.after())).collect();
    accounts_of_leads::elsewhere(db, engine, leads.into_iter(), ahead).await
}

/// How many other leads would belong to another account because accounts or the rules are others, apart from those that were
/// looked at.
pub(super) async fn of_concerned(
    db: &impl ConnectionTrait,
    engine: &Engine,
    leads: &Regrouping,
    seen: &BTreeSet<GoldenId>,
    ahead: &AccountsAhead,
) -> Result<usize> {
    let losers: BTreeSet<GoldenId> = leads.merges.iter().map(|it| it.0).collect();
    let mut concerned: Vec<GoldenId> = ahead.concerned().leads(db).await?.into_iter().collect();
    concerned.retain(|it| !seen.contains(it) && !losers.contains(it));
    let mut count = 0;
    for chunk in concerned.chunks(LEADS) {
        let settled = accounts_of_leads::settled(db, chunk).await?;
        let settled = settled.iter().map(|(id, golden)| (*id, golden));
        count += accounts_of_leads::elsewhere(db, engine, settled, ahead).await?;
    }
    Ok(count)
}
