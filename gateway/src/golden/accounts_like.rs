//! Which accounts a company may be that somebody describes: compared as the engine compares records, and nothing is kept.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::Values;
use entity::golden::match_key;
use mastering::matching::blocking::{self, BlockingKey};
use mastering::matching::compare;
use mastering::matching::features::Features;
use mastering::matching::hubs::Hubs;
use mastering::matching::verdict::{Band, Verdict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::facts;
use super::index::Index;
use super::matching;
use super::service::Engine;
use crate::error::Result;

/// Namesakes looked at of a company whose name very many share: enough to see that it is doubtful which one is meant.
const NAMESAKES: u64 = 50;

/// An account that a company may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLike {
    /// The account.
    pub golden: GoldenId,
    /// How alike they are.
    pub verdict: Verdict,
}

/// The accounts that a company may be, at least POSSIBLE, most alike first.
pub async fn accounts_like(
    db: &impl ConnectionTrait,
    engine: &Engine,
    company: &Values,
) -> Result<Vec<AccountLike>> {
    let features = Features::of(RecordKind::Account, company, None);
    let records = records_near(db, engine, &features).await?;
    let stored = facts::by_ids(db, &records.into_iter().collect::<Vec<_>>()).await?;
    let accounts = matching::prepare(db, RecordKind::Account, stored).await?;
    let policy = &engine.policies.matching;
    let mut best: BTreeMap<GoldenId, Verdict> = BTreeMap::new();
    for account in accounts.values() {
        let Some(golden) = account.fact.golden else { continue };
        let verdict = compare(policy, &Hubs::default(), &features, &account.features);
        let is_better = best.get(&golden).is_none_or(|it| it.weight < verdict.weight);
        if verdict.band >= Band::Possible && is_better {
            best.insert(golden, verdict);
        }
    }
    let mut alike: Vec<_> =
        best.into_iter().map(|(golden, verdict)| AccountLike { golden, verdict }).collect();
    alike.sort_by_key(|it| (Reverse((it.verdict.band, it.verdict.weight)), it.golden));
    Ok(alike)
}

/// The records that share a key with the company; of a name that very many share, some.
async fn records_near(
    db: &impl ConnectionTrait,
    engine: &Engine,
    features: &Features,
) -> Result<BTreeSet<SourceRecordId>> {
    let index = Index { db, policy: &engine.policies.matching, kind: RecordKind::Account };
    let blocks = index.open_blocks(blocking::company_keys(features), None).await?;
    let mut records: BTreeSet<SourceRecordId> = blocks.values().flatten().copied().collect();
    if let Some(name) = blocking::company_name_key(features).filter(|it| !blocks.contains_key(it)) {
        records.extend(namesakes(db, name).await?);
    }
    Ok(records)
}

async fn namesakes(db: &impl ConnectionTrait, name: BlockingKey) -> Result<Vec<SourceRecordId>> {
    use match_key::Column;
    let some = match_key::Entity::find()
        .select_only()
        .column(Column::SourceRecordId)
        .filter(Column::Key.eq(name.0))
        .filter(Column::Kind.eq(RecordKind::Account))
        .order_by_asc(Column::SourceRecordId)
        .limit(NAMESAKES);
    Ok(some.into_tuple().all(db).await?)
}
