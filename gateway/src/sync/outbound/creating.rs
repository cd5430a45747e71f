//! Records that a system lacks, on their way into it: what enters the outbox, and what has to be there first.
//!
//! Our key of a new record is the golden id with which it came up, and it stays so when that golden record loses a merge while
//! the record is on its way. A golden record that ever had a record there is never made again: that it is gone is an answer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::{FieldKind, RecordKind};
use domain::ids::{GoldenId, OutboundChangeId};
use domain::sources::{SourceKey, SourceSystem};
use domain::sync::{OutboundOperation, OutboundState};
use entity::sync::outbound_change::Model;
use mastering::creation::{Initial, initial};
use sea_orm::ConnectionTrait;

use super::creations::Made;
use super::queue::{Plan, Served, fresh};
use super::sender::BATCH;
use super::store;
use super::wanted::{Wanted, Wish};
use crate::error::Result;
use crate::golden;
use crate::golden::service::Engine;

/// How long a record waits for another one before it is looked at again, should nothing wake it before.
const WAIT: TimeDelta = TimeDelta::minutes(1);

/// Notes which records systems are to make for golden records that were settled, and forgets those that they need not make
/// any more.
pub(super) async fn follow(
    db: &impl ConnectionTrait,
    engine: &Engine,
    (kind, now): (RecordKind, DateTime<Utc>),
    served: &[Served<'_>],
) -> Result<()> {
    for (system, made) in engine.creations.of(kind) {
        let wanted = lacking(db, engine, (system, made), served).await?;
        let goldens: Vec<GoldenId> = served.iter().map(|it| it.id).collect();
        let mut known: BTreeMap<GoldenId, Vec<Model>> = BTreeMap::new();
        for row in store::creates_of(db, system, &goldens).await? {
            known.entry(row.golden_id).or_default().push(row);
        }
        let mut plan = Plan::default();
        for it in served {
            let wanted = wanted.get(&it.id).cloned().unwrap_or_default();
            let key = SourceKey {
                system: system.clone(),
                object: made.object.clone(),
                external_id: it.id.to_string(),
            };
            let rows = known.remove(&it.id).unwrap_or_default();
            plan.make(engine, (kind, now), (it.id, &key), (wanted, rows));
        }
        plan.carry_out(db, now).await?;
    }
    Ok(())
}

/// The golden records that never had a record in the system and are to have one, with what it is to say.
async fn lacking(
    db: &impl ConnectionTrait,
    engine: &Engine,
    (system, made): (&SourceSystem, &Made),
    served: &[Served<'_>],
) -> Result<BTreeMap<GoldenId, Wanted>> {
    let lacks = |it: &&Served<'_>| {
        it.sources.iter().any(|it| it.is_live) && it.sources.iter().all(|it| it.key.system != *system)
    };
    let begins = |it: &Served<'_>| {
        let values = initial(&engine.policies.precedence, it.golden, system, |it| made.fields.contains(&it));
        (it.id, Wanted(values.iter().map(|it| (it.field, wish(it))).collect()))
    };
    let mut wanted: BTreeMap<GoldenId, Wanted> = served.iter().filter(lacks).map(begins).collect();
    wanted.retain(|_, it| !it.is_empty());
    let candidates: Vec<GoldenId> = wanted.keys().copied().collect();
    for golden in golden::service::ever_in(db, system, &candidates).await? {
        wanted.remove(&golden);
    }
    Ok(wanted)
}

fn wish(initial: &Initial<'_>) -> Wish {
    let Some(from) = initial.refers_from else {
        return Wish::served(Some(initial.value.to_owned()), initial.since);
    };
    let object = match initial.field.kind() {
        FieldKind::Reference(kind) => <&str>::from(kind).to_owned(),
        _ => from.object.clone(),
    };
    let refers_to = SourceKey { system: from.system.clone(), object, external_id: initial.value.to_owned() };
    Wish { refers_to: Some(refers_to), ..Wish::served(None, initial.since) }
}

impl Plan {
    /// One golden record, and what the outbox knows of making it.
    fn make(
        &mut self,
        engine: &Engine,
        (kind, now): (RecordKind, DateTime<Utc>),
        (golden, key): (GoldenId, &SourceKey),
        (wanted, rows): (Wanted, Vec<Model>),
    ) {
        let is_on_its_way = rows.iter().any(|it| it.state == OutboundState::Sending);
        let hash = wanted.key(key, DateTime::UNIX_EPOCH);
        let is_refused = rows.iter().any(|it| it.state == OutboundState::Refused && it.key == hash);
        let waits = |it: &Model| matches!(it.state, OutboundState::Pending | OutboundState::Held);
        let mut waiting = rows.into_iter().filter(waits);
        let is_moot = wanted.is_empty() || is_on_its_way;
        let kept = if is_moot { None } else { waiting.next() };
        let is_new = kept.is_none() && !is_moot && !is_refused;
        self.moot.extend(waiting);
        match kept {
            Some(row) if row.key == hash => {}
            Some(row) => {
                let values = wanted.to_json();
                self.changed.push(Model { values, key: hash, next_attempt_at: now, updated_at: now, ..row });
            }
            None if is_new => {
                let row = fresh(engine, (kind, now), key, golden, &wanted, hash);
                self.fresh.push(Model { operation: OutboundOperation::Create, ..row });
            }
            None => {}
        }
    }
}

