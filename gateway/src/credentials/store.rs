//! Keys and revocations in SQL.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::ApiKeyId;
use entity::credentials::api_key::{self, Column};
use entity::credentials::token_revocation;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

/// How exactly it is known when a key was used last.
const USED_TO_THE: TimeDelta = TimeDelta::minutes(1);

/// The key with this hash.
pub(super) async fn by_hash(db: &impl ConnectionTrait, hash: &str) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find().filter(Column::SecretHash.eq(hash)).one(db).await
}

/// All keys, newest first.
pub(super) async fn keys(db: &impl ConnectionTrait) -> Result<Vec<api_key::Model>, DbErr> {
    api_key::Entity::find().order_by_desc(Column::Id).all(db).await
}

/// The key, locked until the transaction ends.
pub(super) async fn lock(txn: &DatabaseTransaction, id: ApiKeyId) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find_by_id(id).lock_exclusive().one(txn).await
}

/// Notes that a key is in use, unless that is known.
pub(super) async fn use_key(
    db: &impl ConnectionTrait,
    key: &api_key::Model,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    if key.last_used_at.is_some_and(|it| now < it + USED_TO_THE) {
        return Ok(());
    }
    let unknown =
        Condition::any().add(Column::LastUsedAt.is_null()).add(Column::LastUsedAt.lte(now - USED_TO_THE));
    let used = api_key::Entity::update_many().col_expr(Column::LastUsedAt, Expr::value(now));
    used.filter(Column::Id.eq(key.id)).filter(unknown).exec(db).await.map(drop)
}

/// What was revoked since, newest first.
pub(super) async fn revoked_since(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
) -> Result<Vec<token_revocation::Model>, DbErr> {
    use token_revocation::Column;
    let revoked = token_revocation::Entity::find().filter(Column::RevokedAt.gte(since));
    revoked.order_by_desc(Column::Id).all(db).await
}
