//! Which stored records may be the same as new ones: candidates from the index, compared by the policy.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::fields::{RecordKind, contact};
use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::match_key;
use mastering::matching::blocking::{self, BlockingKey};
use mastering::matching::clusters::Join;
use mastering::matching::features::Features;
use mastering::matching::hubs::Hubs;
use mastering::matching::verdict::{Band, Verdict};
use mastering::matching::{compare, compare_within_system};
use mastering::policy::MatchingPolicy;
use rayon::prelude::*;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::facts::{self, Fact, News};
use super::references;
use crate::error::Result;
use crate::platform::database::{chunk_size, insert_rows};

/// What comparing the new records brought.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Everything that was looked at, by id.
    pub(super) compared: BTreeMap<SourceRecordId, Compared>,
    /// Pairs that join automatically.
    pub(super) joins: Vec<Join<SourceRecordId>>,
    /// Verdicts of pairs that join, or that a person should look at.
    pub(super) verdicts: BTreeMap<(SourceRecordId, SourceRecordId), Verdict>,
}

/// A record as it is compared.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    pub(super) fact: Fact,
    pub(super) features: Features,
}

/// Compares new records with each other and with the stored ones that share a key.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    policy: &MatchingPolicy,
    kind: RecordKind,
    news: &[News],
) -> Result<Found> {
    if !facts::is_matched(kind) {
        return Ok(Found::default());
    }
    let fresh: Vec<Fact> = news.iter().map(|it| it.fact.clone()).collect();
    let mut compared = prepare(db, kind, fresh).await?;
    forget_keys(db, news).await?;
    let keys: Vec<_> = compared.iter().map(|(&id, it)| (id, blocking::keys(&it.features))).collect();
    let pairs = pairs(db, policy, kind, &keys).await?;
    store_keys(db, kind, &keys).await?;
    let missing: BTreeSet<_> =
        pairs.iter().flat_map(|it| [it.0, it.1]).filter(|it| !compared.contains_key(it)).collect();
    let stored = facts::by_ids(db, &missing.into_iter().collect::<Vec<_>>()).await?;
    compared.extend(prepare(db, kind, stored).await?);
    let verdicts: BTreeMap<_, _> = tokio::task::block_in_place(|| {
        let judged = pairs
            .par_iter()
            .filter_map(|&(a, b)| Some(((a, b), judge(policy, compared.get(&a)?, compared.get(&b)?))));
        judged.filter(|(_, verdict)| verdict.band >= Band::Review).collect()
    });
    let automatic = verdicts.iter().filter(|(_, it)| it.band == Band::Auto);
    let joins = automatic.map(|(&(a, b), it)| Join { a, b, weight: it.weight }).collect();
    Ok(Found { compared, joins, verdicts })
}

/// Two live records of one system were told apart by whoever keeps it; others were not.
fn judge(policy: &MatchingPolicy, a: &Compared, b: &Compared) -> Verdict {
    let is_same_system = a.fact.row.system == b.fact.row.system;
    let compare = if is_same_system { compare_within_system } else { compare };
    compare(policy, &Hubs::default(), &a.features, &b.features)
}

/// The features of records that exist.
pub(super) async fn prepare(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    facts: Vec<Fact>,
) -> Result<BTreeMap<SourceRecordId, Compared>> {
    let accounts = if kind == RecordKind::Contact { employers(db, &facts).await? } else { HashMap::new() };
    Ok(tokio::task::block_in_place(|| {
        let live = facts.into_par_iter().filter(Fact::is_live);
        live.map(|fact| {
            let account = accounts.get(&fact.row.id).copied();
            let features = Features::of(kind, &fact.states.values(), account);
            (fact.row.id, Compared { fact, features })
        })
        .collect()
    }))
}