/// What is due of what seemed to be: records that were to be made may be there by now, say something else, or be no longer
/// wanted.
pub(super) async fn still_due(
    db: &impl ConnectionTrait,
    engine: &Engine,
    (system, now): (&SourceSystem, DateTime<Utc>),
    due: Vec<Model>,
) -> Result<Vec<Model>> {
    let creates: Vec<&Model> = due.iter().filter(|it| store::is_create(it)).collect();
    let Some(kind) = creates.first().map(|it| it.kind) else { return Ok(due) };
    let goldens: Vec<GoldenId> = creates.iter().map(|it| it.golden_id).collect();
    golden::service::tell_again(db, engine, kind, &goldens, now).await?;
    let known: BTreeSet<OutboundChangeId> = due.iter().map(|it| it.id).collect();
    let mut due = store::due(db, system, now, BATCH).await?;
    due.retain(|it| known.contains(&it.id));
    Ok(due)
}

/// Parts the records that can be made now from those that wait for others that are to be made first; the latter are put off.
/// References lead to what the system has.
pub(super) async fn with_references(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let (creates, mut ready): (Vec<Model>, Vec<Model>) = rows.into_iter().partition(store::is_create);
    let mut wanted = Vec::with_capacity(creates.len());
    for row in &creates {
        wanted.push(Wanted::from_json(row.kind, &row.values)?);
    }
    let Some(system) = creates.first().map(|it| it.system.clone()) else { return Ok(ready) };
    let there = There::of(db, &system, &wanted).await?;
    let mut put_off = Vec::new();
    for (row, mut wanted) in creates.into_iter().zip(wanted) {
        match there.find(row.golden_id, &mut wanted) {
            true => ready.push(Model { values: wanted.to_json(), ..row }),
            false => put_off.push(waiting(row, now)),
        }
    }
    store::replace(db, put_off).await?;
    Ok(ready)
}

fn waiting(row: Model, now: DateTime<Utc>) -> Model {
    Model {
        next_attempt_at: now + WAIT,
        code: Some(store::WAITS.to_owned()),
        message: Some("waits until the record that it refers to has been made there".to_owned()),
        updated_at: now,
        ..row
    }
}

/// What is known of the records that others refer to.
struct There {
    behind: BTreeMap<SourceKey, GoldenId>,
    ids: BTreeMap<GoldenId, String>,
    to_be_made: BTreeSet<GoldenId>,
}

impl There {
    async fn of(db: &impl ConnectionTrait, system: &SourceSystem, wanted: &[Wanted]) -> Result<Self> {
        let mut named: BTreeMap<RecordKind, BTreeSet<&SourceKey>> = BTreeMap::new();
        for (field, wish) in wanted.iter().flat_map(|it| &it.0) {
            if let (FieldKind::Reference(kind), Some(record)) = (field.kind(), &wish.refers_to) {
                named.entry(kind).or_default().insert(record);
            }
        }
        let mut behind = BTreeMap::new();
        for (kind, records) in named {
            behind.extend(golden::service::behind(db, kind, records).await?);
        }
        let goldens: Vec<GoldenId> = behind.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let ids = golden::service::ids_in(db, system, &goldens).await?;
        let to_be_made = store::creates_of(db, system, &goldens).await?;
        Ok(Self { behind, ids, to_be_made: to_be_made.into_iter().map(|it| it.golden_id).collect() })
    }

    /// Gives each reference the system's own id, as far as it has one; `false` when one of them is yet to come.
    fn find(&self, referring: GoldenId, wanted: &mut Wanted) -> bool {
        for wish in wanted.0.values_mut() {
            let Some(golden) = wish.refers_to.as_ref().and_then(|it| self.behind.get(it)) else { continue };
            wish.value = self.ids.get(golden).cloned();
            if wish.value.is_none() && *golden != referring && self.to_be_made.contains(golden) {
                return false;
            }
        }
        true
    }
}

/// What is to be made for golden records that lost a merge is to be made for their survivors.
pub(crate) async fn merged(
    db: &impl ConnectionTrait,
    engine: &Engine,
    merged: &[(GoldenId, GoldenId)],
) -> Result<()> {
    if engine.creations.is_empty() {
        return Ok(());
    }
    for (loser, survivor) in merged {
        store::make_for(db, *loser, *survivor).await?;
    }
    Ok(())
}

/// Golden records that are records of their own again are made for themselves again.
pub(crate) async fn restored(db: &impl ConnectionTrait, restored: &[GoldenId]) -> Result<()> {
    for golden in restored {
        store::make_for_itself(db, *golden).await?;
    }
    Ok(())
}
