//! A record that a system made for a golden record: it belongs to it for certain, not by looking alike.
//!
//! It says what we told it since that is served, and the rest since it was made. That it is one with a record of its golden
//! record is noted as a decision of our own, which every regrouping honours and a person may overrule.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::fields::Field;
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::{SourceKey, SourceRecord, Values};
use sea_orm::ConnectionTrait;

use super::content::impersonal;
use super::facts::{self, Fact};
use super::links::Occasion;
use super::matching::{Pair, pair};
use super::service::Engine;
use super::written::{self, Round, Saying};
use super::{absorb, decisions, redirects};
use crate::error::Result;

/// A record that a system made for us.
#[derive(Debug, Clone)]
pub struct Made {
    /// The record as it is there.
    pub record: SourceRecord,
    /// The golden record that it was made for; it may have lost a merge meanwhile.
    pub golden: GoldenId,
    /// What it says because we told it, each with since when that is served.
    pub values: BTreeMap<Field, (String, DateTime<Utc>)>,
}

/// Notes records of a kind that were made for us, joins them with their golden records, and settles what follows from it.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    made: &[Made],
) -> Result<()> {
    if made.is_empty() {
        return Ok(());
    }
    let keys: Vec<&SourceKey> = made.iter().map(|it| &it.record.key).collect();
    let known = facts::by_keys(db, &keys).await?;
    let known = known.into_iter().map(|it| ((*it.key).clone(), it)).collect();
    let erased = erased(db, occasion, made).await?;
    let sayings = made.iter().map(|it| saying(it, erased.get(&it.golden).copied())).collect();
    let news = written::say(db, engine, occasion.now, known, sayings).await?;
    let beside = join(db, engine, occasion, made).await?;
    absorb::settle_beside(db, engine, occasion, &news, &beside).await
}

/// Those of the golden records that these were made for whose person was erased meanwhile, with when.
async fn erased(
    db: &impl ConnectionTrait,
    Occasion { kind, .. }: Occasion,
    made: &[Made],
) -> Result<BTreeMap<GoldenId, DateTime<Utc>>> {
    if !kind.is_of_person() {
        return Ok(BTreeMap::new());
    }
    let goldens: BTreeSet<GoldenId> = made.iter().map(|it| it.golden).collect();
    let survivors = redirects::redirecting(db, kind, &goldens.iter().copied().collect::<Vec<_>>()).await?;
    let current = |it: &GoldenId| survivors.get(it).copied().unwrap_or(*it);
    let members = members(db, &goldens.iter().map(current).collect()).await?;
    let erased_at = |it: &GoldenId| members.get(&current(it))?.iter().find_map(|it| it.row.erased_at);
    Ok(goldens.iter().filter_map(|it| Some((*it, erased_at(it)?))).collect())
}

/// First what it was told, oldest first, then all that it says. Whether it was deleted since is for the page to tell.
fn saying(made: &Made, erased_at: Option<DateTime<Utc>>) -> Saying {
    let is_taken_in = |field: Field| erased_at.is_none() || !field.is_personal();
    let mut told: BTreeMap<DateTime<Utc>, Values> = BTreeMap::new();
    for (&field, (value, since)) in made.values.iter().filter(|(field, _)| is_taken_in(**field)) {
        told.entry(*since).or_default().put(field, Some(value.clone()));
    }
    let told = told.into_iter().map(|(since, values)| Round { since, values, is_echo: true });
    let values = match erased_at {
        Some(_) => impersonal(&made.record.values),
        None => made.record.values.clone(),
    };
    let all = Round { since: made.record.modified_at, values, is_echo: false };
    let record = SourceRecord { is_deleted: false, merged_into: None, ..made.record.clone() };
    let version = Some((record.stamp, record.modified_at));
    Saying { record, version, rounds: told.chain([all]).collect(), erased_at }
}

/// Notes that each record is one with one of its golden record. Gives those that are to be grouped with what is new.
async fn join(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    made: &[Made],
) -> Result<Vec<SourceRecordId>> {
    let goldens: Vec<GoldenId> = made.iter().map(|it| it.golden).collect();
    let survivors = redirects::redirecting(db, kind, &goldens).await?;
    let current = |it: &Made| survivors.get(&it.golden).copied().unwrap_or(it.golden);
    let members = members(db, &made.iter().map(current).collect::<BTreeSet<_>>()).await?;
    let keys: Vec<&SourceKey> = made.iter().map(|it| &it.record.key).collect();
    let facts = facts::by_keys(db, &keys).await?;
    let facts: BTreeMap<&SourceKey, &Fact> = facts.iter().map(|it| (&*it.key, it)).collect();
    let mut pairs: Vec<Pair> = Vec::new();
    let mut beside = BTreeSet::new();
    for it in made {
        let Some(fact) = facts.get(&it.record.key) else { continue };
        let others = members.get(&current(it)).into_iter().flatten();
        let Some(head) = head(others.filter(|it| it.row.id != fact.row.id)) else { continue };
        pairs.push(pair(head, fact.row.id));
        beside.insert(head);
        beside.extend(fact.golden.map(|_| fact.row.id));
    }
    decisions::note_made(db, &engine.clock, now, kind, &pairs).await?;
    Ok(beside.into_iter().collect())
}

/// The members of golden records that do not only follow them.
async fn members(
    db: &impl ConnectionTrait,
    goldens: &BTreeSet<GoldenId>,
) -> Result<BTreeMap<GoldenId, Vec<Fact>>> {
    let ids = facts::members(db, &goldens.iter().copied().collect::<Vec<_>>()).await?;
    let ids: Vec<SourceRecordId> = ids.into_iter().map(|it| it.1).collect();
    let mut members: BTreeMap<GoldenId, Vec<Fact>> = BTreeMap::new();
    for fact in facts::by_ids(db, &ids).await? {
        if let Some(golden) = fact.golden.filter(|_| !fact.is_note()) {
            members.entry(golden).or_default().push(fact);
        }
    }
    Ok(members)
}

/// The first of the records that live, else of all, in the order of their identity outside.
fn head<'a>(members: impl Iterator<Item = &'a Fact>) -> Option<SourceRecordId> {
    members.min_by_key(|it| (!it.is_live(), it.key.clone())).map(|it| it.row.id)
}
