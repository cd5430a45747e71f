//! What people said about pairs of records: the same, or different. An input of grouping, which every replay honours.

use std::collections::BTreeSet;

use domain::fields::RecordKind;
use domain::ids::{MatchDecisionId, SourceRecordId};
use domain::review::{MatchAnswer, Reason};
use entity::golden::match_decision;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::matching::Pair;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::database::{chunk_size, insert_rows};

/// The decisions in force that one of these records is in.
pub(super) async fn of_records(
    db: &impl ConnectionTrait,
    records: &[SourceRecordId],
) -> Result<Vec<match_decision::Model>> {
    use match_decision::Column;
    let mut decisions = Vec::new();
    for chunk in records.chunks(chunk_size(2)) {
        let left = Column::LeftRecordId.is_in(chunk.iter().copied());
        let right = Column::RightRecordId.is_in(chunk.iter().copied());
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
    for chunk in ids.chunks(chunk_size(1)) {
        let rows = match_decision::Entity::find().filter(Column::Id.is_in(chunk.iter().copied()));
        decisions.extend(rows.all(db).await?);
    }
    Ok(decisions)
}

/// Writes an answer down for each of these pairs; it takes the place of what was said of them before.
pub(super) async fn decide(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    kind: RecordKind,
    pairs: &[Pair],
    (answer, reason): (MatchAnswer, &Reason),
) -> Result<()> {
    let records: BTreeSet<SourceRecordId> = pairs.iter().flat_map(|it| [it.0, it.1]).collect();
    let in_force = of_records(db, &records.into_iter().collect::<Vec<_>>()).await?;
    let pair = |it: &match_decision::Model| (it.left_record_id, it.right_record_id);
    let asked: BTreeSet<Pair> = pairs.iter().copied().collect();
    let (stand, overruled): (Vec<_>, Vec<_>) =
        in_force.iter().filter(|it| asked.contains(&pair(it))).partition(|it| it.answer == answer);
    let stand: BTreeSet<Pair> = stand.into_iter().map(pair).collect();
    end(db, ctx, &overruled, None).await?;
    let row = |pair: &Pair| match_decision::Model {
        id: ctx.clock.new_id(),
        kind,
        left_record_id: pair.0,
        right_record_id: pair.1,
        answer,
        reason: reason.as_str().to_owned(),
        decided_by: ctx.caller.subject.clone(),
        decided_at: ctx.now,
        ended_at: None,
        ended_by: None,
        end_reason: None,
    };
    let rows = asked.difference(&stand).map(row).map(IntoActiveModel::into_active_model);
    Ok(insert_rows::<match_decision::Entity, _>(db, rows.collect(), None).await?)
}

/// Ends decisions: from now on the evidence alone counts. The reason is a person's who withdraws them.
pub(super) async fn end(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    decisions: &[&match_decision::Model],
    reason: Option<&str>,
) -> Result<()> {
    use match_decision::Column;
    let ids: Vec<_> = decisions.iter().map(|it| it.id).collect();
    for chunk in ids.chunks(chunk_size(1)) {
        match_decision::Entity::update_many()
            .col_expr(Column::EndedAt, Expr::value(ctx.now))
            .col_expr(Column::EndedBy, Expr::value(ctx.caller.subject.clone()))
            .col_expr(Column::EndReason, Expr::value(reason))
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}
