//! What the queue would be if exactly these pairs were doubtful: which questions would be raised, and which closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::fields::RecordKind;
use domain::review::{ReviewKind, ReviewState};
use domain::sources::SourceKey;
use entity::review::review_task::{Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::platform::database::chunk_size;

/// How the queue would change.
#[derive(Debug, Default)]
pub struct Foreseen {
    /// Questions that would be raised.
    pub raised: usize,
    /// Pairs that nobody would have to decide about any more.
    pub closed: Vec<[Arc<SourceKey>; 2]>,
}

#[derive(Deserialize)]
struct Subject {
    left: Arc<SourceKey>,
    right: Arc<SourceKey>,
}

/// What changes of the questions about duplicates of a kind when these pairs, and no others, are doubtful.
pub async fn matches(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    doubtful: &[[SourceKey; 2]],
) -> Result<Foreseen> {
    let wanted: BTreeSet<String> = doubtful.iter().map(|pair| fingerprint(kind, pair)).collect();
    let known: Vec<(String, ReviewState)> = of_kind(kind)
        .select_only()
        .columns([Column::Fingerprint, Column::State])
        .into_tuple()
        .all(db)
        .await?;
    let known: BTreeMap<String, ReviewState> = known.into_iter().collect();
    let is_raised = |it: &&String| matches!(known.get(it.as_str()), None | Some(ReviewState::Superseded));
    let waits = |state: ReviewState| matches!(state, ReviewState::Open | ReviewState::Claimed);
    let closed = known.iter().filter(|(it, state)| waits(**state) && !wanted.contains(*it));
    let closed: Vec<&str> = closed.map(|(it, _)| it.as_str()).collect();
    Ok(Foreseen { raised: wanted.iter().filter(is_raised).count(), closed: pairs(db, &closed).await? })
}

async fn pairs(db: &impl ConnectionTrait, fingerprints: &[&str]) -> Result<Vec<[Arc<SourceKey>; 2]>> {
    let mut pairs = Vec::with_capacity(fingerprints.len());
    for chunk in fingerprints.chunks(chunk_size(1)) {
        let asked = Entity::find().select_only().column(Column::Subject);
        let asked = asked.filter(Column::Fingerprint.is_in(chunk.iter().copied()));
        for subject in asked.into_tuple::<String>().all(db).await? {
            let Subject { left, right } = serde_json::from_str(&subject).map_err(Error::internal)?;
            pairs.push([left, right]);
        }
    }
    Ok(pairs)
}

fn of_kind(kind: RecordKind) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::Kind.eq(ReviewKind::Match)).filter(Column::RecordKind.eq(kind))
}

fn fingerprint(kind: RecordKind, [a, b]: &[SourceKey; 2]) -> String {
    let (left, right) = if a <= b { (a, b) } else { (b, a) };
    format!("{}|{kind}|{left}|{right}", ReviewKind::Match)
}
