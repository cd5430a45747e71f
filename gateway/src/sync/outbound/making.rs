//! Having records made: many with few requests, each under our key.
//!
//! A system that knows the key already has made the record before: it is looked for by it, and has arrived. So is every record
//! whose answer was lost. Not here: what becomes of a record that has arrived (`arrival`).

use std::collections::BTreeMap;

use connectors::{RecordWrite, Remedy, WriteRefusal, WriteTarget, Writing, Written};
use domain::fields::RecordKind;
use domain::sources::SourceRecord;
use domain::sync::SyncErrorCategory;
use entity::sync::outbound_change::Model;

use super::answers::{self, Outcome, Refusal};
use super::sender::Sender;
use super::store;
use super::wanted::Wanted;

/// What became of each change of a batch so far.
type Outcomes = [Option<Outcome>];

impl Sender {
    /// Has the records of a batch made that are to be made.
    pub(super) async fn have_made(&self, kind: RecordKind, rows: &[Model], outcomes: &mut Outcomes) {
        let (mut places, mut writes) = (Vec::new(), Vec::new());
        for (place, row) in rows.iter().enumerate().filter(|(_, it)| store::is_create(it)) {
            match self.creation(kind, row) {
                Ok(write) => {
                    places.push(place);
                    writes.push(write);
                }
                Err(outcome) => outcomes[place] = Some(outcome),
            }
        }
        if writes.is_empty() {
            return;
        }
        let mut known = Vec::new();
        for (place, answer) in places.into_iter().zip(self.connector.write(&writes).await) {
            match answer {
                Ok(written) => outcomes[place] = Some(made(written)),
                Err(refused) if refused.category == SyncErrorCategory::DuplicateRule => {
                    known.push((place, rows[place].external_id.clone(), refused));
                }
                Err(refused) => outcomes[place] = Some(not_made(refused)),
            }
        }
        self.look_for(kind, known, outcomes).await;
    }

    /// The record as the connector takes it, without what the mapping does not write.
    fn creation(&self, kind: RecordKind, row: &Model) -> Result<RecordWrite, Outcome> {
        let mut wanted = Wanted::from_json(kind, &row.values).map_err(|_| Outcome::NotSent)?;
        wanted.0.retain(|field, _| self.connector.writes(*field));
        let key = row.external_id.clone();
        let target = match self.connector.writing(kind) {
            Writing::Upsert => WriteTarget::Upsert { key },
            Writing::CreateOnly => WriteTarget::Create { key: Some(key) },
            Writing::UpdateOnly => return Err(Outcome::NotWritten),
        };
        if wanted.is_empty() {
            return Err(Outcome::NotWritten);
        }
        Ok(RecordWrite { kind, target, values: wanted.values(), parent: None })
    }

    /// What the system takes for a duplicate may be the very record: made before, and the answer was lost.
    async fn look_for(
        &self,
        kind: RecordKind,
        known: Vec<(usize, String, WriteRefusal)>,
        outcomes: &mut Outcomes,
    ) {
        if known.is_empty() {
            return;
        }
        let keys: Vec<String> = known.iter().map(|it| it.1.clone()).collect();
        let found = match self.connector.made_by_us(kind, &keys).await {
            Ok(page) => page.records.into_iter().filter_map(Result::ok),
            Err(error) => {
                for (place, _, _) in known {
                    outcomes[place] = Some(Outcome::Unknown(Refusal::from(&error)));
                }
                return;
            }
        };
        let mut found: BTreeMap<String, SourceRecord> =
            found.filter_map(|it| Some((it.our_key.clone()?, it))).collect();
        for (place, key, refused) in known {
            outcomes[place] = Some(match found.remove(&key) {
                Some(record) => Outcome::Made(Box::new(record)),
                None => answers::of_one(Err(refused)),
            });
        }
    }
}

fn made(written: Written) -> Outcome {
    match written.record {
        Some(record) => Outcome::Made(record),
        None => Outcome::Unknown(Refusal::not_read_back()),
    }
}

/// Where the answer was lost nobody knows, and a second try could overwrite what somebody has changed since.
fn not_made(refused: WriteRefusal) -> Outcome {
    let is_lost =
        refused.category == SyncErrorCategory::Transport && matches!(refused.remedy, Remedy::Again(_));
    match is_lost {
        true => Outcome::Unknown(Refusal::from(refused)),
        false => answers::of_one(Err(refused)),
    }
}
