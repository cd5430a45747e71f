//! Batched reads of content for nested fields, as the caller sees it.

use std::collections::HashMap;

use domain::ids::{AssetVersionId, EnablementAssetId, SupportPackageId};
use entity::enablement::{asset_version, enablement_asset, support_package};
use sea_orm::{QueryFilter, QueryOrder};

use super::{access, store};
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by, groups_by};

/// Assets by id.
#[derive(Default)]
pub struct AssetById;

/// Versions by id.
#[derive(Default)]
pub struct VersionById;

/// The versions of an asset, newest first.
#[derive(Default)]
pub struct VersionsOfAsset;

/// Packages by id.
#[derive(Default)]
pub struct PackageById;

/// The assets of a package, in order.
#[derive(Default)]
pub struct AssetsOfPackage;

impl BatchLoad for AssetById {
    type Key = EnablementAssetId;
    type Value = enablement_asset::Model;

    async fn load(ctx: &RequestContext, ids: &[EnablementAssetId]) -> Loaded<Self> {
        let these = among(ctx.read(), enablement_asset::Column::Id, ids.iter().copied());
        let rows = access::assets_visible_to(ctx).await?.filter(these).all(ctx.read()).await?;
        Ok(each_by(rows, |it| it.id))
    }
}

impl BatchLoad for VersionById {
    type Key = AssetVersionId;
    type Value = asset_version::Model;

    async fn load(ctx: &RequestContext, ids: &[AssetVersionId]) -> Loaded<Self> {
        let these = among(ctx.read(), asset_version::Column::Id, ids.iter().copied());
        let rows = access::versions_visible_to(ctx).await?.filter(these).all(ctx.read()).await?;
        Ok(each_by(rows, |it| it.id))
    }
}

impl BatchLoad for VersionsOfAsset {
    type Key = EnablementAssetId;
    type Value = Vec<asset_version::Model>;

    async fn load(ctx: &RequestContext, assets: &[EnablementAssetId]) -> Loaded<Self> {
        use asset_version::Column;
        let these = among(ctx.read(), Column::AssetId, assets.iter().copied());
        let rows = access::versions_visible_to(ctx).await?.filter(these).order_by_desc(Column::Id);
        Ok(groups_by(rows.all(ctx.read()).await?, |it| it.asset_id))
    }
}

impl BatchLoad for PackageById {
    type Key = SupportPackageId;
    type Value = support_package::Model;

    async fn load(ctx: &RequestContext, ids: &[SupportPackageId]) -> Loaded<Self> {
        let these = among(ctx.read(), support_package::Column::Id, ids.iter().copied());
        let rows = access::packages_visible_to(&ctx.caller).filter(these).all(ctx.read()).await?;
        Ok(each_by(rows, |it| it.id))
    }
}

impl BatchLoad for AssetsOfPackage {
    type Key = SupportPackageId;
    type Value = Vec<EnablementAssetId>;

    async fn load(ctx: &RequestContext, packages: &[SupportPackageId]) -> Loaded<Self> {
        let mut assets: HashMap<_, Vec<_>> = HashMap::new();
        for item in store::items(ctx.read(), packages).await? {
            assets.entry(item.package_id).or_default().push(item.asset_id);
        }
        Ok(assets)
    }
}
