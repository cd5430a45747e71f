//! The engagement log in SQL: written once, never changed.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{AssetVersionId, PartnerId};
use entity::engagement::{engagement_day_due, engagement_event, engagement_event_key, engagement_kind};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::platform::database::{insert_rows, lists};

/// Claims keys for events, and gives each key with the event that it belongs to: the one of this claim, or an earlier one.
///
/// In the order of the keys: two uploads of the same events wait for each other, and not in a circle.
pub(super) async fn claim(
    db: &impl ConnectionTrait,
    mut claims: Vec<engagement_event_key::Model>,
) -> Result<HashMap<Uuid, engagement_event_key::Model>, DbErr> {
    use engagement_event_key::{Column, Entity};
    claims.sort_unstable_by_key(|it| it.key);
    let keys: Vec<Uuid> = claims.iter().map(|it| it.key).collect();
    let known = OnConflict::column(Column::Key).do_nothing().to_owned();
    let claims = claims.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<Entity, _>(db, claims, Some(known)).await?;
    let mut owners = HashMap::with_capacity(keys.len());
    for list in lists(db, &keys) {
        let rows = Entity::find().filter(list.holds(Column::Key)).all(db).await?;
        owners.extend(rows.into_iter().map(|it| (it.key, it)));
    }
    Ok(owners)
}

/// Writes events whose keys were claimed.
pub(super) async fn append(
    db: &impl ConnectionTrait,
    events: Vec<engagement_event::Model>,
) -> Result<(), DbErr> {
    let rows = events.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<engagement_event::Entity, _>(db, rows, None).await
}

/// Notes days of partners that are to be counted anew. A day that is noted already is locked, so that whoever counts it now
/// waits for these events.
pub(super) async fn note_days(
    db: &impl ConnectionTrait,
    days: BTreeSet<(PartnerId, NaiveDate)>,
    since: DateTime<Utc>,
) -> Result<(), DbErr> {
    use engagement_day_due::{Column, Entity, Model};
    let lock = OnConflict::columns([Column::PartnerId, Column::Day])
        .update_column(Column::Since)
        .action_and_where(Expr::value(false))
        .to_owned();
    let rows = days.into_iter().map(|(partner_id, day)| Model { partner_id, day, since });
    insert_rows::<Entity, _>(db, rows.map(IntoActiveModel::into_active_model).collect(), Some(lock)).await
}

/// Events of a partner about a version of an asset since an instant, in order of time.
pub(super) async fn of_asset(
    db: &impl ConnectionTrait,
    (partner, version): (PartnerId, AssetVersionId),
    since: DateTime<Utc>,
) -> Result<Vec<engagement_event::Model>, DbErr> {
    use engagement_event::{Column, Entity};
    let of = Entity::find().filter(Column::PartnerId.eq(partner)).filter(Column::OccurredAt.gte(since));
    let of = of.filter(Column::AssetVersionId.eq(version));
    of.order_by_asc(Column::OccurredAt).order_by_asc(Column::Id).all(db).await
}

/// Codes of the kinds that are switched off.
pub(super) async fn switched_off(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    use engagement_kind::{Column, Entity};
    let off = Entity::find().select_only().column(Column::Code).filter(Column::IsOn.eq(false));
    off.into_tuple().all(db).await
}

/// Switches a kind.
pub(super) async fn switch(db: &impl ConnectionTrait, row: engagement_kind::Model) -> Result<(), DbErr> {
    use engagement_kind::{Column, Entity};
    let again = OnConflict::column(Column::Code)
        .update_columns([Column::IsOn, Column::ChangedAt, Column::ChangedBy])
        .to_owned();
    Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(db).await.map(drop)
}
