//! Writing many records with few requests: sObject Collections, 200 records in each.
//!
//! Here: preconditions, grouping, sending, retrying locked rows, reading back. Collections take no condition per
//! record, so the stamps of a whole batch are read in one request before it is sent, and what moved is refused. The
//! window left open lasts from that request to the record's own one: usually well under a second. What was
//! written is read back, so that the caller sees what the CRM made of it.
//! Not here: one record on a real condition (`single`), what is written and when (the gateway).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use reqwest::Method;

use super::super::Salesforce;
use super::super::client::Call;
use super::super::error::Intent;
use super::answer::{Outcome, Stored, outcomes, stored};
use super::prepare::{Prepared, Verb};
use super::refusal;
use crate::connector::{RecordWrite, WriteRefusal, Written};
use crate::error::ConnectorError;

/// Records in one request that writes.
const MOST_WRITTEN: usize = 200;
/// Records in one request that reads by id.
pub(super) const MOST_READ: usize = 2_000;

/// What became of each write so far, by its place in the batch.
pub(super) type Results = BTreeMap<usize, Result<Written, WriteRefusal>>;

impl Salesforce {
    /// Writes all of them; each has its own result, in the order given.
    pub(in super::super) async fn write_all(
        &self,
        writes: &[RecordWrite],
    ) -> Vec<Result<Written, WriteRefusal>> {
        let mut results = Results::new();
        let mut ready = Vec::new();
        for (place, write) in writes.iter().enumerate() {
            match self.prepare(place, write).await {
                Ok(prepared) => ready.push(prepared),
                Err(refused) => drop(results.insert(place, Err(refused))),
            }
        }
        let ready = self.unmoved(ready, &mut results).await;
        for chunk in chunks(ready) {
            self.send_chunk(chunk, &mut results).await;
        }
        self.read_back(writes, &mut results).await;
        results.into_values().collect()
    }

    /// Drops the updates whose records were changed since the caller read them.
    async fn unmoved(&self, ready: Vec<Prepared>, results: &mut Results) -> Vec<Prepared> {
        let mut conditional: BTreeMap<RecordKind, Vec<String>> = BTreeMap::new();
        for it in ready.iter().filter(|it| it.unmodified_since.is_some()) {
            conditional.entry(it.kind).or_default().extend(it.external_id.clone());
        }
        let mut present: HashMap<String, Result<Option<DateTime<Utc>>, WriteRefusal>> = HashMap::new();
        for (kind, ids) in conditional {
            for chunk in ids.chunks(MOST_READ) {
                match self.retrieve(kind, chunk, &BTreeSet::new()).await {
                    Ok(found) => present.extend(
                        chunk
                            .iter()
                            .cloned()
                            .zip(found.into_iter().map(|it| Ok(it.and_then(|it| it.modified_at)))),
                    ),
                    Err(error) => {
                        let refused = refusal::of_failure(&error, Intent::Read);
                        present.extend(chunk.iter().map(|it| (it.clone(), Err(refused.clone()))));
                    }
                }
            }
        }
        let mut unmoved = Vec::with_capacity(ready.len());
        for it in ready {
            match precondition(&it, &present) {
                Ok(()) => unmoved.push(it),
                Err(refused) => drop(results.insert(it.place, Err(refused))),
            }
        }
        unmoved
    }

    /// Sends one chunk; rows that somebody else keeps locked are sent again after a pause.
    async fn send_chunk(&self, mut chunk: Vec<Prepared>, results: &mut Results) {
        let mut backoff = self.client.backoff();
        loop {
            let (server_time, outcomes) = match self.send(&chunk).await {
                Ok(answered) => answered,
                Err(error) => {
                    let refused = refusal::of_failure(&error, chunk[0].verb.intent());
                    results.extend(chunk.iter().map(|it| (it.place, Err(refused.clone()))));
                    return;
                }
            };
            let mut locked = Vec::new();
            for (sent, outcome) in chunk.into_iter().zip(outcomes) {
                match outcome {
                    Outcome::Refused(refused) if refusal::is_locked(&refused) => {
                        results.insert(sent.place, Err(refused));
                        locked.push(sent);
                    }
                    Outcome::Refused(refused) => drop(results.insert(sent.place, Err(refused))),
                    Outcome::Done { id, is_created } => {
                        results.insert(sent.place, Ok(Written::of(id, is_created, server_time)));
                    }
                }
            }
            if locked.is_empty() {
                return;
            }
            let subject = format!("{} records", locked.len());
            if backoff.after(ConnectorError::Locked { subject }).await.is_err() {
                return;
            }
            chunk = locked;
        }
    }

