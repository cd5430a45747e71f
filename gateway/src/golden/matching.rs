//! Which records look alike: pairs from the index, compared by the policy, and kept as candidates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::fields::{RecordKind, contact};
use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::match_candidate;
use mastering::matching::blocking::BlockingKey;
use mastering::matching::features::Features;
use mastering::matching::hubs::Hubs;
use mastering::matching::verdict::{Band, Verdict};
use mastering::policy::MatchingPolicy;
use rayon::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::accounts_ahead::AccountsAhead;
use super::facts::{self, Fact};
use super::index::{Index, Keyed};
use super::likeness::judge;
use super::links::Occasion;
use super::references;
use super::service::Engine;
use crate::error::{Error, Result};
use crate::platform::database::{insert_rows, lists};

/// Two records, the smaller id first.
pub(super) type Pair = (SourceRecordId, SourceRecordId);

/// Two records as a pair, whichever comes first.
pub(super) fn pair(a: SourceRecordId, b: SourceRecordId) -> Pair {
    if a <= b { (a, b) } else { (b, a) }
}

/// What comparing records anew brought.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Everything that was looked at, by id.
    pub(super) compared: BTreeMap<SourceRecordId, Compared>,
    /// Records whose pairs were all looked at.
    pub(super) renewed: BTreeSet<SourceRecordId>,
    /// Verdicts of those pairs that join, or that a person should look at.
    pub(super) verdicts: BTreeMap<Pair, Verdict>,
    /// Pairs that were candidates before and are none any more.
    pub(super) withdrawn: Vec<Pair>,
    /// Keys under which something has changed.
    pub(super) keys: BTreeSet<BlockingKey>,
}

/// A record as it is compared.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    pub(super) fact: Fact,
    pub(super) features: Features,
}

/// Compares records anew with each other and with all stored ones that share a key.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    facts: Vec<Fact>,
) -> Result<Found> {
    let kind = occasion.kind;
    if !facts::is_matched(kind) {
        return Ok(Found::default());
    }
    let policy = &engine.policies.matching;
    let is_known: BTreeMap<SourceRecordId, bool> =
        facts.iter().map(|it| (it.row.id, it.golden.is_some())).collect();
    let mut compared = prepare(db, kind, facts).await?;
    let keyed = |(&id, &is_known)| Keyed::of(id, is_known, compared.get(&id).map(|it| &it.features));
    let keyed: Vec<Keyed> = is_known.iter().map(keyed).collect();
    let index = Index { db, policy, kind };
    let renewal = index.renew(&keyed).await?;
    let in_pairs = renewal.pairs.iter().flat_map(|it| [it.0, it.1]).chain(renewal.records.iter().copied());
    let missing: BTreeSet<_> = in_pairs.filter(|it| !is_known.contains_key(it)).collect();
    let stored = facts::by_ids(db, &missing.into_iter().collect::<Vec<_>>()).await?;
    compared.extend(prepare(db, kind, stored).await?);
    let hubs = match renewal.pairs.is_empty() {
        true => Hubs::default(),
        false => {
            index.hubs(renewal.records.iter().filter_map(|it| Some(&compared.get(it)?.features))).await?
        }
    };
    let verdicts = judge_all(policy, &hubs, &compared, &renewal.pairs);
    let is_stored = |it: &SourceRecordId| is_known.get(it).copied().unwrap_or(true);
    let looked_at: Vec<_> = renewal.records.iter().copied().filter(is_stored).collect();
    let before = candidates_of(db, &looked_at).await?;
    let withdrawn = before.keys().filter(|it| !verdicts.contains_key(it)).copied().collect();
    let found = Found { compared, renewed: renewal.records, verdicts, withdrawn, keys: renewal.keys };
    store(db, engine, occasion, &found, &before).await?;
    Ok(found)
}

fn judge_all(
    policy: &MatchingPolicy,
    hubs: &Hubs,
    compared: &BTreeMap<SourceRecordId, Compared>,
    pairs: &BTreeSet<Pair>,
) -> BTreeMap<Pair, Verdict> {
    tokio::task::block_in_place(|| {
        let pairs: Vec<Pair> = pairs.iter().copied().collect();
        let judged = pairs.into_par_iter().filter_map(|pair| {
            let (a, b) = (compared.get(&pair.0)?, compared.get(&pair.1)?);
            Some((pair, judge(policy, hubs, a, b)))
        });
        judged.filter(|(_, verdict)| verdict.band >= Band::Review).collect()
    })
}

/// The features of records that exist and take part in matching.
pub(super) async fn prepare(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    facts: Vec<Fact>,
) -> Result<BTreeMap<SourceRecordId, Compared>> {
    prepare_ahead(db, kind, facts, &AccountsAhead::default()).await
}

