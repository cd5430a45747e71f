//! From a golden record to the row that is served.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::ids::GoldenId;
use mastering::golden_record::GoldenRecord;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, JoinType, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iden, IntoActiveModel, Iterable, QueryFilter,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::references::{self, References};
use crate::platform::auth::Caller;
use crate::platform::database::{insert_rows, lists};

/// A table of golden records.
pub trait Served: EntityTrait {
    /// What it holds.
    const KIND: RecordKind;
    /// Its columns that every golden record has.
    const ID: Self::Column;
    /// Counts changes of served values.
    const VERSION: Self::Column;
    /// When the record was first seen here.
    const CREATED_AT: Self::Column;
    /// The survivor, when this one lost a merge.
    const REDIRECT_TO: Self::Column;
    /// Set when no live source is left.
    const ARCHIVED_AT: Self::Column;
    /// When a served value last changed.
    const UPDATED_AT: Self::Column;

    /// The rows a caller sees; those that lost a merge live on in their survivor.
    fn visible_to(caller: &Caller) -> Select<Self>;

    /// The row, as if it were new.
    fn row(serving: &Serving<'_>) -> Self::Model;
}

/// Names the columns that every table of golden records calls alike.
macro_rules! golden_columns {
    () => {
        const ID: Column = Column::Id;
        const VERSION: Column = Column::Version;
        const CREATED_AT: Column = Column::CreatedAt;
        const REDIRECT_TO: Column = Column::RedirectTo;
        const ARCHIVED_AT: Column = Column::ArchivedAt;
        const UPDATED_AT: Column = Column::UpdatedAt;
    };
}

pub(crate) use golden_columns;

/// The record of that id among those a caller sees; an id that lost a merge gives its survivor.
pub async fn find<E: Served>(
    db: &impl ConnectionTrait,
    visible: Select<E>,
    id: GoldenId,
) -> Result<Option<E::Model>, DbErr> {
    if let Some(found) = visible.clone().filter(E::ID.eq(id)).one(db).await? {
        return Ok(Some(found));
    }
    let lost = E::find()
        .select_only()
        .column(E::REDIRECT_TO)
        .filter(E::ID.eq(id))
        .filter(E::REDIRECT_TO.is_not_null());
    match lost.into_tuple::<GoldenId>().one(db).await? {
        Some(survivor) => visible.filter(E::ID.eq(survivor)).one(db).await,
        None => Ok(None),
    }
}

/// What [`leads_to`] calls the record that an id leads to today.
pub const NOW: &str = "today";

/// Whether a column names a record that is, or was merged into, one that meets a condition about [`NOW`].
pub fn leads_to<E: Served>(column: impl ColumnTrait, condition: Condition) -> Expr {
    let then = "once";
    let survivor = Expr::col((then, E::REDIRECT_TO)).if_null(Expr::col((then, E::ID)));
    let records = Query::select()
        .expr(Expr::val(1))
        .from_as(E::default(), then)
        .join_as(JoinType::InnerJoin, E::default(), NOW, Expr::col((NOW, E::ID)).eq(survivor))
        .and_where(Expr::col((then, E::ID)).eq(Expr::col(column.as_column_ref())))
        .cond_where(condition)
        .take();
    Expr::exists(records)
}

/// A golden record about to be served.
pub struct Serving<'a> {
    /// Its id.
    pub id: GoldenId,
    /// Its settled values.
    pub golden: &'a GoldenRecord,
    /// Where its references lead.
    pub references: &'a References,
    /// The account found by its company; leads only.
    pub account: Option<GoldenId>,
    /// When.
    pub now: DateTime<Utc>,
}

impl Serving<'_> {
    /// The value of a field.
    pub fn text(&self, field: Field) -> Option<String> {
        self.golden.text(field).map(str::to_owned)
    }

    /// The value of a field whose canonical text is that of a type.
    pub fn parsed<T: FromStr>(&self, field: Field) -> Option<T> {
        self.golden.text(field)?.parse().ok()
    }

    /// The value of a field that holds one of our ids.
    pub fn id_of<Id: From<Uuid>>(&self, field: Field) -> Option<Id> {
        self.parsed::<Uuid>(field).map(Id::from)
    }

    /// A reference as the row keeps it until its record arrives: `SYSTEM/external id`, for two systems may use the same
    /// ids.
    pub fn reference_text(&self, field: Field) -> Option<String> {
        let settlement = self.golden.settlement(field)?;
        Some(references::text(&settlement.source()?.system, settlement.value.as_deref()?))
    }

    /// The golden record that a reference leads to, if it has arrived already.
    pub fn reference(&self, field: Field) -> Option<GoldenId> {
        let settlement = self.golden.settlement(field)?;
        self.references.find(field, &settlement.source()?.system, settlement.value.as_deref()?)
    }
}

