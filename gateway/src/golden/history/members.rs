//! Which source records belonged to which golden record at an instant.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::record_link::{self, Column};
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use crate::platform::database::lists;

/// A membership, without the evidence for it.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Membership {
    pub(super) source_record_id: SourceRecordId,
    pub(super) golden_id: GoldenId,
    pub(super) linked_at: DateTime<Utc>,
    pub(super) ended_at: Option<DateTime<Utc>>,
}

impl Membership {
    /// Whether it held: from the instant it was made until just before the one it ended.
    pub(super) fn holds_at(&self, at: DateTime<Utc>) -> bool {
        self.linked_at <= at && self.ended_at.is_none_or(|it| it > at)
    }

    /// When it last changed, as far as known at an instant.
    pub(super) fn touched_at(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.ended_at.filter(|it| *it <= at).unwrap_or(self.linked_at)
    }
}

/// Memberships that held at an instant, as a condition in SQL.
pub(in crate::golden) fn in_force_at(at: DateTime<Utc>) -> Condition {
    let not_ended = Condition::any().add(Column::EndedAt.is_null()).add(Column::EndedAt.gt(at));
    Condition::all().add(Column::LinkedAt.lte(at)).add(not_ended)
}

/// All memberships of golden records that had begun by an instant.
pub(super) async fn begun(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
    by: DateTime<Utc>,
) -> Result<Vec<Membership>, DbErr> {
    let mut memberships = Vec::new();
    for list in lists(db, goldens) {
        let of_goldens = list.holds(Column::GoldenId);
        memberships.extend(read(db, of_goldens.and(Column::LinkedAt.lte(by))).await?);
    }
    Ok(memberships)
}

/// The golden record that each of these source records belonged to.
pub(super) async fn golden_of(
    db: &impl ConnectionTrait,
    records: &[SourceRecordId],
    at: DateTime<Utc>,
) -> Result<HashMap<SourceRecordId, GoldenId>, DbErr> {
    let mut goldens = HashMap::new();
    for list in lists(db, records) {
        let of_records = list.holds(Column::SourceRecordId);
        let held = read(db, in_force_at(at).add(of_records)).await?;
        goldens.extend(held.into_iter().map(|it| (it.source_record_id, it.golden_id)));
    }
    Ok(goldens)
}

/// When each of these source records was linked for the first time.
pub(super) async fn first_linked(
    db: &impl ConnectionTrait,
    records: &[SourceRecordId],
) -> Result<HashMap<SourceRecordId, DateTime<Utc>>, DbErr> {
    let mut first = HashMap::new();
    for list in lists(db, records) {
        let links = record_link::Entity::find()
            .select_only()
            .column(Column::SourceRecordId)
            .column_as(Column::LinkedAt.min(), "first")
            .filter(list.holds(Column::SourceRecordId))
            .group_by(Column::SourceRecordId);
        first.extend(links.into_tuple::<(SourceRecordId, DateTime<Utc>)>().all(db).await?);
    }
    Ok(first)
}

/// The golden record that an id meant at an instant: itself, or, when it had lost a merge by then, what its records had
/// become part of. `None` when it was not there yet.
pub(super) async fn meant(
    db: &impl ConnectionTrait,
    id: GoldenId,
    at: DateTime<Utc>,
) -> Result<Option<GoldenId>, DbErr> {
    let begun = begun(db, &[id], at).await?;
    if begun.iter().any(|it| it.holds_at(at)) {
        return Ok(Some(id));
    }
    let last = begun.iter().filter_map(|it| it.ended_at).max();
    let left: Vec<_> = begun.iter().filter(|it| it.ended_at == last).map(|it| it.source_record_id).collect();
    Ok(golden_of(db, &left, at).await?.into_values().min())
}

async fn read(
    db: &impl ConnectionTrait,
    condition: impl Into<Condition> + Send,
) -> Result<Vec<Membership>, DbErr> {
    record_link::Entity::find()
        .select_only()
        .columns([Column::SourceRecordId, Column::GoldenId, Column::LinkedAt, Column::EndedAt])
        .filter(condition.into())
        .into_model::<Membership>()
        .all(db)
        .await
}
