//! Taking in what a source says: facts, links, settled values, all in the caller's transaction.
//!
//! Everything is done for many records at once: the number of statements does not grow with the records of a page.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, PartnerId, SourceRecordId};
use domain::sources::{SourceKey, SourceRecord};
use sea_orm::ConnectionTrait;

use super::accounts_of_leads::Concerned;
use super::facts::{self, Fact, News};
use super::links::{self, Linked, Occasion};
use super::loader::RecordRef;
use super::matching::{self, Found};
use super::service::Engine;
use super::{accounts_of_leads, references, resolve, source_merges};
use crate::conflicts::service::Changed;
use crate::error::Result;
use crate::{conflicts, distribution, review};

/// What taking in some records did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Absorbed {
    /// Records that said something new.
    pub changed: u64,
    /// Records that said what we knew.
    pub unchanged: u64,
}

/// Takes in records of one kind.
pub(super) async fn absorb(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    records: Vec<SourceRecord>,
    now: DateTime<Utc>,
) -> Result<Absorbed> {
    let occasion = Occasion { kind, now };
    let read = records.len() as u64;
    let news = news(db, engine, records, now).await?;
    facts::store(db, &news).await?;
    let changed = news.len() as u64;
    settle(db, engine, occasion, &news).await?;
    Ok(Absorbed { changed, unchanged: read - changed })
}

/// Groups and settles what records say that is new, which is stored already.
pub(super) async fn settle(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    news: &[News],
) -> Result<()> {
    settle_beside(db, engine, occasion, news, &[]).await
}

/// The same, and groups these records as well, of which something was said.
pub(super) async fn settle_beside(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    news: &[News],
    beside: &[SourceRecordId],
) -> Result<()> {
    if news.is_empty() && beside.is_empty() {
        return Ok(());
    }
    let facts: Vec<Fact> = news.iter().map(|it| it.fact.clone()).collect();
    let found = matching::find(db, engine, occasion, facts.clone()).await?;
    let new: BTreeSet<SourceRecordId> = facts.iter().map(|it| it.row.id).collect();
    let mut seeds = facts::by_ids(db, beside).await?;
    seeds.retain(|it| !new.contains(&it.row.id));
    seeds.extend(facts);
    let linked = links::link(db, engine, occasion, (seeds, found), links::AUTO).await?;
    links::follow_states(db, news).await?;
    resolve::serve(db, engine, occasion, news, &linked).await?;
    resolve::complete(db, occasion, news, &linked).await?;
    follow(db, engine, occasion, news, &linked).await?;
    source_merges::follow(db, engine, occasion, news).await?;
    review::service::weigh(db, occasion.now).await
}

/// Takes in what our own system says of a golden record that exists; a partner, when its people entered it.
pub(super) async fn absorb_own(
    db: &impl ConnectionTrait,
    engine: &Engine,
    golden: RecordRef,
    (records, supplier): (Vec<SourceRecord>, Option<PartnerId>),
    now: DateTime<Utc>,
) -> Result<()> {
    let occasion = Occasion { kind: golden.kind, now };
    let news = news(db, engine, records, now).await?;
    let news: Vec<News> = news.into_iter().map(|it| it.supplied_by(supplier)).collect();
    facts::store(db, &news).await?;
    if news.is_empty() {
        return Ok(());
    }
    let linked = links::link_own(db, engine, occasion, &news, golden.id).await?;
    resolve::serve(db, engine, occasion, &news, &linked).await?;
    note_claims(db, engine, occasion, &linked).await
}

/// Groups everything that hangs together with these records anew, after people have said something about them, and
/// settles what came out differently.
pub(super) async fn regroup(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    records: &[SourceRecordId],
    by: &str,
) -> Result<Linked> {
    let linked = regroup_alone(db, engine, occasion, records, by).await?;
    follow(db, engine, occasion, &[], &linked).await?;
    review::service::weigh(db, occasion.now).await?;
    Ok(linked)
}

/// The same without what follows for records of other kinds.
pub(super) async fn regroup_alone(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    records: &[SourceRecordId],
    by: &str,
) -> Result<Linked> {
    let seeds = facts::by_ids(db, records).await?;
    regroup_found(db, engine, occasion, (seeds, Found::default()), by).await
}

/// The same, and compares these records anew: what is doubtful about them is asked again.
pub(super) async fn compare_anew(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    records: &[SourceRecordId],
    by: &str,
) -> Result<Linked> {
    let seeds = facts::by_ids(db, records).await?;
    let found = matching::find(db, engine, occasion, seeds.clone()).await?;
    regroup_found(db, engine, occasion, (seeds, found), by).await
}

async fn regroup_found(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    found: (Vec<Fact>, Found),
    by: &str,
) -> Result<Linked> {
    let linked = links::link(db, engine, occasion, found, by).await?;
    resolve::serve(db, engine, occasion, &[], &linked).await?;
    Ok(linked)
}

