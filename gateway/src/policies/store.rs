//! Policy versions in SQL.

use chrono::{DateTime, Utc};
use domain::ids::PolicyVersionId;
use domain::policies::{PolicyKind, PolicyState};
use entity::policies::policy_version::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

/// Which versions are active.
pub(super) async fn active_ids(
    db: &impl ConnectionTrait,
) -> Result<Vec<(PolicyKind, PolicyVersionId)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::Kind, Column::Id])
        .filter(Column::State.eq(PolicyState::Active))
        .into_tuple()
        .all(db)
        .await
}

/// The active versions.
pub(super) async fn active(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::State.eq(PolicyState::Active)).order_by_asc(Column::Kind).all(db).await
}

/// The active version of a kind.
pub(super) async fn active_of(db: &impl ConnectionTrait, kind: PolicyKind) -> Result<Option<Model>, DbErr> {
    let active = Entity::find().filter(Column::State.eq(PolicyState::Active));
    active.filter(Column::Kind.eq(kind)).one(db).await
}

/// Which version came into force when, in that order.
pub(super) async fn activations(
    db: &impl ConnectionTrait,
) -> Result<Vec<(PolicyKind, PolicyVersionId, DateTime<Utc>)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::Kind, Column::Id, Column::ActivatedAt])
        .filter(Column::ActivatedAt.is_not_null())
        .order_by_asc(Column::ActivatedAt)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await
}

/// The versions of a kind that ever came into force, in that order.
pub(super) async fn activated(db: &impl ConnectionTrait, kind: PolicyKind) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::ActivatedAt.is_not_null())
        .order_by_asc(Column::ActivatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Versions by id.
pub(super) async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = PolicyVersionId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Adds a version.
pub(super) async fn insert(db: &impl ConnectionTrait, version: Model) -> Result<Model, DbErr> {
    version.into_active_model().insert(db).await
}

/// A version by id.
pub(super) async fn find(db: &impl ConnectionTrait, id: PolicyVersionId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Writes a version as it stands now; `None` when it no longer stood where it was seen.
pub(super) async fn replace(
    db: &impl ConnectionTrait,
    seen: PolicyState,
    version: Model,
) -> Result<Option<Model>, DbErr> {
    let row = version.clone().into_active_model().reset_all();
    let still = Entity::update_many().set(row).filter(Column::Id.eq(version.id));
    let moved = still.filter(Column::State.eq(seen)).exec(db).await?;
    Ok((moved.rows_affected == 1).then_some(version))
}
