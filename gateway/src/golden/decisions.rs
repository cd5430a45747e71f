//! What people said about pairs of records: the same, or different; and we, of records that we had made. An input of grouping,
//! which every replay honours.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{MatchDecisionId, SourceRecordId};
use domain::review::{MatchAnswer, Reason};
use entity::golden::match_decision;
use mastering::matching::clusters::Decisions;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::matching::Pair;
use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::platform::database::{insert_rows, lists};

/// The decisions in force that one of these records is in.
pub(super) async fn of_records(
    db: &impl ConnectionTrait,
    records: &[SourceRecordId],
) -> Result<Vec<match_decision::Model>> {
    use match_decision::Column;
    let mut decisions = Vec::new();
    for list in lists(db, records) {
        let left = list.holds(Column::LeftRecordId);
        let right = list.holds(Column::RightRecordId);
        let rows = match_decision::Entity::find().filter(left.or(right)).filter(Column::EndedAt.is_null());
        decisions.extend(rows.all(db).await?);
    }
    Ok(decisions)
}

/// These answers, whether they hold or not.
pub(super) async fn by_ids(
    db: &impl ConnectionTrait,
    ids: &[MatchDecisionId],
) -> Result<Vec<match_decision::Model>> {
    use match_decision::Column;
    let mut decisions = Vec::with_capacity(ids.len());
    for list in lists(db, ids) {
        let rows = match_decision::Entity::find().filter(list.holds(Column::Id));
        decisions.extend(rows.all(db).await?);
    }
    Ok(decisions)
}

/// What somebody says of records, and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) answer: MatchAnswer,
    pub(super) reason: &'a str,
    pub(super) by: &'a str,
    pub(super) at: DateTime<Utc>,
}

impl<'a> Word<'a> {
    /// Of the caller.
    pub(super) fn of(ctx: &'a RequestContext, answer: MatchAnswer, reason: &'a Reason) -> Self {
        Self { answer, reason: reason.as_str(), by: &ctx.caller.subject, at: ctx.now }
    }
}

/// What people said, by the places of the records that are grouped.
#[derive(Debug, Default)]
pub(super) struct Places {
    same: Vec<(u32, u32)>,
    different: Vec<(u32, u32)>,
}

impl Places {
    /// What was said about records that have a place.
    pub(super) fn of(decisions: &[match_decision::Model], place: &BTreeMap<SourceRecordId, u32>) -> Self {
        let mut places = Self::default();
        for it in decisions {
            let (left, right) = (place.get(&it.left_record_id), place.get(&it.right_record_id));
            let Some(pair) = left.copied().zip(right.copied()) else { continue };
            match it.answer {
                MatchAnswer::Same => places.same.push(pair),
                MatchAnswer::Different => places.different.push(pair),
            }
        }
        places
    }

    /// As grouping takes it.
    pub(super) fn decisions(&self) -> Decisions<'_, u32> {
        Decisions { same: &self.same, different: &self.different }
    }
}

/// Writes an answer down for each of these pairs; it takes the place of what was said of them before.
pub(super) async fn decide(
    db: &impl ConnectionTrait,
    clock: &Clock,
    kind: RecordKind,
    pairs: &[Pair],
    word: Word<'_>,
) -> Result<()> {
    let records: BTreeSet<SourceRecordId> = pairs.iter().flat_map(|it| [it.0, it.1]).collect();
    let in_force = of_records(db, &records.into_iter().collect::<Vec<_>>()).await?;
    let pair = |it: &match_decision::Model| (it.left_record_id, it.right_record_id);
    let asked: BTreeSet<Pair> = pairs.iter().copied().collect();
    let (stand, overruled): (Vec<_>, Vec<_>) =
        in_force.iter().filter(|it| asked.contains(&pair(it))).partition(|it| it.answer == word.answer);
    let stand: BTreeSet<Pair> = stand.into_iter().map(pair).collect();
    end(db, (word.by, word.at), &overruled, None).await?;
    let row = |pair: &Pair| match_decision::Model {
        id: clock.new_id(),
        kind,
        left_record_id: pair.0,
        right_record_id: pair.1,
        answer: word.answer,
        reason: word.reason.to_owned(),
        decided_by: word.by.to_owned(),
        decided_at: word.at,
        ended_at: None,
        ended_by: None,
        end_reason: None,
    };
    let rows = asked.difference(&stand).map(row).map(IntoActiveModel::into_active_model);
    Ok(insert_rows::<match_decision::Entity, _>(db, rows.collect(), None).await?)
}

/// Who says of a record that a system made for us that it is one with those that it was made of.
const MAKER: &str = "gateway";
/// Why.
const MADE_THERE: &str = "The gateway had one made of the other, under its own key.";

/// Writes down that records were made of each other. Where something was said of a pair already, that stands.
pub(super) async fn note_made(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    kind: RecordKind,
    pairs: &[Pair],
) -> Result<()> {
    let records: BTreeSet<SourceRecordId> = pairs.iter().flat_map(|it| [it.0, it.1]).collect();
    let in_force = of_records(db, &records.into_iter().collect::<Vec<_>>()).await?;
    let said: BTreeSet<Pair> = in_force.iter().map(|it| (it.left_record_id, it.right_record_id)).collect();
    let unsaid: Vec<Pair> = pairs.iter().filter(|it| !said.contains(it)).copied().collect();
    let word = Word { answer: MatchAnswer::Same, reason: MADE_THERE, by: MAKER, at: now };
    decide(db, clock, kind, &unsaid, word).await
}

/// Ends decisions: from now on the evidence alone counts. The reason is a person's who withdraws them.
pub(super) async fn end(
    db: &impl ConnectionTrait,
    (by, at): (&str, DateTime<Utc>),
    decisions: &[&match_decision::Model],
    reason: Option<&str>,
) -> Result<()> {
    use match_decision::Column;
    let ids: Vec<_> = decisions.iter().map(|it| it.id).collect();
    for list in lists(db, &ids) {
        match_decision::Entity::update_many()
            .col_expr(Column::EndedAt, Expr::value(at))
            .col_expr(Column::EndedBy, Expr::value(by))
            .col_expr(Column::EndReason, Expr::value(reason))
            .filter(list.holds(Column::Id))
            .exec(db)
            .await?;
    }
    Ok(())
}
