//! Asking a question: once, however often it comes up.

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, ReviewTaskId};
use domain::review::{ReviewAction, ReviewKind, ReviewState};
use entity::review::{review_event, review_task};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::error::Result;
use crate::platform::clock::Clock;
use crate::review::store;

/// A question to a person.
#[derive(Debug, Clone)]
pub struct Question {
    kind: ReviewKind,
    record_kind: RecordKind,
    fingerprint: String,
    subject: Value,
    goldens: [Option<GoldenId>; 2],
    score: Option<i32>,
    requested_by: Option<String>,
    deciders: Option<i32>,
    is_anew: bool,
}

impl Question {
    /// A question of a kind about records of a kind. The same question has the same fingerprint; the subject is what
    /// is needed to decide and to carry it out, with the source keys of the records as `left` and `right`.
    pub fn new(kind: ReviewKind, record_kind: RecordKind, fingerprint: String, subject: Value) -> Self {
        Self {
            kind,
            record_kind,
            fingerprint,
            subject,
            goldens: [None; 2],
            score: None,
            requested_by: None,
            deciders: None,
            is_anew: false,
        }
    }

    /// What is asked.
    pub fn kind(&self) -> ReviewKind {
        self.kind
    }

    /// By which the question is recognised when it comes up again.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Concerns these golden records. Who does not see them does not see the task.
    #[must_use]
    pub fn about(self, goldens: [Option<GoldenId>; 2]) -> Self {
        let [first, second] = goldens;
        // The first place is the one that is looked at when only one is known.
        Self { goldens: if first.is_some() { goldens } else { [second, None] }, ..self }
    }

    /// How alike the records are, 0 to 100.
    #[must_use]
    pub fn scored(self, score: u8) -> Self {
        Self { score: Some(score.into()), ..self }
    }

    /// A person asks: somebody else decides.
    #[must_use]
    pub fn requested_by(self, subject: &str) -> Self {
        Self { requested_by: Some(subject.to_owned()), ..self }
    }

    /// As many people have to decide alike.
    #[must_use]
    pub fn with_deciders(self, deciders: i32) -> Self {
        Self { deciders: Some(deciders), ..self }
    }

    /// A person asks again, although it was answered before: what was answered then does not hold any more.
    #[must_use]
    pub fn anew(self) -> Self {
        Self { is_anew: true, ..self }
    }

    fn task(self, clock: &Clock, now: DateTime<Utc>) -> review_task::Model {
        let [golden_id, other_golden_id] = self.goldens;
        review_task::Model {
            id: clock.new_id(),
            kind: self.kind,
            state: ReviewState::Open,
            fingerprint: self.fingerprint,
            record_kind: self.record_kind,
            golden_id,
            other_golden_id: other_golden_id.filter(|it| Some(*it) != golden_id),
            subject: self.subject.to_string(),
            score: self.score,
            weight: Some(self.score.unwrap_or_default()),
            requested_by: self.requested_by,
            deciders: self.deciders,
            claimed_by: None,
            claimed_until: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Asks a question; gives the task that asks it, which may have done so before.
pub async fn ask(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    question: Question,
) -> Result<ReviewTaskId> {
    let asked = ask_all(db, clock, now, vec![question]).await?;
    Ok(*asked.first().expect("one question makes one task"))
}

/// Asks questions, each unless it was asked before: a task that waits learns what is new, one that was moot is open
/// again, and what people have decided is only asked again by people. Gives the tasks in the order of the questions.
pub async fn ask_all(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    questions: Vec<Question>,
) -> Result<Vec<ReviewTaskId>> {
    let fingerprints: Vec<String> = questions.iter().map(|it| it.fingerprint.clone()).collect();
    let mut known = store::by_fingerprint(db, &fingerprints).await?;
    let (mut fresh, mut changed, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for (is_anew, task) in questions.into_iter().map(|it| (it.is_anew, it.task(clock, now))) {
        let Some(before) = known.get(&task.fingerprint) else {
            known.insert(task.fingerprint.clone(), task.clone());
            fresh.push(task);
            continue;
        };
        let is_over = before.state == ReviewState::Applied && is_anew;
        let after = if is_over { Some(reopened(before, task)) } else { asked_again(before, task) };
        let Some(after) = after else { continue };
        if !before.state.is_waiting() {
            events.push(event(clock, now, &after, ReviewAction::Reopened));
        }
        known.insert(after.fingerprint.clone(), after.clone());
        changed.push(after);
    }
    store::insert(db, fresh).await?;
    store::replace(db, changed).await?;
    store::note(db, events).await?;
    Ok(fingerprints.iter().map(|it| known[it].id).collect())
}

/// An answered task whose question somebody asks anew, and on whose terms.
fn reopened(before: &review_task::Model, asked: review_task::Model) -> review_task::Model {
    review_task::Model { id: before.id, created_at: before.created_at, ..asked }
}

/// The task as it is when its question comes up again; `None` when that changes nothing.
fn asked_again(before: &review_task::Model, asked: review_task::Model) -> Option<review_task::Model> {
    let asked = review_task::Model {
        id: before.id,
        created_at: before.created_at,
        requested_by: before.requested_by.clone().or(asked.requested_by),
        deciders: before.deciders.max(asked.deciders),
        ..asked
    };
    match before.state {
        ReviewState::Superseded => Some(asked),
        state if state.is_waiting() => {
            let now = asked.updated_at;
            let after = review_task::Model {
                state,
                claimed_by: before.claimed_by.clone(),
                claimed_until: before.claimed_until,
                weight: before.weight,
                updated_at: before.updated_at,
                ..asked
            };
            (after != *before).then_some(review_task::Model { updated_at: now, ..after })
        }
        _ => None,
    }
}

/// Something that facts did to a task.
pub(super) fn event(
    clock: &Clock,
    now: DateTime<Utc>,
    task: &review_task::Model,
    action: ReviewAction,
) -> review_event::Model {
    review_event::Model {
        id: clock.new_id(),
        task_id: task.id,
        at: now,
        action,
        subject: None,
        decision: None,
        reason: None,
        batch_id: None,
        waited_seconds: None,
    }
}
