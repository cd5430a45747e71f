//! What a system says because we wrote it there.
//!
//! It says so since the value is served, not since we wrote it: a value that travels does not become younger on its way,
//! and what comes back by the next page is no news.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::sources::{SourceKey, SourceRecord, Values};
use sea_orm::ConnectionTrait;

use super::absorb;
use super::facts::{self, Fact, News};
use super::links::Occasion;
use super::service::Engine;
use crate::error::Result;

/// What one record says now because we wrote it there.
#[derive(Debug, Clone)]
pub struct Written {
    /// The record.
    pub key: SourceKey,
    /// Its fields, each with the value and since when that is served.
    pub values: BTreeMap<Field, (Option<String>, DateTime<Utc>)>,
    /// The record's version after it was written: its system-modification stamp, and when it was modified.
    pub version: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Notes what records of a kind say now because we wrote it there, and settles what follows from it.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    written: &[Written],
) -> Result<()> {
    let keys: Vec<&SourceKey> = written.iter().map(|it| &it.key).collect();
    let known = facts::by_keys(db, &keys).await?;
    let mut known: BTreeMap<SourceKey, Fact> = known.into_iter().map(|it| ((*it.key).clone(), it)).collect();
    let mut latest: BTreeMap<SourceKey, News> = BTreeMap::new();
    // An observation has one time, so values of different times are as many observations.
    let mut rounds: Vec<Vec<(DateTime<Utc>, Values)>> = written.iter().map(by_time).collect();
    while rounds.iter().any(|it| !it.is_empty()) {
        let sequence = facts::take_sequence(db, written.len()).await?;
        let mut news = Vec::new();
        for ((it, round), sequence) in written.iter().zip(&mut rounds).zip(sequence..) {
            let (Some((since, values)), Some(before)) = (round.pop(), known.get(&it.key)) else { continue };
            let record = as_said(kind, before, since, values);
            if let Some(said) = facts::news(&engine.clock, &record, Some(before), (sequence, now)) {
                let said = said.echoed(before, it.version);
                known.insert(it.key.clone(), said.fact.clone());
                latest.insert(it.key.clone(), said.clone());
                news.push(said);
            }
        }
        facts::store(db, &news).await?;
    }
    let news: Vec<News> = latest.into_values().collect();
    absorb::settle(db, engine, Occasion { kind, now }, &news).await
}

/// The values by their times, latest first.
fn by_time(written: &Written) -> Vec<(DateTime<Utc>, Values)> {
    let mut groups: BTreeMap<DateTime<Utc>, Values> = BTreeMap::new();
    for (&field, (value, since)) in &written.values {
        groups.entry(*since).or_default().put(field, value.clone());
    }
    groups.into_iter().rev().collect()
}

fn as_said(kind: RecordKind, before: &Fact, since: DateTime<Utc>, values: Values) -> SourceRecord {
    SourceRecord {
        key: (*before.key).clone(),
        kind,
        stamp: before.row.stamp,
        modified_at: since,
        created_at: before.row.created_at,
        is_deleted: !before.is_live(),
        merged_into: before.row.merged_into.clone(),
        values,
    }
}