/// The accounts that contacts refer to.
async fn employers(db: &impl ConnectionTrait, facts: &[Fact]) -> Result<HashMap<SourceRecordId, GoldenId>> {
    let mut by_system: BTreeMap<_, Vec<(&str, SourceRecordId)>> = BTreeMap::new();
    for fact in facts {
        if let Some(account) = fact.states.get(contact::account).and_then(|it| it.value.as_deref()) {
            by_system.entry(fact.row.system.clone()).or_default().push((account, fact.row.id));
        }
    }
    let mut employers = HashMap::new();
    for (system, wanted) in by_system {
        for chunk in wanted.chunks(chunk_size(1)) {
            let ids = chunk.iter().map(|(account, _)| *account);
            let found: HashMap<String, GoldenId> =
                references::targets(db, RecordKind::Account, &system, ids).await?.into_iter().collect();
            employers.extend(chunk.iter().filter_map(|(account, id)| Some((*id, *found.get(*account)?))));
        }
    }
    Ok(employers)
}

/// Takes the old keys of changed records out of the index.
async fn forget_keys(db: &impl ConnectionTrait, news: &[News]) -> Result<()> {
    let changed: Vec<_> = news.iter().filter(|it| !it.is_first).map(|it| it.fact.row.id).collect();
    for chunk in changed.chunks(chunk_size(1)) {
        let old = match_key::Column::SourceRecordId.is_in(chunk.iter().copied());
        match_key::Entity::delete_many().filter(old).exec(db).await?;
    }
    Ok(())
}

/// Puts the keys of new records into the index.
async fn store_keys(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    keys: &[(SourceRecordId, Vec<BlockingKey>)],
) -> Result<()> {
    let mut rows: Vec<match_key::Model> = keys
        .iter()
        .flat_map(|(id, keys)| {
            keys.iter().map(|key| match_key::Model { key: key.0, source_record_id: *id, kind })
        })
        .collect();
    // In the order of the index: neighbours are written together.
    rows.sort_unstable_by_key(|it| (it.key, it.source_record_id));
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    Ok(insert_rows::<match_key::Entity, _>(db, rows, None).await?)
}

/// The records of a kind under each key.
pub(super) async fn blocks(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    keys: impl IntoIterator<Item = BlockingKey>,
) -> Result<HashMap<i64, Vec<SourceRecordId>>> {
    let keys: BTreeSet<i64> = keys.into_iter().map(|it| it.0).collect();
    let keys: Vec<i64> = keys.into_iter().collect();
    let mut blocks: HashMap<i64, Vec<SourceRecordId>> = HashMap::new();
    for chunk in keys.chunks(chunk_size(1)) {
        let rows = match_key::Entity::find()
            .filter(match_key::Column::Key.is_in(chunk.iter().copied()))
            .filter(match_key::Column::Kind.eq(kind));
        for row in rows.all(db).await? {
            blocks.entry(row.key).or_default().push(row.source_record_id);
        }
    }
    Ok(blocks)
}

/// Pairs of a new record and another that share a key. A key that gathers too many says little, so only the first ones
/// under it are compared: that rule does not depend on how records are spread over pages. The new records are not in
/// the index yet.
async fn pairs(
    db: &impl ConnectionTrait,
    policy: &MatchingPolicy,
    kind: RecordKind,
    keys: &[(SourceRecordId, Vec<BlockingKey>)],
) -> Result<Vec<(SourceRecordId, SourceRecordId)>> {
    let mut blocks = blocks(db, kind, keys.iter().flat_map(|(_, keys)| keys.iter().copied())).await?;
    for (id, keys) in keys {
        for key in keys {
            blocks.entry(key.0).or_default().push(*id);
        }
    }
    for block in blocks.values_mut() {
        block.sort_unstable();
        block.dedup();
        block.truncate(policy.largest_block);
    }
    let mut pairs = BTreeSet::new();
    for (id, keys) in keys {
        let among_first = |it: &&Vec<SourceRecordId>| it.binary_search(id).is_ok();
        let met = keys.iter().filter_map(|key| blocks.get(&key.0)).filter(among_first);
        for other in met.flatten().filter(|other| *other != id) {
            pairs.insert((*id.min(other), *id.max(other)));
        }
    }
    Ok(pairs.into_iter().collect())
}
