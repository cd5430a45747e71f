//! What becomes of a change that was sent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, OutboundChangeId};
use domain::review::ReviewKind;
use domain::sources::{SourceKey, SourceRecord};
use domain::sync::{OutboundState, SyncErrorCategory};
use entity::sync::outbound_change::Model;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::answers::{LONGEST_PAUSE, Outcome, Refusal};
use super::echo::{self, Arrived};
use super::sender::Sent;
use super::store;
use super::wanted::Wanted;
use crate::error::Result;
use crate::golden;
use crate::golden::service::Engine;
use crate::review;
use crate::review::service::Question;
use crate::sync::page::take_in;

/// How often somebody may change the record while we try, before a person is asked.
const CONFLICTS: i32 = 3;
/// The first pause after a failure; it doubles with each attempt.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// Notes what became of changes of a kind. Those that somebody else has noted meanwhile, because their lease had ended, are
/// passed over.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    ended: Vec<(Model, Outcome)>,
    now: DateTime<Utc>,
) -> Result<Sent> {
    let rows: Vec<&Model> = ended.iter().map(|it| &it.0).collect();
    let ours: BTreeSet<OutboundChangeId> =
        store::still_sending(db, &rows).await?.into_iter().map(|it| it.id).collect();
    let mut noted = Noted::default();
    for (row, outcome) in ended.into_iter().filter(|it| ours.contains(&it.0.id)) {
        noted.add(row, outcome, now)?;
    }
    let sent = noted.sent;
    requeue(db, noted.waiting, now).await?;
    let refused = noted.ended.iter().filter(|it| store::is_create(it) && it.state == OutboundState::Refused);
    let refused: Vec<GoldenId> = refused.map(|it| it.golden_id).collect();
    store::replace(db, noted.ended).await?;
    review::service::ask_all(db, &engine.clock, now, noted.questions).await?;
    if let Some(system) = noted.made.first().map(|it| it.key.system.clone()) {
        take_in(db, engine, (&system, kind), noted.made, now).await?;
    }
    // What changed while it was on its way may be taken.
    golden::service::tell_again(db, engine, kind, &refused, now).await?;
    echo::accept(db, engine, kind, &noted.accepted, now).await?;
    Ok(sent)
}

/// Refuses changes for a reason of ours, before they are sent.
pub(super) async fn refuse(
    db: &impl ConnectionTrait,
    engine: &Engine,
    rows: Vec<Model>,
    said: &Refusal,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut noted = Noted::default();
    for row in rows {
        noted.refuse(row, said.clone(), now)?;
    }
    store::replace(db, noted.ended).await?;
    review::service::ask_all(db, &engine.clock, now, noted.questions).await?;
    Ok(())
}

/// What was on its way and has not arrived waits again.
pub(super) async fn release(db: &impl ConnectionTrait, rows: &[Model], now: DateTime<Utc>) -> Result<Sent> {
    let still = store::still_sending(db, &rows.iter().collect::<Vec<_>>()).await?;
    let deferred = still.len() as u64;
    let waiting =
        |row| Model { state: OutboundState::Pending, leased_until: None, next_attempt_at: now, ..row };
    requeue(db, still.into_iter().map(waiting).collect(), now).await?;
    Ok(Sent { accepted: rows.len() as u64 - deferred, deferred, refused: 0 })
}

/// Lets changes that had stopped wait for their turn, as if they were new. Whoever wants that has seen what the system says.
pub(super) async fn again(db: &impl ConnectionTrait, rows: Vec<Model>, now: DateTime<Utc>) -> Result<()> {
    let waiting = |row: Model| -> Result<Model> {
        let values = Wanted::from_json(row.kind, &row.values)?.over_anything().to_json();
        Ok(Model {
            state: OutboundState::Pending,
            values,
            conflicts: 0,
            next_attempt_at: now,
            ended_at: None,
            updated_at: now,
            ..row
        })
    };
    let (held, refused): (Vec<Model>, Vec<Model>) =
        rows.into_iter().partition(|it| it.state == OutboundState::Held);
    store::replace(db, held.into_iter().map(waiting).collect::<Result<_>>()?).await?;
    requeue(db, refused.into_iter().map(waiting).collect::<Result<_>>()?, now).await
}