    async fn send(&self, chunk: &[Prepared]) -> Result<(DateTime<Utc>, Vec<Outcome>), ConnectorError> {
        let (verb, kind, count) = (&chunk[0].verb, chunk[0].kind, chunk.len());
        let is_create = *verb == Verb::Create;
        let mapping = self.mapped(kind)?;
        let (method, path) = match verb {
            Verb::Create => (Method::POST, "/composite/sobjects".to_owned()),
            Verb::Update => (Method::PATCH, "/composite/sobjects".to_owned()),
            Verb::Upsert(field) => (Method::PATCH, format!("/composite/sobjects/{}/{field}", mapping.object)),
        };
        let records = chunk.iter().map(|it| it.body.as_str()).collect::<Vec<_>>().join(",");
        let body = format!(r#"{{"allOrNone":false,"records":[{records}]}}"#);
        let mut call = Call::change(method, self.client.path(&path), mapping.object.as_str(), body);
        call.intent = verb.intent();
        self.client
            .call(&call, move |answer| Ok((answer.server_time()?, outcomes(answer, count, is_create)?)))
            .await
    }

    /// Notes on each success what the CRM stored. A write stands even if that cannot be read.
    async fn read_back(&self, writes: &[RecordWrite], results: &mut Results) {
        self.read_made(writes, results).await;
        let mut wanted: BTreeMap<RecordKind, (Vec<usize>, BTreeSet<String>)> = BTreeMap::new();
        for (&place, _) in results.iter().filter(|(_, it)| it.as_ref().is_ok_and(|it| it.record.is_none())) {
            let write = &writes[place];
            let (places, fields) = wanted.entry(write.kind).or_default();
            places.push(place);
            if let Some(mapping) = self.mapping.of(write.kind) {
                let written = write.values.iter().filter_map(|(field, _)| mapping.field(field));
                fields.extend(written.flat_map(|it| it.own_fields().map(str::to_owned)));
            }
        }
        for (kind, (places, fields)) in wanted {
            for places in places.chunks(MOST_READ) {
                let id = |place: &usize| {
                    results[place].as_ref().map(|it| it.external_id.clone()).unwrap_or_default()
                };
                let ids: Vec<String> = places.iter().map(id).collect();
                match self.retrieve(kind, &ids, &fields).await {
                    Ok(found) => places.iter().zip(found).for_each(|(place, found)| {
                        if let (Some(Ok(written)), Some(found)) = (results.get_mut(place), found) {
                            found.note_on(written, &writes[*place].values);
                        }
                    }),
                    Err(error) => tracing::warn!(%error, "written, but what was stored could not be read"),
                }
            }
        }
    }

    /// Records by id in the order asked for; `None` in the place of a missing one.
    async fn retrieve(
        &self,
        kind: RecordKind,
        ids: &[String],
        fields: &BTreeSet<String>,
    ) -> Result<Vec<Option<Stored>>, ConnectorError> {
        let mapping = self.mapped(kind)?.clone();
        let mut names = vec!["Id", "SystemModstamp", "LastModifiedDate"];
        names.extend(fields.iter().map(String::as_str));
        let question = serde_json::json!({"ids": ids, "fields": names});
        let path = self.client.path(&format!("/composite/sobjects/{}", mapping.object));
        let call = Call::question(path, mapping.object.as_str(), &question);
        let count = ids.len();
        self.client.call(&call, move |answer| stored(answer, count, &mapping)).await
    }
}

/// Refuses an update whose record is gone or was changed since. Stamps have whole seconds.
fn precondition(
    write: &Prepared,
    present: &HashMap<String, Result<Option<DateTime<Utc>>, WriteRefusal>>,
) -> Result<(), WriteRefusal> {
    let (Some(since), Some(id)) = (write.unmodified_since, &write.external_id) else { return Ok(()) };
    match present.get(id) {
        Some(Ok(Some(modified_at))) if *modified_at <= since => Ok(()),
        Some(Ok(Some(_))) => Err(refusal::moved()),
        Some(Err(refused)) => Err(refused.clone()),
        Some(Ok(None)) | None => Err(refusal::gone()),
    }
}

/// What goes out together: one verb, one kind, each record once, rows that share a parent side by side, so that two
/// requests seldom want the same lock.
fn chunks(ready: Vec<Prepared>) -> Vec<Vec<Prepared>> {
    let mut groups: Vec<Vec<Prepared>> = Vec::new();
    for it in ready {
        match groups.iter_mut().find(|group| group[0].kind == it.kind && group[0].verb == it.verb) {
            Some(group) => group.push(it),
            None => groups.push(vec![it]),
        }
    }
    groups.into_iter().flat_map(cut).collect()
}

/// A record that comes twice in one request is refused: its later changes go out later, in their order.
fn cut(group: Vec<Prepared>) -> Vec<Vec<Prepared>> {
    let mut met: HashMap<String, usize> = HashMap::new();
    let mut rounds: Vec<Vec<Prepared>> = Vec::new();
    for it in group {
        let round = it.identity().map_or(0, |identity| {
            let times = met.entry(identity.to_owned()).or_default();
            *times += 1;
            *times - 1
        });
        if rounds.len() <= round {
            rounds.resize_with(round + 1, Vec::new);
        }
        rounds[round].push(it);
    }
    let mut chunks = Vec::new();
    for mut round in rounds {
        round.sort_by(|a, b| a.parent.cmp(&b.parent));
        while round.len() > MOST_WRITTEN {
            let rest = round.split_off(MOST_WRITTEN);
            chunks.push(std::mem::replace(&mut round, rest));
        }
        chunks.push(round);
    }
    chunks
}
