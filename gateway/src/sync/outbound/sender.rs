//! Sending what waits: some at a time, each batch taken in one transaction and ended in another.
//!
//! A sender may die at any instant. What it had on its way is asked about when its lease has ended: the record itself says
//! whether the change arrived. Two senders never have the same change, nor two changes of one record.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Connector, ConnectorError, Page, RecordChange, RecordWrite, WriteTarget};
use domain::fields::RecordKind;
use domain::sources::SourceKey;
use entity::sync::outbound_change::Model;

use super::answers::{self, Outcome, Refusal};
use super::wanted::Wanted;
use super::{breaker, creating, outcome, store};
use crate::error::{Error, Result};
use crate::golden;
use crate::golden::service::{Mastering, wait_for_turn};
use crate::platform::cache::Cache;
use crate::platform::database::Database;
use crate::review;
use crate::sync::page::take_in;
use crate::sync::run::SyncFailure;

/// Changes that are on their way at once.
pub(super) const BATCH: u64 = 1_000;
/// Changes that are worth a request each, for the sake of a condition that leaves no gap.
const FEW: usize = 10;
/// How long a sender has for a batch, before another one asks what became of it.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Sends to one system.
#[derive(Clone)]
pub struct Sender {
    /// Where the outbox is.
    pub database: Database,
    /// What becomes of what the system says.
    pub mastering: Mastering,
    /// Where listeners are told of it.
    pub cache: Cache,
    /// The system.
    pub connector: Arc<dyn Connector>,
}

/// What became of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Sent {
    /// The system says what it was told.
    pub accepted: u64,
    /// It will not have them; each has an entry in the error log and a review task.
    pub refused: u64,
    /// To be tried again later.
    pub deferred: u64,
}

impl std::ops::AddAssign for Sent {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.deferred += other.deferred;
    }
}

impl Sender {
    /// Sends all that is due now. `seen` is told after each batch.
    ///
    /// # Errors
    /// When the system cannot be reached or does not let us in; what is due stays due.
    pub async fn send_all(&self, seen: &(dyn Fn(Sent) + Sync)) -> std::result::Result<Sent, SyncFailure> {
        let mut sent = Sent::default();
        sent += self.ask_what_became().await?;
        while let Some(batch) = self.take().await? {
            let (outcomes, stop) = self.tell(&batch).await;
            sent += self.note(batch, outcomes).await?;
            seen(sent);
            if let Some(error) = stop {
                return Err(error.into());
            }
        }
        if sent != Sent::default() {
            review::service::announce(&self.database, &self.cache, self.now()).await;
        }
        Ok(sent)
    }

    fn now(&self) -> DateTime<Utc> {
        self.mastering.clock.now()
    }

    /// Takes a batch: changes of one kind, with the version that each is to change, of the fields that the mapping writes.
    async fn take(&self) -> Result<Option<Batch>> {
        let now = self.now();
        let system = self.connector.system();
        let txn = self.database.begin_write().await?;
        wait_for_turn(&txn).await?;
        let due = store::due(&txn, system, now, BATCH).await?;
        let Some(kind) = due.first().map(|it| it.kind) else { return Ok(None) };
        let engine = self.mastering.engine(&txn).await?;
        let due = creating::still_due(&txn, &engine, (system, now), due).await?;
        let due = creating::with_references(&txn, due, now).await?;
        let rows = breaker::part(&txn, &engine, due, now).await?;
        let keys: Vec<SourceKey> = rows.iter().map(store::key_of).collect();
        let known = golden::service::known(&txn, &keys).await?;
        let (mut rows, mut moved) = (self.writable(rows)?, Vec::new());
        for row in std::mem::take(&mut rows) {
            let states = known.get(&store::key_of(&row)).map(|it| &*it.states);
            let wanted = Wanted::from_json(row.kind, &row.values)?;
            let has_moved = states.is_some_and(|it| wanted.has_moved(it));
            if has_moved { &mut moved } else { &mut rows }.push(row);
        }
        let refused = moved.len() as u64;
        outcome::refuse(&txn, &engine, moved, &Refusal::moved(), now).await?;
        store::lease(&txn, &mut rows, now, LEASE).await?;
        txn.commit().await?;
        let versions = known.into_iter().map(|(key, it)| (key, it.modified_at)).collect();
        Ok(Some(Batch { kind, rows, versions, refused }))
    }

