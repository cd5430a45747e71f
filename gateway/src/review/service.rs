//! Use cases of the review queue.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::review::{ReviewKind, ReviewState};
use domain::sources::SourceKey;
use entity::review::review_task;
use mastering::matching::verdict::Verdict;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter};
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
        let [left, right] = in_order(&it.pair);
        let question = Question {
            kind: ReviewKind::Match,
            record_kind: it.kind,
            fingerprint: fingerprint(it.kind, &it.pair),
            subject: json!({ "left": left, "right": right, "verdict": it.verdict }),
        };
        task(clock, now, question, it.golden)
    };
    insert(db, questions.iter().map(task).collect()).await
}

/// Closes questions that are moot: the two records have become one.
pub async fn supersede_matches(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    kind: RecordKind,
    pairs: &[[Arc<SourceKey>; 2]],
) -> Result<()> {
    use review_task::Column;
    let fingerprints: Vec<String> = pairs.iter().map(|pair| fingerprint(kind, pair)).collect();
    for chunk in fingerprints.chunks(chunk_size(1)) {
        review_task::Entity::update_many()
            .col_expr(Column::State, Expr::value(ReviewState::Superseded))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Fingerprint.is_in(chunk.iter().map(String::as_str)))
            .filter(Column::State.is_in([ReviewState::Open, ReviewState::Claimed]))
            .exec(db)
            .await?;
    }
    Ok(())
}

fn fingerprint(kind: RecordKind, pair: &[Arc<SourceKey>; 2]) -> String {
    let [left, right] = in_order(pair);
    format!("{}|{kind}|{left}|{right}", ReviewKind::Match)
}

fn in_order(pair: &[Arc<SourceKey>; 2]) -> [&SourceKey; 2] {
    let [a, b] = pair;
    if a <= b { [a, b] } else { [b, a] }
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
