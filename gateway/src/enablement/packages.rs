//! 支援パッケージ: assets for one purpose.

use std::collections::BTreeSet;

use domain::access::Permission;
use domain::ids::{EnablementAssetId, SupportPackageId};
use domain::text::Name;
use entity::enablement::support_package;
use serde::Serialize;
use serde_json::json;

use super::assigning::audited;
use super::service::{EnablementRefusal, MOST_ITEMS};
use super::store;
use crate::error::{NotFound, Result};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// A package as it is to be.
#[derive(Debug, Clone, Serialize)]
pub struct PackageDetails {
    /// What it is called in Japanese.
    pub name_ja: Name,
    /// What it is called in English.
    pub name_en: Option<Name>,
    /// Its assets, in the order in which they are to be used.
    pub assets: Vec<EnablementAssetId>,
}

/// Enters a package.
pub async fn create(
    ctx: &RequestContext,
    key: Option<&str>,
    details: PackageDetails,
) -> Result<support_package::Model> {
    ctx.caller.require(Permission::ManageEnablement)?;
    let once = Once::new(key, "createSupportPackage", &details)?;
    let different: BTreeSet<_> = details.assets.iter().collect();
    if details.assets.is_empty()
        || details.assets.len() > MOST_ITEMS
        || different.len() < details.assets.len()
    {
        return Err(EnablementRefusal::PackageSize.into());
    }
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier::<SupportPackageId>(&txn, ctx).await? {
        return Ok(store::package(&txn, id).await?.ok_or(NotFound("package"))?);
    }
    for asset in &details.assets {
        store::lock_asset(&txn, *asset).await?.ok_or(NotFound("asset"))?;
    }
    let row = support_package::Model {
        id: ctx.clock.new_id(),
        name_ja: details.name_ja.into(),
        name_en: details.name_en.map(String::from),
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
    };
    let row = store::insert_package(&txn, row, &details.assets).await?;
    audited(&txn, ctx, "enablement.createPackage", row.id, json!({ "assets": details.assets })).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}
