//! Pins and locks in SQL.

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::holds::HoldKind;
use domain::ids::{GoldenId, HoldId};
use entity::golden::hold::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
    QueryOrder, QuerySelect, Select,
};

use crate::error::Result;
use crate::golden::visible;
use crate::platform::auth::Caller;
use crate::platform::database::{insert_rows, lists};

/// The holds of these golden records that nobody and nothing has ended, even if their time is over.
pub(super) async fn open(db: &impl ConnectionTrait, goldens: &[GoldenId]) -> Result<Vec<Model>> {
    of(db, goldens, Column::EndedAt.is_null().into()).await
}

/// The holds of these golden records that are in force now.
pub(super) async fn in_force(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<Vec<Model>> {
    of(db, goldens, counts_at(now)).await
}

/// The holds of these golden records that were in force at an instant.
pub(super) async fn in_force_at(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
    at: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let not_ended = Condition::any().add(Column::EndedAt.is_null()).add(Column::EndedAt.gt(at));
    of(db, goldens, Condition::all().add(Column::Since.lte(at)).add(not_ended).add(not_over(at))).await
}

/// Every hold that these golden records ever had.
pub(super) async fn ever(db: &impl ConnectionTrait, goldens: &[GoldenId]) -> Result<Vec<Model>> {
    of(db, goldens, Condition::all()).await
}

/// Holds whose time is over, although they were not ended yet; those that ended first come first.
pub(super) async fn over(db: &impl ConnectionTrait, now: DateTime<Utc>, limit: u64) -> Result<Vec<Model>> {
    let over = Entity::find().filter(Column::EndedAt.is_null()).filter(Column::Until.lte(now));
    Ok(over.order_by_asc(Column::Until).order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// These rows.
pub(super) async fn by_ids(db: &impl ConnectionTrait, ids: &[HoldId]) -> Result<Vec<Model>> {
    let mut rows = Vec::new();
    for list in lists(db, ids) {
        rows.extend(Entity::find().filter(list.holds(Column::Id)).all(db).await?);
    }
    Ok(rows)
}

async fn of(db: &impl ConnectionTrait, goldens: &[GoldenId], condition: Condition) -> Result<Vec<Model>> {
    let mut rows = Vec::new();
    for list in lists(db, goldens) {
        let of_goldens = Entity::find().filter(list.holds(Column::GoldenId));
        rows.extend(of_goldens.filter(condition.clone()).all(db).await?);
    }
    rows.sort_unstable_by_key(|it| it.id);
    Ok(rows)
}

fn not_over(at: DateTime<Utc>) -> Condition {
    Condition::any().add(Column::Until.is_null()).add(Column::Until.gt(at))
}

/// The pins and locks of records that the caller sees.
pub(super) fn visible_to(caller: &Caller) -> Select<Entity> {
    let of_kind = |kind: RecordKind| {
        let seen = Column::GoldenId.in_subquery(visible::ids(caller, kind));
        Condition::all().add(Column::Kind.eq(kind)).add(seen)
    };
    let of_kinds = RecordKind::ALL.iter().map(|it| of_kind(*it));
    Entity::find().filter(of_kinds.fold(Condition::any(), |any, it| any.add(it)))
}

/// That a hold counts at an instant.
pub(super) fn counts_at(at: DateTime<Utc>) -> Condition {
    Condition::all().add(Column::EndedAt.is_null()).add(not_over(at))
}

/// Writes a new hold down.
pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<()> {
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Writes rows that exist as they are now.
pub(super) async fn replace(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<()> {
    let replaced = Column::iter().filter(|it| !matches!(it, Column::Id));
    let replace = OnConflict::column(Column::Id).update_columns(replaced).to_owned();
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    Ok(insert_rows::<Entity, _>(db, rows, Some(replace)).await?)
}

/// How a hold ended.
pub(super) struct End<'a> {
    /// When.
    pub(super) at: DateTime<Utc>,
    /// Subject of a person, or what ended it.
    pub(super) by: &'a str,
    /// Why, when a person ended it.
    pub(super) reason: Option<&'a str>,
    /// The row that takes its place.
    pub(super) replaced_by: Option<HoldId>,
}

/// Ends a hold.
pub(super) async fn end(db: &impl ConnectionTrait, id: HoldId, end: End<'_>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(end.at))
        .col_expr(Column::EndedBy, Expr::value(end.by))
        .col_expr(Column::EndReason, Expr::value(end.reason))
        .col_expr(Column::ReplacedBy, Expr::value(end.replaced_by))
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Notes what a pin is known to outvote, and what was asked about it.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    id: HoldId,
    outvoted: Option<&str>,
    asked: Option<&str>,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Outvoted, Expr::value(outvoted))
        .col_expr(Column::Asked, Expr::value(asked))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// The hold of that sort on that field among these.
pub(super) fn on_field<'a>(rows: &'a [Model], hold: HoldKind, field: &str) -> Option<&'a Model> {
    rows.iter().find(|it| it.hold == hold && it.field == field)
}
