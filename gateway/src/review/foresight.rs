//! What becomes of the queue when this and that is said to it, without saying it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::fields::RecordKind;
use domain::review::{ReviewKind, ReviewState};
use domain::sources::SourceKey;
use entity::review::review_task::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::service::{Question, match_fingerprint};
use super::store;
use super::subject::Subject;
use crate::error::Result;
use crate::golden::service::{self as golden, Regrouping};

/// Something that is said to the queue: a question is asked, or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    kind: ReviewKind,
    fingerprint: String,
    is_asked: bool,
}

impl Saying {
    /// A question is asked.
    pub fn asked(question: &Question) -> Self {
        let fingerprint = question.fingerprint().to_owned();
        Self { kind: question.kind(), fingerprint, is_asked: true }
    }

    /// The question of that kind and fingerprint is taken back.
    pub fn withdrawn(kind: ReviewKind, fingerprint: &str) -> Self {
        Self { kind, fingerprint: fingerprint.to_owned(), is_asked: false }
    }
}

/// How many tasks wait that did not, and how many do not wait any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueChange {
    /// Tasks that would wait from then on.
    pub raised: usize,
    /// Tasks that would no longer.
    pub closed: usize,
}

/// How the queue changes, by kinds of questions, when all this is said in this order.
pub async fn change(
    db: &impl ConnectionTrait,
    sayings: &[Saying],
) -> Result<BTreeMap<ReviewKind, QueueChange>> {
    let mut changes: BTreeMap<ReviewKind, QueueChange> = BTreeMap::new();
    if sayings.is_empty() {
        return Ok(changes);
    }
    let fingerprints: Vec<String> = sayings.iter().map(|it| it.fingerprint.clone()).collect();
    let known = store::by_fingerprint(db, &fingerprints).await?;
    let before = |it: &Saying| known.get(&it.fingerprint).map(|it| it.state);
    let mut after: BTreeMap<&str, (ReviewKind, Option<ReviewState>, Option<ReviewState>)> = BTreeMap::new();
    for it in sayings {
        let state = before(it);
        let place = after.entry(&it.fingerprint).or_insert((it.kind, state, state));
        place.2 = said(place.2, it.is_asked);
    }
    for (kind, before, after) in after.into_values() {
        let change = changes.entry(kind).or_default();
        change.raised += usize::from(!waits(before) && waits(after));
        change.closed += usize::from(waits(before) && !waits(after));
    }
    Ok(changes)
}

/// Where a task stands after its question was asked, or taken back: what people have decided is not asked again.
fn said(state: Option<ReviewState>, is_asked: bool) -> Option<ReviewState> {
    match (state, is_asked) {
        (None | Some(ReviewState::Superseded), true) => Some(ReviewState::Open),
        (Some(state), false) if state.is_waiting() => Some(ReviewState::Superseded),
        _ => state,
    }
}

fn waits(state: Option<ReviewState>) -> bool {
    state.is_some_and(ReviewState::is_waiting)
}

/// How the questions about duplicates of a kind would change.
#[derive(Debug, Default)]
pub struct Foreseen {
    /// Questions that would be raised.
    pub raised: usize,
    /// Pairs that nobody would have to decide about any more.
    pub closed: Vec<[Arc<SourceKey>; 2]>,
}

/// What changes of the questions about duplicates when records are grouped so: what the regrouping finds doubtful is asked,
/// and everything else is moot. What people have proposed is moot only when the two records become one.
pub async fn matches(db: &impl ConnectionTrait, regrouping: &Regrouping) -> Result<Foreseen> {
    let kind = regrouping.kind;
    let fingerprint = |[a, b]: &[SourceKey; 2]| match_fingerprint(kind, [a, b]);
    let wanted: BTreeSet<String> = regrouping.doubtful.iter().map(fingerprint).collect();
    let known: BTreeMap<String, ReviewState> = states(db, kind).await?.into_iter().collect();
    let raised = wanted.iter().filter(|it| {
        let before = known.get(*it).copied();
        !waits(before) && waits(said(before, true))
    });
    let unwanted = known.iter().filter(|(it, state)| state.is_waiting() && !wanted.contains(*it));
    let unwanted: Vec<String> = unwanted.map(|(it, _)| it.clone()).collect();
    Ok(Foreseen { raised: raised.count(), closed: moot(db, regrouping, &unwanted).await? })
}

/// How many questions about records that their source has merged become moot, because both will be one golden record.
pub async fn source_merges(db: &impl ConnectionTrait, regrouping: &Regrouping) -> Result<QueueChange> {
    let asked = store::waiting_about(db, ReviewKind::SourceMerge, &regrouping.touched()).await?;
    let asked: Vec<Subject> = asked.iter().map(Subject::of).collect();
    let keys: Vec<SourceKey> = asked.iter().filter_map(Subject::pair).flatten().cloned().collect();
    let golden_of = golden::goldens_after(db, regrouping, &keys).await?;
    let is_one = |[left, right]: &[&SourceKey; 2]| {
        golden_of.get(left).is_some_and(|it| golden_of.get(right) == Some(it))
    };
    let moot = asked.iter().filter_map(Subject::pair).filter(is_one);
    Ok(QueueChange { raised: 0, closed: moot.count() })
}

async fn states(db: &impl ConnectionTrait, kind: RecordKind) -> Result<Vec<(String, ReviewState)>> {
    let of_kind = Entity::find()
        .select_only()
        .columns([Column::Fingerprint, Column::State])
        .filter(Column::Kind.eq(ReviewKind::Match))
        .filter(Column::RecordKind.eq(kind));
    Ok(of_kind.into_tuple().all(db).await?)
}

/// The pairs of those tasks that nobody has to decide about any more.
async fn moot(
    db: &impl ConnectionTrait,
    regrouping: &Regrouping,
    fingerprints: &[String],
) -> Result<Vec<[Arc<SourceKey>; 2]>> {
    let tasks = store::by_fingerprint(db, fingerprints).await?;
    let tasks: BTreeMap<String, Model> = tasks.into_iter().collect();
    let asked: Vec<(bool, Subject)> =
        tasks.values().map(|it| (it.requested_by.is_some(), Subject::of(it))).collect();
    let proposed = asked.iter().filter(|it| it.0).filter_map(|it| it.1.pair()).flatten();
    let golden_of = golden::goldens_after(db, regrouping, &proposed.cloned().collect::<Vec<_>>()).await?;
    let is_one = |[left, right]: [&SourceKey; 2]| {
        golden_of.get(left).is_some_and(|it| golden_of.get(right) == Some(it))
    };
    let pairs = asked.iter().filter_map(|(is_proposal, it)| Some((*is_proposal, it.pair()?)));
    let moot = pairs.filter(|(is_proposal, pair)| !is_proposal || is_one(*pair));
    Ok(moot.map(|(_, pair)| pair.map(|it| Arc::new(it.clone()))).collect())
}