/// Compares records anew, and groups everything that hangs together with them.
async fn group_anew(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    facts: Vec<Fact>,
) -> Result<Linked> {
    let found = matching::find(db, engine, occasion, facts.clone()).await?;
    links::link(db, engine, occasion, (facts, found), links::AUTO).await
}

/// Lets what refers to the records follow them: rows by their references, leads by their company. People at an account
/// that is another one now are compared again, for where they work is evidence.
async fn follow(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    news: &[News],
    linked: &Linked,
) -> Result<()> {
    let moved = follow_references(db, occasion.kind, linked).await?;
    note_claims(db, engine, occasion, linked).await?;
    if occasion.kind != RecordKind::Account {
        return Ok(());
    }
    accounts_of_leads::link_again(db, engine, &concerned(linked), occasion.now).await?;
    let arrived = news.iter().filter(|it| it.is_first).map(|it| name(&it.fact));
    let names: Vec<String> = moved.into_iter().chain(arrived).collect();
    let people = references::contacts_at(db, &names).await?;
    let people = facts::members(db, &people).await?.into_iter().map(|it| it.1).collect::<Vec<_>>();
    if people.is_empty() {
        return Ok(());
    }
    let occasion = Occasion { kind: RecordKind::Contact, ..occasion };
    let facts = facts::by_ids(db, &people).await?;
    let linked = group_anew(db, engine, occasion, facts).await?;
    resolve::serve(db, engine, occasion, &[], &linked).await
}

/// Claims on what changed are judged again, and leads that came are offered, where that is done by itself.
async fn note_claims(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    linked: &Linked,
) -> Result<()> {
    let left = linked.moved.iter().flat_map(|it| [it.from, it.to]);
    let goldens: BTreeSet<GoldenId> = linked.affected.iter().copied().chain(left).collect();
    let policy = &engine.policies.distribution;
    if kind == RecordKind::Lead && (policy.offers_new_leads() || !linked.moved.is_empty()) {
        distribution::service::note_arrivals(db, policy, &goldens, now).await?;
    }
    let changed = Changed { kind, goldens, keys: &linked.keys, has_moved: !linked.moved.is_empty() };
    // On the heap: this is deep below whoever takes records in, and most stores have no claims.
    Box::pin(conflicts::service::note_changed(db, &engine.clock, &changed, now)).await
}

/// The leads that accounts may concern which came, went, changed or moved.
fn concerned(accounts: &Linked) -> Concerned {
    let mut keys = accounts_of_leads::keys_of(accounts.moved.iter().map(|it| &it.fact));
    keys.extend(&accounts.keys);
    Concerned::By { keys, left: accounts.moved.iter().map(|it| it.from).collect() }
}

/// Lets rows that refer to records that moved follow them; gives how they are referred to.
pub(super) async fn follow_references(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    linked: &Linked,
) -> Result<Vec<String>> {
    let moved: Vec<(String, GoldenId)> = linked.moved.iter().map(|it| (name(&it.fact), it.to)).collect();
    references::follow(db, kind, &moved).await?;
    Ok(moved.into_iter().map(|it| it.0).collect())
}

/// How rows refer to a record.
fn name(fact: &Fact) -> String {
    references::text(&fact.row.system, &fact.row.external_id)
}

/// What is new in these records. Of those that only were touched, the version is remembered.
async fn news(
    db: &impl ConnectionTrait,
    engine: &Engine,
    records: Vec<SourceRecord>,
    now: DateTime<Utc>,
) -> Result<Vec<News>> {
    let records = newest_of_each(records);
    let known = facts::known(db, &records).await?;
    let candidates: Vec<&SourceRecord> =
        records.iter().filter(|it| facts::may_be_news(it, known.get(&it.key))).collect();
    let mut news = Vec::new();
    if !candidates.is_empty() {
        let first = facts::take_sequence(db, candidates.len()).await?;
        news.extend(candidates.into_iter().zip(first..).filter_map(|(record, sequence)| {
            facts::news(&engine.clock, record, known.get(&record.key), (sequence, now))
        }));
    }
    let told: HashSet<&SourceKey> = news.iter().map(|it| &*it.fact.key).collect();
    let silent = records.iter().filter(|it| !told.contains(&it.key));
    let touched = silent.filter_map(|it| known.get(&it.key)?.touched_by(it)).collect();
    facts::touch(db, touched).await?;
    Ok(news)
}

/// One version of each record, in the order of (stamp, identity), whatever order they came in: a page may hold a
/// record twice, and its rows may be shuffled.
fn newest_of_each(records: Vec<SourceRecord>) -> Vec<SourceRecord> {
    let mut newest: BTreeMap<SourceKey, SourceRecord> = BTreeMap::new();
    for record in records {
        match newest.get(&record.key) {
            Some(known) if known.stamp > record.stamp => {}
            _ => drop(newest.insert(record.key.clone(), record)),
        }
    }
    let mut records: Vec<SourceRecord> = newest.into_values().collect();
    records.sort_by(|a, b| (a.stamp, &a.key).cmp(&(b.stamp, &b.key)));
    records
}