    /// The changes without the fields that the mapping does not write: nobody shall think that they arrived.
    fn writable(&self, rows: Vec<Model>) -> Result<Vec<Model>> {
        let writable = |row: Model| {
            let mut wanted = Wanted::from_json(row.kind, &row.values)?;
            wanted.0.retain(|field, _| self.connector.writes(*field));
            let values = if wanted.is_empty() { row.values } else { wanted.to_json() };
            Ok(Model { values, ..row })
        };
        rows.into_iter().map(writable).collect()
    }

    /// Tells the system: few changes one by one, each on a condition of its own; many together, whose conditions are
    /// checked for all of them just before.
    async fn tell(&self, batch: &Batch) -> (Vec<Outcome>, Option<ConnectorError>) {
        let mut outcomes: Vec<Option<Outcome>> = batch.rows.iter().map(|_| None).collect();
        let mut changes = Vec::new();
        self.have_made(batch.kind, &batch.rows, &mut outcomes).await;
        for (place, row) in batch.rows.iter().enumerate().filter(|(_, it)| !store::is_create(it)) {
            match batch.change(row, &*self.connector) {
                Ok(change) => changes.push((place, change)),
                Err(outcome) => outcomes[place] = Some(outcome),
            }
        }
        let stop = match changes.len() > FEW {
            true => self.tell_together(changes, &mut outcomes).await,
            false => self.tell_one_by_one(changes, &mut outcomes).await,
        };
        (outcomes.into_iter().map(|it| it.unwrap_or(Outcome::NotSent)).collect(), stop)
    }

    /// Stops where going on is of no use; what comes after was not sent.
    async fn tell_one_by_one(
        &self,
        changes: Vec<(usize, RecordChange)>,
        outcomes: &mut [Option<Outcome>],
    ) -> Option<ConnectorError> {
        for (place, change) in changes {
            let (outcome, stop) = answers::of(self.connector.update(&change).await);
            outcomes[place] = Some(outcome);
            if stop.is_some() {
                return stop;
            }
        }
        None
    }

    async fn tell_together(
        &self,
        changes: Vec<(usize, RecordChange)>,
        outcomes: &mut [Option<Outcome>],
    ) -> Option<ConnectorError> {
        let (places, changes): (Vec<usize>, Vec<RecordChange>) = changes.into_iter().unzip();
        let write = |it: RecordChange| {
            let RecordChange { key, kind, values, unmodified_since } = it;
            let target = WriteTarget::Update { external_id: key.external_id, unmodified_since };
            RecordWrite { kind, target, values, parent: None }
        };
        let writes: Vec<RecordWrite> = changes.into_iter().map(write).collect();
        for (place, answer) in places.into_iter().zip(self.connector.write(&writes).await) {
            outcomes[place] = Some(answers::of_one(answer));
        }
        None
    }

    /// Notes what became of a batch, and reads again what somebody else changed meanwhile.
    async fn note(
        &self,
        Batch { kind, rows, refused, .. }: Batch,
        outcomes: Vec<Outcome>,
    ) -> std::result::Result<Sent, SyncFailure> {
        let overtaken: Vec<String> = rows
            .iter()
            .zip(&outcomes)
            .filter(|(_, it)| matches!(it, Outcome::Overtaken))
            .map(|(row, _)| row.external_id.clone())
            .collect();
        let mut sent = self.settle(kind, rows.into_iter().zip(outcomes).collect()).await?;
        sent.refused += refused;
        self.read_again(kind, &overtaken).await?;
        Ok(sent)
    }