/// Does the same for the table of a kind.
macro_rules! for_kind {
    ($kind:expr, $function:ident($($argument:expr),*)) => {
        match $kind {
            RecordKind::Account => $function::<entity::accounts::golden_account::Entity>($($argument),*).await,
            RecordKind::Contact => $function::<entity::contacts::golden_contact::Entity>($($argument),*).await,
            RecordKind::Lead => $function::<entity::leads::golden_lead::Entity>($($argument),*).await,
            RecordKind::Opportunity => {
                $function::<entity::opportunities::golden_opportunity::Entity>($($argument),*).await
            }
        }
    };
}

pub(super) use for_kind;

/// Whether a golden record can still be changed.
pub(super) struct Standing {
    /// The survivor, when it lost a merge.
    pub(super) redirect_to: Option<GoldenId>,
    /// Whether no live source is left.
    pub(super) is_archived: bool,
}

/// How a golden record stands; `None` when there never was one.
pub(super) async fn standing_of(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    id: GoldenId,
) -> Result<Option<Standing>, DbErr> {
    for_kind!(kind, standing(db, id))
}

/// Writes the rows of a kind: new ones as they are, known ones with the next version and their own beginning.
pub(super) async fn write_kind(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    servings: &[Serving<'_>],
) -> Result<(), DbErr> {
    for_kind!(kind, write(db, servings))
}

/// Marks records as archived: they keep their last values and resolve for ever.
pub(super) async fn archive_kind(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    ids: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for_kind!(kind, archive(db, ids, now))
}

/// Brings archived records back whose sources exist again.
pub(super) async fn revive_kind(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    ids: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for_kind!(kind, revive(db, ids, now))
}

/// Lets the loser of a merge, and all that redirected to it, redirect to the survivor.
pub(super) async fn redirect_kind(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    loser: GoldenId,
    survivor: GoldenId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for_kind!(kind, redirect(db, loser, survivor, now))
}

/// Makes a redirecting id a record of its own again; `followers` redirect to it from now on.
pub(super) async fn give_back_kind(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    id: GoldenId,
    followers: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for_kind!(kind, give_back(db, id, followers, now))
}

/// Empties the fields of persons in those of these rows that no settling writes: they lost a merge, or no source has them.
pub(super) async fn scrub_kind(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    ids: &[GoldenId],
) -> Result<(), DbErr> {
    for_kind!(kind, scrub(db, ids))
}

/// The id itself, or the one it redirects to; `None` when it was never issued.
pub(super) async fn current_kind(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    id: GoldenId,
) -> Result<Option<GoldenId>, DbErr> {
    for_kind!(kind, current(db, id))
}

/// Those of these ids that redirect at the moment, with where they lead.
pub(super) async fn redirecting_kind(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    ids: &[GoldenId],
) -> Result<Vec<(GoldenId, GoldenId)>, DbErr> {
    for_kind!(kind, redirecting(db, ids))
}

async fn write<E>(db: &impl ConnectionTrait, servings: &[Serving<'_>]) -> Result<(), DbErr>
where
    E: Served,
    E::ActiveModel: Send,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let kept = [E::ID, E::VERSION, E::CREATED_AT, E::REDIRECT_TO].map(|it| it.unquoted().to_owned());
    let replaced = E::Column::iter().filter(|it| !kept.contains(&it.unquoted().to_owned()));
    let mut conflict = OnConflict::column(E::ID);
    conflict.update_columns(replaced);
    conflict.value(E::VERSION, Expr::col((E::default(), E::VERSION)).add(1));
    let rows = servings.iter().map(|it| E::row(it).into_active_model()).collect();
    insert_rows::<E, E::ActiveModel>(db, rows, Some(conflict)).await
}

async fn standing<E: Served>(db: &impl ConnectionTrait, id: GoldenId) -> Result<Option<Standing>, DbErr> {
    let row = E::find().select_only().columns([E::REDIRECT_TO, E::ARCHIVED_AT]).filter(E::ID.eq(id));
    let row: Option<(Option<GoldenId>, Option<DateTime<Utc>>)> = row.into_tuple().one(db).await?;
    Ok(row.map(|(redirect_to, archived_at)| Standing { redirect_to, is_archived: archived_at.is_some() }))
}

async fn archive<E: Served>(
    db: &impl ConnectionTrait,
    ids: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for list in lists(db, ids) {
        E::update_many()
            .col_expr(E::ARCHIVED_AT, Expr::value(now))
            .filter(list.holds(E::ID))
            .filter(E::ARCHIVED_AT.is_null())
            .exec(db)
            .await?;
    }
    Ok(())
}

async fn revive<E: Served>(
    db: &impl ConnectionTrait,
    ids: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for list in lists(db, ids) {
        E::update_many()
            .col_expr(E::ARCHIVED_AT, Expr::value(None::<DateTime<Utc>>))
            .col_expr(E::UPDATED_AT, Expr::value(now))
            .filter(list.holds(E::ID))
            .filter(E::ARCHIVED_AT.is_not_null())
            .exec(db)
            .await?;
    }
    Ok(())
}

async fn redirect<E: Served>(
    db: &impl ConnectionTrait,
    loser: GoldenId,
    survivor: GoldenId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let involved = E::ID.eq(loser).or(E::REDIRECT_TO.eq(loser));
    E::update_many()
        .col_expr(E::REDIRECT_TO, Expr::value(survivor))
        .col_expr(E::UPDATED_AT, Expr::value(now))
        .filter(involved)
        .exec(db)
        .await?;
    Ok(())
}

async fn give_back<E: Served>(
    db: &impl ConnectionTrait,
    id: GoldenId,
    followers: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    E::update_many()
        .col_expr(E::REDIRECT_TO, Expr::value(None::<GoldenId>))
        .col_expr(E::UPDATED_AT, Expr::value(now))
        .filter(E::ID.eq(id))
        .exec(db)
        .await?;
    for list in lists(db, followers) {
        E::update_many().col_expr(E::REDIRECT_TO, Expr::value(id)).filter(list.holds(E::ID)).exec(db).await?;
    }
    Ok(())
}

async fn scrub<E: Served>(db: &impl ConnectionTrait, ids: &[GoldenId]) -> Result<(), DbErr> {
    let personal: Vec<&str> = E::KIND.fields().filter(|it| it.is_personal()).map(|it| it.name()).collect();
    let columns: Vec<E::Column> = E::Column::iter().filter(|it| personal.contains(&it.unquoted())).collect();
    for list in lists(db, ids) {
        let at_rest = E::REDIRECT_TO.is_not_null().or(E::ARCHIVED_AT.is_not_null());
        let mut update = E::update_many().filter(list.holds(E::ID)).filter(at_rest);
        for column in &columns {
            update = update.col_expr(*column, Expr::value(None::<String>));
        }
        update.col_expr(E::VERSION, Expr::col((E::default(), E::VERSION)).add(1)).exec(db).await?;
    }
    Ok(())
}

async fn redirecting<E: Served>(
    db: &impl ConnectionTrait,
    ids: &[GoldenId],
) -> Result<Vec<(GoldenId, GoldenId)>, DbErr> {
    let mut redirecting = Vec::new();
    for list in lists(db, ids) {
        let found = E::find()
            .select_only()
            .columns([E::ID, E::REDIRECT_TO])
            .filter(list.holds(E::ID))
            .filter(E::REDIRECT_TO.is_not_null());
        redirecting.extend(found.into_tuple::<(GoldenId, GoldenId)>().all(db).await?);
    }
    Ok(redirecting)
}

async fn current<E: Served>(db: &impl ConnectionTrait, id: GoldenId) -> Result<Option<GoldenId>, DbErr> {
    let row = E::find().select_only().columns([E::ID, E::REDIRECT_TO]).filter(E::ID.eq(id));
    let row = row.into_tuple::<(GoldenId, Option<GoldenId>)>().one(db).await?;
    Ok(row.map(|(id, survivor)| survivor.unwrap_or(id)))
}
