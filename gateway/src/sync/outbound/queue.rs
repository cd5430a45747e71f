//! What enters the outbox: decided in the transaction that settles a golden record.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::sources::{SourceKey, SourceSystem};
use domain::sync::{OutboundOperation, OutboundState};
use entity::sync::outbound_change::Model;
use mastering::golden_record::GoldenRecord;
use mastering::survivorship::SourceFacts;
use mastering::write_back;
use sea_orm::ConnectionTrait;

use super::wanted::{Wanted, Wish};
use super::{creating, store};
use crate::error::Result;
use crate::golden::service::Engine;

/// A golden record as it is served from now on, and what its sources say.
pub(crate) struct Served<'a> {
    pub(crate) id: GoldenId,
    pub(crate) golden: &'a GoldenRecord,
    pub(crate) sources: Vec<SourceFacts<'a>>,
    /// The version of each source record, in the order of `sources`.
    pub(crate) stamps: Vec<DateTime<Utc>>,
}

/// What one record is to be told.
struct Due<'a> {
    target: &'a SourceKey,
    golden: GoldenId,
    wanted: Wanted,
    base: DateTime<Utc>,
}

/// Notes what systems are to be told of records that were settled, and forgets what they need not be told any more.
pub(crate) async fn follow(
    db: &impl ConnectionTrait,
    engine: &Engine,
    (kind, now): (RecordKind, DateTime<Utc>),
    served: &[Served<'_>],
) -> Result<()> {
    creating::follow(db, engine, (kind, now), served).await?;
    let due: Vec<Due<'_>> = served.iter().flat_map(|it| due(engine, it)).collect();
    if due.is_empty() || (due.iter().all(|it| it.wanted.is_empty()) && !store::is_any_open(db).await?) {
        return Ok(());
    }
    let keys: Vec<&SourceKey> = due.iter().map(|it| it.target).collect();
    let mut known = Known::of(store::about(db, &keys).await?);
    let mut plan = Plan::default();
    for it in due {
        plan.add(engine, (kind, now), it, known.take())?;
    }
    plan.carry_out(db, now).await
}

/// What each living record of another system is to be told; nothing, for most.
fn due<'a>(engine: &Engine, served: &'a Served<'a>) -> Vec<Due<'a>> {
    let policy = &engine.policies.precedence;
    let mut wanted: BTreeMap<&SourceKey, Wanted> = BTreeMap::new();
    for it in write_back::due(policy, served.golden, &served.sources) {
        let wish = Wish::served(it.value.map(str::to_owned), it.since);
        wanted.entry(it.target).or_default().0.insert(it.field, wish);
    }
    let is_told = |system: &SourceSystem| {
        *system != SourceSystem::own() && engine.creations.leaves_changeable(system, served.golden.kind())
    };
    let others = served.sources.iter().zip(&served.stamps).filter(|(it, _)| is_told(&it.key.system));
    let due = others.map(|(source, &base)| {
        let wanted = wanted.remove(source.key).unwrap_or_default();
        Due { target: source.key, golden: served.id, wanted, base }
    });
    due.collect()
}

/// What the outbox knows of records already.
#[derive(Default)]
struct Known {
    of: HashMap<SourceKey, OfRecord>,
}

#[derive(Default)]
struct OfRecord {
    waiting: Option<Model>,
    sending: Option<Model>,
    refused: BTreeSet<String>,
}

impl Known {
    fn of(rows: Vec<Model>) -> Self {
        let mut known = Self::default();
        for row in rows {
            let of = known.of.entry(store::key_of(&row)).or_default();
            match row.state {
                OutboundState::Pending | OutboundState::Held => of.waiting = Some(row),
                OutboundState::Sending => of.sending = Some(row),
                OutboundState::Refused => drop(of.refused.insert(row.key)),
                OutboundState::Accepted | OutboundState::Superseded => {}
            }
        }
        known
    }

    fn take(&mut self) -> &mut HashMap<SourceKey, OfRecord> {
        &mut self.of
    }
}

/// What is to be written to the outbox.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) fresh: Vec<Model>,
    pub(super) changed: Vec<Model>,
    pub(super) moot: Vec<Model>,
}

impl Plan {
    fn add(
        &mut self,
        engine: &Engine,
        (kind, now): (RecordKind, DateTime<Utc>),
        due: Due<'_>,
        known: &mut HashMap<SourceKey, OfRecord>,
    ) -> Result<()> {
        let OfRecord { waiting, sending, refused } = known.remove(due.target).unwrap_or_default();
        let mut wanted = due.wanted;
        if let Some(sending) = &sending {
            // It is on its way; should it be refused, the record is settled again.
            let on_its_way = Wanted::from_json(kind, &sending.values)?;
            wanted.0.retain(|field, wish| on_its_way.0.get(field).map(|it| &it.value) != Some(&wish.value));
        }
        if let Some(waiting) = &waiting {
            wanted.0.extend(Wanted::from_json(kind, &waiting.values)?.asked_for());
        }
        let key = wanted.key(due.target, due.base);
        match waiting {
            Some(row) if wanted.is_empty() => self.moot.push(row),
            Some(row) if row.key == key && row.golden_id == due.golden => {}
            Some(row) => self.changed.push(Model {
                golden_id: due.golden,
                values: wanted.to_json(),
                key,
                next_attempt_at: now,
                updated_at: now,
                ..row
            }),
            None if wanted.is_empty() || refused.contains(&key) => {}
            None => self.fresh.push(fresh(engine, (kind, now), due.target, due.golden, &wanted, key)),
        }
        Ok(())
    }

    pub(super) async fn carry_out(self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
        store::end(db, &self.moot, OutboundState::Superseded, now).await?;
        store::replace(db, self.changed).await?;
        store::insert(db, self.fresh).await
    }
}

/// A change of a record that waits for its turn.
pub(super) fn fresh(
    engine: &Engine,
    (kind, now): (RecordKind, DateTime<Utc>),
    target: &SourceKey,
    golden: GoldenId,
    wanted: &Wanted,
    key: String,
) -> Model {
    Model {
        id: engine.clock.new_id(),
        system: target.system.clone(),
        object: target.object.clone(),
        external_id: target.external_id.clone(),
        operation: OutboundOperation::Update,
        kind,
        golden_id: golden,
        values: wanted.to_json(),
        key,
        state: OutboundState::Pending,
        attempts: 0,
        conflicts: 0,
        next_attempt_at: now,
        leased_until: None,
        sent_at: None,
        ended_at: None,
        category: None,
        code: None,
        message: None,
        created_at: now,
        updated_at: now,
    }
}

/// Asks a system to have values that are not served before it has them: it is their master.
pub(super) async fn ask(
    db: &impl ConnectionTrait,
    engine: &Engine,
    (kind, now): (RecordKind, DateTime<Utc>),
    (target, base): (&SourceKey, DateTime<Utc>),
    (golden, asked): (GoldenId, &Wanted),
) -> Result<()> {
    let mut known = Known::of(store::about(db, &[target]).await?);
    let waiting = known.of.remove(target).and_then(|it| it.waiting);
    let mut wanted = match &waiting {
        Some(row) => Wanted::from_json(kind, &row.values)?,
        None => Wanted::default(),
    };
    wanted.0.extend(asked.0.clone());
    let key = wanted.key(target, base);
    match waiting {
        Some(row) => {
            let values = wanted.to_json();
            let row = Model { values, key, next_attempt_at: now, updated_at: now, ..row };
            store::replace(db, vec![row]).await
        }
        None => store::insert(db, vec![fresh(engine, (kind, now), target, golden, &wanted, key)]).await,
    }
}
