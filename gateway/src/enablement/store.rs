//! Content and assignments in SQL. What a person asks for starts from what the caller sees; rules and jobs see everything.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::ids::{AssetVersionId, AssignmentId, EnablementAssetId, PartnerId, SupportPackageId};
use entity::enablement::{
    asset_term, asset_version, enablement_asset, support_assignment, support_package, support_package_item,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::platform::database::{among, insert_rows, lists};

/// The asset; keeps others from publishing versions of it until the transaction ends.
pub(super) async fn lock_asset(
    txn: &DatabaseTransaction,
    id: EnablementAssetId,
) -> Result<Option<enablement_asset::Model>, DbErr> {
    enablement_asset::Entity::find_by_id(id).lock_exclusive().one(txn).await
}

pub(super) async fn insert_asset(
    db: &impl ConnectionTrait,
    row: enablement_asset::Model,
) -> Result<enablement_asset::Model, DbErr> {
    row.into_active_model().insert(db).await
}

pub(super) async fn replace_asset(
    db: &impl ConnectionTrait,
    row: enablement_asset::Model,
) -> Result<enablement_asset::Model, DbErr> {
    row.into_active_model().reset_all().update(db).await
}

/// Writes a version with the terms that it is found by.
pub(super) async fn insert_version(
    db: &impl ConnectionTrait,
    row: asset_version::Model,
    terms: BTreeSet<String>,
) -> Result<asset_version::Model, DbErr> {
    let asset_version_id = row.id;
    let row = row.into_active_model().insert(db).await?;
    let terms =
        terms.into_iter().map(|term| asset_term::Model { term, asset_version_id }.into_active_model());
    insert_rows::<asset_term::Entity, _>(db, terms.collect(), None).await?;
    Ok(row)
}

/// The latest version of an asset in a language.
pub(super) async fn latest(
    db: &impl ConnectionTrait,
    asset: EnablementAssetId,
    language: &str,
) -> Result<Option<asset_version::Model>, DbErr> {
    use asset_version::{Column, Entity};
    let of = Entity::find().filter(Column::AssetId.eq(asset)).filter(Column::Language.eq(language));
    of.order_by_desc(Column::Number).one(db).await
}

/// Ends a version, unless it has ended before.
pub(super) async fn end_version(
    db: &impl ConnectionTrait,
    mut row: asset_version::Model,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    row.valid_until = Some(row.valid_until.map_or(at, |it| Ord::min(it, at)));
    row.into_active_model().reset_all().update(db).await.map(drop)
}

pub(super) async fn existing(
    db: &impl ConnectionTrait,
    versions: &[AssetVersionId],
) -> Result<Vec<AssetVersionId>, DbErr> {
    use asset_version::{Column, Entity};
    let known = Entity::find().select_only().column(Column::Id);
    known.filter(among(db, Column::Id, versions.iter().copied())).into_tuple().all(db).await
}

/// Every version of these assets, with its asset.
pub(super) async fn versions_of(
    db: &impl ConnectionTrait,
    assets: &[EnablementAssetId],
) -> Result<Vec<(asset_version::Model, enablement_asset::Model)>, DbErr> {
    use asset_version::Column;
    let kinds = enablement_asset::Entity::find()
        .filter(among(db, enablement_asset::Column::Id, assets.iter().copied()))
        .all(db)
        .await?;
    let versions = asset_version::Entity::find().filter(among(db, Column::AssetId, assets.iter().copied()));
    let versions = versions.order_by_asc(Column::Id).all(db).await?;
    let asset = |it: &asset_version::Model| kinds.iter().find(|asset| asset.id == it.asset_id).cloned();
    Ok(versions.into_iter().filter_map(|it| asset(&it).map(|asset| (it, asset))).collect())
}

/// A version and its asset.
pub(super) async fn version(
    db: &impl ConnectionTrait,
    id: AssetVersionId,
) -> Result<Option<(asset_version::Model, enablement_asset::Model)>, DbErr> {
    let Some(version) = asset_version::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let asset = enablement_asset::Entity::find_by_id(version.asset_id).one(db).await?;
    Ok(asset.map(|it| (version, it)))
}

pub(super) async fn insert_package(
    db: &impl ConnectionTrait,
    row: support_package::Model,
    assets: &[EnablementAssetId],
) -> Result<support_package::Model, DbErr> {
    let package_id = row.id;
    let row = row.into_active_model().insert(db).await?;
    let items = (0..).zip(assets).map(|(position, asset_id)| {
        support_package_item::Model { package_id, position, asset_id: *asset_id }.into_active_model()
    });
    insert_rows::<support_package_item::Entity, _>(db, items.collect(), None).await?;
    Ok(row)
}

/// The package, whoever asks.
pub(super) async fn package(
    db: &impl ConnectionTrait,
    id: SupportPackageId,
) -> Result<Option<support_package::Model>, DbErr> {
    support_package::Entity::find_by_id(id).one(db).await
}

/// The assets of packages, in order.
pub(super) async fn items(
    db: &impl ConnectionTrait,
    packages: &[SupportPackageId],
) -> Result<Vec<support_package_item::Model>, DbErr> {
    use support_package_item::{Column, Entity};
    let items = Entity::find().filter(among(db, Column::PackageId, packages.iter().copied()));
    items.order_by_asc(Column::PackageId).order_by_asc(Column::Position).all(db).await
}

/// The assignments of partners that are not taken back.
pub(super) async fn given(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    versions: &BTreeSet<AssetVersionId>,
) -> Result<Vec<support_assignment::Model>, DbErr> {
    use support_assignment::{Column, Entity};
    let mut found = Vec::new();
    for list in lists(db, partners) {
        let some = Entity::find().filter(list.holds(Column::PartnerId)).filter(Column::CancelledAt.is_null());
        let some = some.filter(among(db, Column::AssetVersionId, versions.iter().copied()));
        found.extend(some.order_by_asc(Column::Id).all(db).await?);
    }
    Ok(found)
}

/// Gives what is not given yet.
pub(super) async fn insert_assignments(
    db: &impl ConnectionTrait,
    rows: Vec<support_assignment::Model>,
) -> Result<(), DbErr> {
    use support_assignment::{Column, Entity};
    let mut known = OnConflict::columns([Column::AssetVersionId, Column::PartnerId]);
    known.target_and_where(Expr::col(Column::CancelledAt).is_null()).do_nothing();
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<Entity, _>(db, rows, Some(known)).await
}

/// The assignment, whoever asks; keeps others from changing it until the transaction ends.
pub(super) async fn lock_assignment(
    txn: &DatabaseTransaction,
    id: AssignmentId,
) -> Result<Option<support_assignment::Model>, DbErr> {
    support_assignment::Entity::find_by_id(id).lock_exclusive().one(txn).await
}

pub(super) async fn replace_assignment(
    db: &impl ConnectionTrait,
    row: support_assignment::Model,
) -> Result<support_assignment::Model, DbErr> {
    row.into_active_model().reset_all().update(db).await
}

/// The assignments of a version that are not taken back; keeps others from changing them until the transaction ends.
pub(super) async fn lock_of_version(
    txn: &DatabaseTransaction,
    version: AssetVersionId,
) -> Result<Vec<support_assignment::Model>, DbErr> {
    use support_assignment::{Column, Entity};
    let of = Entity::find().filter(Column::AssetVersionId.eq(version)).filter(Column::CancelledAt.is_null());
    of.order_by_asc(Column::Id).lock_exclusive().all(txn).await
}

/// The assignments of these partners and versions. Locked in the order of their ids, so that nobody waits in a circle, and so
/// that whoever reckons one of them now sees what this transaction writes.
pub(super) async fn lock_assignments_of(
    txn: &DatabaseTransaction,
    touched: &BTreeSet<(PartnerId, AssetVersionId)>,
) -> Result<Vec<AssignmentId>, DbErr> {
    use support_assignment::{Column, Entity};
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let versions: BTreeSet<AssetVersionId> = touched.iter().map(|it| it.1).collect();
    let partners: BTreeSet<PartnerId> = touched.iter().map(|it| it.0).collect();
    let rows = Entity::find()
        .filter(among(txn, Column::AssetVersionId, versions))
        .filter(among(txn, Column::PartnerId, partners))
        .order_by_asc(Column::Id)
        .lock_exclusive();
    let rows = rows.all(txn).await?.into_iter();
    let is_meant = |it: &support_assignment::Model| touched.contains(&(it.partner_id, it.asset_version_id));
    Ok(rows.filter(is_meant).map(|it| it.id).collect())
}

/// Notes that events have come of these assignments.
pub(super) async fn note_stale(
    db: &impl ConnectionTrait,
    assignments: Vec<AssignmentId>,
    since: DateTime<Utc>,
) -> Result<(), DbErr> {
    use support_assignment::{Column, Entity};
    for list in lists(db, &assignments) {
        let noted = Entity::update_many().col_expr(Column::StaleSince, Expr::value(since));
        noted.filter(list.holds(Column::Id)).exec(db).await?;
    }
    Ok(())
}

/// Assignments of which events have come, at most so many.
pub(super) async fn stale(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<AssignmentId>, DbErr> {
    use support_assignment::{Column, Entity};
    let stale = Entity::find().select_only().column(Column::Id).filter(Column::StaleSince.is_not_null());
    stale.order_by_asc(Column::StaleSince).limit(limit).into_tuple().all(db).await
}

/// Partners behind one that were not told yet of something that they were given, at most so many.
pub(super) async fn untold(
    db: &impl ConnectionTrait,
    after: Option<PartnerId>,
    limit: u64,
) -> Result<Vec<PartnerId>, DbErr> {
    use support_assignment::{Column, Entity};
    let untold = Entity::find().select_only().column(Column::PartnerId).distinct();
    let untold = untold.filter(Column::DeliveredAt.is_null()).filter(Column::CancelledAt.is_null());
    let untold = untold.filter(Column::PartnerId.gt(after.unwrap_or(PartnerId(uuid::Uuid::nil()))));
    untold.order_by_asc(Column::PartnerId).limit(limit).into_tuple().all(db).await
}

/// What a partner was not told of yet; keeps others from telling it until the transaction ends.
pub(super) async fn lock_untold(
    txn: &DatabaseTransaction,
    partner: PartnerId,
) -> Result<Vec<support_assignment::Model>, DbErr> {
    use support_assignment::{Column, Entity};
    let untold = Entity::find().filter(Column::PartnerId.eq(partner)).filter(Column::DeliveredAt.is_null());
    untold.filter(Column::CancelledAt.is_null()).order_by_asc(Column::Id).lock_exclusive().all(txn).await
}

/// Titles of versions, in their order.
pub(super) async fn titles(
    db: &impl ConnectionTrait,
    versions: &[AssetVersionId],
) -> Result<Vec<String>, DbErr> {
    use asset_version::{Column, Entity};
    let titles = Entity::find().select_only().column(Column::Title);
    let titles = titles.filter(among(db, Column::Id, versions.iter().copied())).order_by_asc(Column::Id);
    titles.into_tuple().all(db).await
}