/// The same with accounts as they will be.
pub(super) async fn prepare_ahead(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    mut facts: Vec<Fact>,
    ahead: &AccountsAhead,
) -> Result<BTreeMap<SourceRecordId, Compared>> {
    facts.retain(Fact::is_matchable);
    with_features(db, kind, facts, ahead).await
}

/// The same for records that may take no part.
pub(super) async fn with_features(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    facts: Vec<Fact>,
    ahead: &AccountsAhead,
) -> Result<BTreeMap<SourceRecordId, Compared>> {
    let accounts = match kind {
        RecordKind::Contact => employers(db, &facts, ahead).await?,
        _ => HashMap::new(),
    };
    Ok(tokio::task::block_in_place(|| {
        let compared = facts.into_par_iter();
        compared
            .map(|fact| {
                let account = accounts.get(&fact.row.id).copied();
                let features = Features::of(kind, &fact.states.values(), account);
                (fact.row.id, Compared { fact, features })
            })
            .collect()
    }))
}

/// The accounts that contacts refer to.
async fn employers(
    db: &impl ConnectionTrait,
    facts: &[Fact],
    ahead: &AccountsAhead,
) -> Result<HashMap<SourceRecordId, GoldenId>> {
    let mut by_system: BTreeMap<_, Vec<(&str, SourceRecordId)>> = BTreeMap::new();
    for fact in facts {
        if let Some(account) = fact.states.get(contact::account).and_then(|it| it.value.as_deref()) {
            by_system.entry(fact.row.system.clone()).or_default().push((account, fact.row.id));
        }
    }
    let mut employers = HashMap::new();
    for (system, wanted) in by_system {
        let accounts: Vec<&str> = wanted.iter().map(|(account, _)| *account).collect();
        let found = references::targets(db, RecordKind::Account, &system, &accounts).await?;
        let golden = |account| Some(ahead.behind(&system, account, *found.get(account)?));
        employers.extend(wanted.iter().filter_map(|(account, id)| Some((*id, golden(*account)?))));
    }
    Ok(employers)
}

/// The stored candidates that one of these records is in.
pub(super) async fn candidates_of(
    db: &impl ConnectionTrait,
    records: &[SourceRecordId],
) -> Result<BTreeMap<Pair, match_candidate::Model>> {
    use match_candidate::Column;
    let mut candidates = BTreeMap::new();
    for list in lists(db, records) {
        let left = list.holds(Column::LeftRecordId);
        let right = list.holds(Column::RightRecordId);
        let rows = match_candidate::Entity::find().filter(left.or(right)).all(db).await?;
        candidates.extend(rows.into_iter().map(|it| ((it.left_record_id, it.right_record_id), it)));
    }
    Ok(candidates)
}

/// What a stored candidate was found to be.
pub(super) fn verdict(candidate: &match_candidate::Model) -> Result<Verdict> {
    serde_json::from_str(&candidate.verdict).map_err(Error::internal)
}

/// Makes the stored candidates those that were found; what stays the same is not written again.
async fn store(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    found: &Found,
    before: &BTreeMap<Pair, match_candidate::Model>,
) -> Result<()> {
    let is_news = |it: &match_candidate::Model| {
        let known = before.get(&(it.left_record_id, it.right_record_id));
        known.is_none_or(|known| (&known.verdict, &known.policy_version) != (&it.verdict, &it.policy_version))
    };
    let rows: Vec<_> = found
        .verdicts
        .iter()
        .map(|(pair, verdict)| row(engine, occasion, *pair, verdict))
        .filter(is_news)
        .collect();
    let replaced = rows.iter().map(|it| (it.left_record_id, it.right_record_id));
    let replaced = replaced.filter(|it| before.contains_key(it)).chain(found.withdrawn.iter().copied());
    forget(db, &replaced.collect::<Vec<_>>()).await?;
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    Ok(insert_rows::<match_candidate::Entity, _>(db, rows, None).await?)
}

/// A candidate as it is stored.
pub(super) fn row(
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    (left_record_id, right_record_id): Pair,
    verdict: &Verdict,
) -> match_candidate::Model {
    match_candidate::Model {
        left_record_id,
        right_record_id,
        kind,
        score: verdict.score.into(),
        weight: verdict.weight,
        band: verdict.band.code().to_owned(),
        verdict: json!(verdict).to_string(),
        policy_version: engine.policies.matching.version().to_owned(),
        found_at: now,
    }
}

async fn forget(db: &impl ConnectionTrait, pairs: &[Pair]) -> Result<()> {
    use match_candidate::Column;
    // SQLite walks down one level per alternative, and allows a thousand.
    for chunk in pairs.chunks(300) {
        let each = chunk.iter().map(|it| Column::LeftRecordId.eq(it.0).and(Column::RightRecordId.eq(it.1)));
        let any = each.fold(sea_orm::Condition::any(), sea_orm::Condition::add);
        match_candidate::Entity::delete_many().filter(any).exec(db).await?;
    }
    Ok(())
}
