//! The question whether two records are one.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::review::ReviewKind;
use domain::sources::SourceKey;
use entity::review::review_task::Model;
use mastering::matching::verdict::Verdict;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::withdraw::close;
use super::{Question, ask_all};
use crate::error::Result;
use crate::golden::records;
use crate::platform::clock::Clock;
use crate::review::store;
use crate::review::subject::Subject;

/// Are these two records one?
#[derive(Debug)]
pub struct MatchQuestion<'a> {
    /// What they describe.
    pub kind: RecordKind,
    /// The golden record of each.
    pub goldens: [Option<GoldenId>; 2],
    /// The two records.
    pub pair: [Arc<SourceKey>; 2],
    /// What was found about them.
    pub verdict: &'a Verdict,
}

impl MatchQuestion<'_> {
    /// The question as any other.
    pub fn question(&self) -> Question {
        let [a, b] = &self.pair;
        let [of_a, of_b] = self.goldens;
        let (left, right, goldens) = if a <= b { (a, b, [of_a, of_b]) } else { (b, a, [of_b, of_a]) };
        let subject = json!({ "left": **left, "right": **right, "verdict": self.verdict });
        Question::new(ReviewKind::Match, self.kind, match_fingerprint(self.kind, [left, right]), subject)
            .about(goldens)
            .scored(self.verdict.score)
    }
}

/// Asks whether records are one. A question that was asked before is not asked again.
pub async fn ask_about_matches(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    questions: &[MatchQuestion<'_>],
) -> Result<()> {
    ask_all(db, clock, now, questions.iter().map(MatchQuestion::question).collect()).await?;
    Ok(())
}

/// Closes questions that facts have answered. What people have proposed they also answer, unless the two records have
/// become one: they may know more than the records say.
pub async fn supersede_matches(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    kind: RecordKind,
    pairs: &[[Arc<SourceKey>; 2]],
) -> Result<()> {
    let fingerprints: Vec<String> = pairs.iter().map(|[a, b]| match_fingerprint(kind, [a, b])).collect();
    let known = store::by_fingerprint(db, &fingerprints).await?.into_values();
    let (proposed, mut moot): (Vec<Model>, Vec<Model>) = known.partition(|it| it.requested_by.is_some());
    moot.extend(about_one(db, proposed).await?);
    close(db, clock, now, moot).await
}

/// Closes questions about records of these golden records that their source has merged, where both are one now.
pub async fn supersede_source_merges(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    goldens: &[GoldenId],
) -> Result<()> {
    let asked = store::waiting_about(db, ReviewKind::SourceMerge, goldens).await?;
    if asked.is_empty() {
        return Ok(());
    }
    close(db, clock, now, about_one(db, asked).await?).await
}

/// The tasks whose two records belong to one golden record now.
async fn about_one(db: &impl ConnectionTrait, tasks: Vec<Model>) -> Result<Vec<Model>> {
    let with_subject = |it: Model| (Subject::of(&it), it);
    let asked: Vec<(Subject, Model)> = tasks.into_iter().map(with_subject).collect();
    let keys: Vec<SourceKey> = asked.iter().filter_map(|(it, _)| it.pair()).flatten().cloned().collect();
    let records = records::by_keys(db, &keys).await?;
    let golden_of: HashMap<&SourceKey, Option<GoldenId>> =
        records.iter().map(|it| (&it.key, it.golden)).collect();
    let is_one = |subject: &Subject| {
        let [left, right] = subject.pair()?;
        Some(golden_of.get(left)?.is_some() && golden_of.get(left) == golden_of.get(right))
    };
    Ok(asked.into_iter().filter(|(it, _)| is_one(it) == Some(true)).map(|(_, task)| task).collect())
}

/// What the question about two records has in common with itself, whichever comes first.
pub fn match_fingerprint(kind: RecordKind, pair: [&SourceKey; 2]) -> String {
    let [a, b] = pair;
    let (left, right) = if a <= b { (a, b) } else { (b, a) };
    format!("{}|{kind}|{left}|{right}", ReviewKind::Match)
}