    async fn settle(&self, kind: RecordKind, ended: Vec<(Model, Outcome)>) -> Result<Sent> {
        let now = self.now();
        let txn = self.database.begin_write().await?;
        wait_for_turn(&txn).await?;
        let engine = self.mastering.engine(&txn).await?;
        let sent = outcome::note(&txn, &engine, kind, ended, now).await?;
        txn.commit().await?;
        Ok(sent)
    }

    /// Reads records as they are now; what is due of them is decided anew by that.
    async fn read_again(&self, kind: RecordKind, ids: &[String]) -> std::result::Result<(), SyncFailure> {
        if ids.is_empty() {
            return Ok(());
        }
        let page = self.connector.fetch(kind, ids).await?;
        self.take_in(kind, page).await
    }

    async fn take_in(&self, kind: RecordKind, page: Page) -> std::result::Result<(), SyncFailure> {
        let records = page.records.into_iter().filter_map(std::result::Result::ok).collect();
        let txn = self.database.begin_write().await.map_err(Error::from)?;
        wait_for_turn(&txn).await?;
        let engine = self.mastering.engine(&txn).await?;
        take_in(&txn, &engine, (self.connector.system(), kind), records, self.now()).await?;
        Ok(txn.commit().await.map_err(Error::from)?)
    }

    /// Asks the records themselves about changes whose sender has died or whose answer was lost.
    async fn ask_what_became(&self) -> std::result::Result<Sent, SyncFailure> {
        let system = self.connector.system();
        let now = self.now();
        let mut lost = store::sending(self.database.read(), system).await?;
        lost.retain(|it| it.leased_until.is_none_or(|it| it <= now));
        let mut of_kind: BTreeMap<RecordKind, Vec<Model>> = BTreeMap::new();
        for row in lost {
            of_kind.entry(row.kind).or_default().push(row);
        }
        let mut sent = Sent::default();
        for (kind, rows) in of_kind {
            let (creates, updates): (Vec<&Model>, Vec<&Model>) =
                rows.iter().partition(|it| store::is_create(it));
            self.look_again(kind, &external_ids(&creates)).await?;
            self.read_again(kind, &external_ids(&updates)).await?;
            sent += self.release(&rows).await?;
        }
        Ok(sent)
    }

    /// Looks for records that were to be made, by our keys.
    async fn look_again(&self, kind: RecordKind, keys: &[String]) -> std::result::Result<(), SyncFailure> {
        if keys.is_empty() {
            return Ok(());
        }
        let page = self.connector.made_by_us(kind, keys).await?;
        self.take_in(kind, page).await
    }

    /// What has not arrived waits again.
    async fn release(&self, rows: &[Model]) -> Result<Sent> {
        let now = self.now();
        let txn = self.database.begin_write().await?;
        wait_for_turn(&txn).await?;
        let sent = outcome::release(&txn, rows, now).await?;
        txn.commit().await?;
        Ok(sent)
    }
}

fn external_ids(rows: &[&Model]) -> Vec<String> {
    rows.iter().map(|it| it.external_id.clone()).collect()
}

/// Changes that are sent together.
struct Batch {
    kind: RecordKind,
    rows: Vec<Model>,
    versions: BTreeMap<SourceKey, DateTime<Utc>>,
    /// Changes that were not sent, because somebody was faster in the system.
    refused: u64,
}

impl Batch {
    /// The change as the connector takes it, without what the mapping does not write.
    fn change(&self, row: &Model, connector: &dyn Connector) -> std::result::Result<RecordChange, Outcome> {
        let key = store::key_of(row);
        let wanted = Wanted::from_json(row.kind, &row.values).map_err(|_| Outcome::NotSent)?;
        let mut writable = wanted;
        writable.0.retain(|field, _| connector.writes(*field));
        if writable.is_empty() || !connector.writing(self.kind).updates() {
            return Err(Outcome::NotWritten);
        }
        let unmodified_since = self.versions.get(&key).copied();
        Ok(RecordChange { key, kind: self.kind, values: writable.values(), unmodified_since })
    }
}