/// Lets changes wait again. Where something newer waits for the same record, that is what is sent; what people asked for
/// goes with it.
async fn requeue(db: &impl ConnectionTrait, rows: Vec<Model>, now: DateTime<Utc>) -> Result<()> {
    let keys: Vec<SourceKey> = rows.iter().map(store::key_of).collect();
    let open = store::about(db, &keys.iter().collect::<Vec<_>>()).await?;
    let waits = |it: &&Model| matches!(it.state, OutboundState::Pending | OutboundState::Held);
    let mut newer: BTreeMap<SourceKey, Model> =
        open.iter().filter(waits).map(|it| (store::key_of(it), it.clone())).collect();
    let mut changed = Vec::new();
    for (row, key) in rows.into_iter().zip(keys) {
        let Some(newer) = newer.get_mut(&key) else {
            changed.push(row);
            continue;
        };
        let mut wanted = Wanted::from_json(row.kind, &newer.values)?;
        for (field, wish) in Wanted::from_json(row.kind, &row.values)?.asked_for() {
            wanted.0.entry(field).or_insert(wish);
        }
        newer.values = wanted.to_json();
        changed.push(newer.clone());
        changed.push(Model { state: OutboundState::Superseded, ended_at: Some(now), updated_at: now, ..row });
    }
    store::replace(db, changed).await
}

#[derive(Default)]
struct Noted {
    sent: Sent,
    waiting: Vec<Model>,
    ended: Vec<Model>,
    accepted: Vec<Arrived>,
    made: Vec<SourceRecord>,
    questions: Vec<Question>,
}

impl Noted {
    fn add(&mut self, row: Model, outcome: Outcome, now: DateTime<Utc>) -> Result<()> {
        match outcome {
            Outcome::Accepted(answer) => {
                self.sent.accepted += 1;
                let version = answer.stamp.zip(answer.modified_at);
                self.accepted.push(Arrived { row, version, kept: answer.stored });
            }
            Outcome::Made(record) => {
                self.sent.accepted += 1;
                self.made.push(SourceRecord { our_key: Some(row.external_id), ..*record });
            }
            Outcome::Overtaken if row.conflicts >= CONFLICTS => {
                let said = Refusal {
                    category: SyncErrorCategory::Conflict,
                    code: "CONFLICT".to_owned(),
                    message: "the record keeps being changed while we write to it".to_owned(),
                };
                self.refuse(row, said, now)?;
            }
            Outcome::Overtaken => {
                let conflicts = row.conflicts + 1;
                self.wait(Model { conflicts, ..row }, None, now, now);
            }
            Outcome::Refused(said) => self.refuse(row, said, now)?,
            Outcome::Later(said, pause) => {
                let at = now + pause.unwrap_or_else(|| pause_after(row.attempts));
                self.wait(row, Some(said), at, now);
            }
            Outcome::Unknown(said) => {
                self.sent.deferred += 1;
                // Its lease ends now, so the next turn asks what became of it.
                self.ended.push(Model { leased_until: Some(now), ..with(row, Some(said), now) });
            }
            Outcome::NotSent => {
                let attempts = row.attempts - 1;
                self.wait(Model { attempts, ..row }, None, now, now);
            }
            Outcome::NotWritten => {
                let state = OutboundState::Refused;
                let row = Model { state, ended_at: Some(now), leased_until: None, ..row };
                self.ended.push(with(row, Some(Refusal::not_written()), now));
            }
        }
        Ok(())
    }

    fn wait(&mut self, row: Model, said: Option<Refusal>, at: DateTime<Utc>, now: DateTime<Utc>) {
        self.sent.deferred += 1;
        let state = OutboundState::Pending;
        self.waiting.push(Model { state, next_attempt_at: at, leased_until: None, ..with(row, said, now) });
    }

    fn refuse(&mut self, row: Model, said: Refusal, now: DateTime<Utc>) -> Result<()> {
        self.sent.refused += 1;
        let key = store::key_of(&row);
        let fingerprint = format!("{}|{key}|{}", ReviewKind::WriteBackFailed, row.key);
        let fields: Vec<&str> =
            Wanted::from_json(row.kind, &row.values)?.0.keys().map(|it| it.name()).collect();
        let subject = json!({
            "left": key, "change": row.id, "fields": fields, "code": said.code, "message": said.message,
        });
        let question = Question::new(ReviewKind::WriteBackFailed, row.kind, fingerprint, subject);
        self.questions.push(question.about([Some(row.golden_id), None]));
        let state = OutboundState::Refused;
        self.ended.push(Model {
            state,
            ended_at: Some(now),
            leased_until: None,
            ..with(row, Some(said), now)
        });
        Ok(())
    }
}

fn with(row: Model, said: Option<Refusal>, now: DateTime<Utc>) -> Model {
    let row = Model { updated_at: now, ..row };
    match said {
        None => row,
        Some(Refusal { category, code, message }) => {
            Model { category: Some(category), code: Some(code), message: Some(message), ..row }
        }
    }
}

/// The pause after so many attempts.
fn pause_after(attempts: i32) -> TimeDelta {
    let doublings = attempts.clamp(1, 8) - 1;
    (FIRST_PAUSE * 2_i32.pow(doublings.unsigned_abs())).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour() {
        assert_eq!(pause_after(1), TimeDelta::seconds(30));
        assert_eq!(pause_after(3), TimeDelta::minutes(2));
        assert_eq!(pause_after(100), LONGEST_PAUSE);
    }
}
