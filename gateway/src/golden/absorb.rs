//! Taking in what a source says: facts, links, settled values, all in the caller's transaction.
//!
//! Everything is done for many records at once: the number of statements does not grow with the records of a page.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::sources::{SourceKey, SourceRecord};
use sea_orm::ConnectionTrait;

use super::facts::{self, News};
use super::links::{self, Linked, Occasion};
use super::loader::RecordRef;
use super::service::Engine;
use super::{matching, resolve};
use crate::error::Result;

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
    let news = store_news(db, engine, records, now).await?;
    if news.is_empty() {
        return Ok(Absorbed { changed: 0, unchanged: read });
    }
    let found = matching::find(db, &engine.policies.matching, kind, &news).await?;
    let linked = links::link(db, engine, occasion, &news, found).await?;
    serve(db, engine, occasion, &news, &linked).await?;
    let changed = news.len() as u64;
    Ok(Absorbed { changed, unchanged: read - changed })
}

/// Takes in what our own system says of a golden record that exists.
pub(super) async fn absorb_own(
    db: &impl ConnectionTrait,
    engine: &Engine,
    golden: RecordRef,
    records: Vec<SourceRecord>,
    now: DateTime<Utc>,
) -> Result<()> {
    let occasion = Occasion { kind: golden.kind, now };
    let news = store_news(db, engine, records, now).await?;
    if news.is_empty() {
        return Ok(());
    }
    let linked = links::link_own(db, engine, occasion, &news, golden.id).await?;
    serve(db, engine, occasion, &news, &linked).await
}

async fn serve(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    news: &[News],
    linked: &Linked,
) -> Result<()> {
    resolve::serve(db, engine, occasion, news, linked).await?;
    resolve::complete(db, engine, occasion, news, linked).await
}

/// Writes down what is new in these records.
async fn store_news(
    db: &impl ConnectionTrait,
    engine: &Engine,
    records: Vec<SourceRecord>,
    now: DateTime<Utc>,
) -> Result<Vec<News>> {
    let records = newest_of_each(records);
    let known = facts::known(db, &records).await?;
    let candidates: Vec<&SourceRecord> =
        records.iter().filter(|it| facts::may_be_news(it, known.get(&it.key))).collect();
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let first = facts::take_sequence(db, candidates.len()).await?;
    let news: Vec<News> = candidates
        .into_iter()
        .zip(first..)
        .filter_map(|(record, sequence)| {
            facts::news(&engine.clock, record, known.get(&record.key), (sequence, now))
        })
        .collect();
    facts::store(db, &news).await?;
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
