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
    let known: BTreeMap<SourceKey, Fact> = known.into_iter().map(|it| ((*it.key).clone(), it)).collect();
    let sayings = written.iter().filter_map(|it| {
        let record = as_it_stands(kind, known.get(&it.key)?);
        Some(Saying { record, version: it.version, rounds: by_time(it), erased_at: None })
    });
    let sayings = sayings.collect();
    let news = say(db, engine, now, known, sayings).await?;
    absorb::settle(db, engine, Occasion { kind, now }, &news).await
}

/// What one record says, in several rounds.
pub(super) struct Saying {
    /// The record; its values and times are those of each round.
    pub(super) record: SourceRecord,
    /// The version that it has from then on; else it stays at the one it had.
    pub(super) version: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Oldest first. An observation has one time, so values of different times are as many observations.
    pub(super) rounds: Vec<Round>,
    /// When its person was erased, should that have been before it was known.
    pub(super) erased_at: Option<DateTime<Utc>>,
}

/// What a record says since one time.
pub(super) struct Round {
    pub(super) since: DateTime<Utc>,
    pub(super) values: Values,
    /// Whether we wrote it there.
    pub(super) is_echo: bool,
}

/// Writes down what records say, of which this much is known; gives what is new, once for each record.
pub(super) async fn say(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    mut known: BTreeMap<SourceKey, Fact>,
    sayings: Vec<Saying>,
) -> Result<Vec<News>> {
    let mut latest: BTreeMap<SourceKey, News> = BTreeMap::new();
    let most = sayings.iter().map(|it| it.rounds.len()).max().unwrap_or_default();
    for at in 0..most {
        let sequence = facts::take_sequence(db, sayings.len()).await?;
        let mut news = Vec::new();
        for (it, sequence) in sayings.iter().zip(sequence..) {
            let Some(round) = it.rounds.get(at) else { continue };
            let before = known.get(&it.record.key);
            let record =
                SourceRecord { modified_at: round.since, values: round.values.clone(), ..it.record.clone() };
            let Some(said) = facts::news(&engine.clock, &record, before, (sequence, now)) else { continue };
            let mut said = said.of_version(before, it.version);
            if let Some(at) = it.erased_at {
                said = said.of_erased(at);
            }
            if round.is_echo {
                said = said.echoed();
            }
            known.insert(it.record.key.clone(), said.fact.clone());
            news.push(said);
        }
        facts::store(db, &news).await?;
        for mut said in news {
            let key = (*said.fact.key).clone();
            said.is_first |= latest.get(&key).is_some_and(|it| it.is_first);
            latest.insert(key, said);
        }
    }
    Ok(latest.into_values().collect())
}

/// The values by their times, oldest first.
fn by_time(written: &Written) -> Vec<Round> {
    let mut groups: BTreeMap<DateTime<Utc>, Values> = BTreeMap::new();
    for (&field, (value, since)) in &written.values {
        groups.entry(*since).or_default().put(field, value.clone());
    }
    groups.into_iter().map(|(since, values)| Round { since, values, is_echo: true }).collect()
}

fn as_it_stands(kind: RecordKind, known: &Fact) -> SourceRecord {
    SourceRecord {
        key: (*known.key).clone(),
        kind,
        stamp: known.row.stamp,
        modified_at: known.row.modified_at,
        created_at: known.row.created_at,
        is_deleted: !known.is_live(),
        merged_into: known.row.merged_into.clone(),
        our_key: None,
        values: Values::new(),
    }
}
