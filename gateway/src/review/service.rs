//! Use cases of the review queue.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::review::{ReviewKind, ReviewState};
use domain::sources::SourceKey;
use entity::review::review_task;
use mastering::matching::verdict::Verdict;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Iterable};
use serde_json::{Value, json};

use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::database::chunk_size;

/// Are these two records one?
#[derive(Debug)]
pub struct MatchQuestion<'a> {
    /// What they describe.
    pub kind: RecordKind,
    /// The golden record of the first.
    pub golden: Option<GoldenId>,
    /// The two records.
    pub pair: [Arc<SourceKey>; 2],
    /// What was found about them.
    pub verdict: &'a Verdict,
}

/// Any other question.
#[derive(Debug)]
pub struct Question {
    /// What is asked.
    pub kind: ReviewKind,
    /// What it is about.
    pub record_kind: RecordKind,
    /// The same question has the same fingerprint.
    pub fingerprint: String,
    /// What is needed to decide.
    pub subject: Value,
}

/// Asks whether records are one. A question that was asked before is not asked again.
pub async fn ask_about_matches(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    questions: &[MatchQuestion<'_>],
) -> Result<()> {
    let task = |it: &MatchQuestion<'_>| {
        let mut pair = it.pair.clone();
        pair.sort();
        let question = Question {
            kind: ReviewKind::Match,
            record_kind: it.kind,
            fingerprint: format!("{}|{}|{}|{}", ReviewKind::Match, it.kind, pair[0], pair[1]),
            subject: json!({ "left": &*pair[0], "right": &*pair[1], "verdict": it.verdict }),
        };
        task(clock, now, question, it.golden)
    };
    insert(db, questions.iter().map(task).collect()).await
}

/// Asks a question, unless it was asked before.
pub async fn ask(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    question: Question,
) -> Result<()> {
    insert(db, vec![task(clock, now, question, None)]).await
}

fn task(
    clock: &Clock,
    now: DateTime<Utc>,
    question: Question,
    golden: Option<GoldenId>,
) -> review_task::Model {
    review_task::Model {
        id: clock.new_id(),
        kind: question.kind,
        state: ReviewState::Open,
        fingerprint: question.fingerprint,
        record_kind: question.record_kind,
        golden_id: golden,
        subject: question.subject.to_string(),
        claimed_by: None,
        claimed_until: None,
        created_at: now,
        updated_at: now,
    }
}

async fn insert(db: &impl ConnectionTrait, tasks: Vec<review_task::Model>) -> Result<()> {
    let once = OnConflict::column(review_task::Column::Fingerprint).do_nothing().to_owned();
    for chunk in tasks.chunks(chunk_size(review_task::Column::iter().count())) {
        let rows = chunk.iter().cloned().map(IntoActiveModel::into_active_model);
        review_task::Entity::insert_many(rows).on_conflict(once.clone()).exec_without_returning(db).await?;
    }
    Ok(())
}
