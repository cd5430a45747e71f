//! Messages in SQL.

use chrono::{DateTime, Utc};
use domain::alerts::Urgency;
use domain::ids::NotificationId;
use domain::notifications::NotificationState;
use entity::notifications::notification::{Column, Model};
use sea_orm::sea_query::{Condition, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::platform::database::{Database, insert_rows};

pub use entity::notifications::notification::Entity;

pub(super) fn all() -> Select<Entity> {
    Entity::find()
}

/// Writes messages that are new; what was told before is not told again.
pub(super) async fn insert(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    let once = OnConflict::column(Column::Fingerprint).do_nothing().to_owned();
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<Entity, _>(db, rows, Some(once)).await
}

/// The message, locked until the transaction ends.
pub(super) async fn lock(txn: &DatabaseTransaction, id: NotificationId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(txn).await
}

pub(super) async fn save(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    row.into_active_model().reset_all().update(db).await.map(drop)
}

/// Which messages a sender takes.
pub(super) struct Lease {
    pub(super) now: DateTime<Utc>,
    /// Nobody else takes them before.
    pub(super) until: DateTime<Utc>,
    /// The others may wait.
    pub(super) only_urgent: bool,
    pub(super) most: u64,
}

/// Takes messages that are due. Those of a sender that died are due again.
pub(super) async fn lease(
    database: &Database,
    Lease { now, until, only_urgent, most }: Lease,
) -> Result<Vec<Model>, DbErr> {
    let txn = database.begin_write().await?;
    let urgencies = if only_urgent { &[Urgency::Urgent][..] } else { Urgency::ALL };
    let free = Condition::any().add(Column::LeasedUntil.is_null()).add(Column::LeasedUntil.lte(now));
    let due = Entity::find()
        .filter(Column::State.is_in([NotificationState::Queued, NotificationState::Failed]))
        .filter(Column::NextAttemptAt.lte(now))
        .filter(Column::Urgency.is_in(urgencies.iter().copied()))
        .filter(free)
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let mut leased = Vec::new();
    for row in due.all(&txn).await? {
        let row = Model { leased_until: Some(until), attempts: row.attempts + 1, updated_at: now, ..row };
        save(&txn, row.clone()).await?;
        leased.push(row);
    }
    txn.commit().await?;
    Ok(leased)
}
