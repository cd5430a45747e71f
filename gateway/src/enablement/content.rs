//! Publishing assets: a version supersedes the one before it in its language, and takes its place at the partners.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::enablement::{AssetKind, AssetVersion, OwnerDepartment, TierGate, fold, supersede, terms};
use domain::ids::{AssetVersionId, EnablementAssetId, PartnerId};
use domain::kpis::window::Span;
use domain::text::{Name, Passage};
use entity::enablement::{asset_version, enablement_asset, support_assignment};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::json;

use super::assigning::{audited, fact};
use super::service::EnablementRefusal;
use super::store;
use crate::error::{NotFound, Result};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::programs::tiers::held_at;

/// A version as it is to be.
#[derive(Debug, Clone, Serialize)]
pub struct VersionDetails {
    /// Its language.
    pub language: String,
    /// What it is called.
    pub title: Name,
    /// Words that it is found by.
    pub tags: BTreeSet<Name>,
    /// What it says.
    pub body: Option<Passage>,
    /// Where it is.
    pub location: Option<Name>,
    /// The lowest tier that may see it.
    pub lowest_tier_rank: Option<u32>,
    /// The first instant at which it may not be used any more.
    pub valid_until: Option<DateTime<Utc>>,
}

impl VersionDetails {
    fn check(&self, now: DateTime<Utc>) -> Result<(), EnablementRefusal> {
        let is_code = self.language.len() == 2 && self.language.bytes().all(|it| it.is_ascii_lowercase());
        let tags = self.tags.iter().map(|it| String::from(it.clone()));
        match () {
            () if !is_code => Err(EnablementRefusal::AssetLanguageInvalid),
            () if tags.into_iter().any(|it| it.contains(',')) => Err(EnablementRefusal::AssetTagInvalid),
            () if self.body.is_none() && self.location.is_none() => Err(EnablementRefusal::AssetEmpty),
            () if self.lowest_tier_rank == Some(0) => Err(EnablementRefusal::TierRankInvalid),
            () if self.valid_until.is_some_and(|it| it <= now) => Err(EnablementRefusal::AssetEndsFirst),
            () => Ok(()),
        }
    }
}

/// Enters an asset with its first version.
pub async fn create(
    ctx: &RequestContext,
    key: Option<&str>,
    (kind, owner_department): (AssetKind, OwnerDepartment),
    details: VersionDetails,
) -> Result<enablement_asset::Model> {
    ctx.caller.require(Permission::ManageEnablement)?;
    details.check(ctx.now)?;
    let once = Once::new(key, "createEnablementAsset", &(kind, owner_department, &details))?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier(&txn, ctx).await? {
        return Ok(store::lock_asset(&txn, id).await?.ok_or(NotFound("asset"))?);
    }
    let asset = enablement_asset::Model {
        id: ctx.clock.new_id(),
        kind,
        owner_department,
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
        retired_at: None,
    };
    let asset = store::insert_asset(&txn, asset).await?;
    add(&txn, ctx, asset.id, 1, details).await?;
    audited(&txn, ctx, "enablement.createAsset", asset.id, json!({ "kind": kind })).await?;
    once.remember(&txn, ctx, asset.id).await?;
    txn.commit().await?;
    Ok(asset)
}

/// Publishes a version. The one before it in its language ends; what partners had not consumed of it they are given anew, by
/// the same date.
pub async fn publish(
    ctx: &RequestContext,
    key: Option<&str>,
    id: EnablementAssetId,
    details: VersionDetails,
) -> Result<enablement_asset::Model> {
    ctx.caller.require(Permission::ManageEnablement)?;
    details.check(ctx.now)?;
    let once = Once::new(key, "publishAssetVersion", &(id, &details))?;
    let txn = ctx.begin().await?;
    let asset = store::lock_asset(&txn, id).await?.ok_or(NotFound("asset"))?;
    if once.earlier::<EnablementAssetId>(&txn, ctx).await?.is_some() {
        return Ok(asset);
    }
    if asset.retired_at.is_some() {
        return Err(EnablementRefusal::AssetRetired.into());
    }
    let before = store::latest(&txn, id, &details.language).await?;
    let version = add(&txn, ctx, id, before.as_ref().map_or(1, |it| it.number + 1), details).await?;
    let detail = json!({ "version": version.id, "language": version.language, "number": version.number });
    if let Some(before) = before {
        replace(&txn, ctx, &before, &version).await?;
        store::end_version(&txn, before, ctx.now).await?;
    }
    audited(&txn, ctx, "enablement.publishVersion", id, detail).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(asset)
}

/// From now on nobody is given the asset. Who has it keeps it. Doing it again changes nothing.
pub async fn retire(ctx: &RequestContext, id: EnablementAssetId) -> Result<enablement_asset::Model> {
    ctx.caller.require(Permission::ManageEnablement)?;
    let txn = ctx.begin().await?;
    let asset = store::lock_asset(&txn, id).await?.ok_or(NotFound("asset"))?;
    if asset.retired_at.is_some() {
        return Ok(asset);
    }
    let retired = enablement_asset::Model { retired_at: Some(ctx.now), ..asset };
    let asset = store::replace_asset(&txn, retired).await?;
    audited(&txn, ctx, "enablement.retireAsset", id, json!({})).await?;
    txn.commit().await?;
    Ok(asset)
}

async fn add(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    asset_id: EnablementAssetId,
    number: i32,
    details: VersionDetails,
) -> Result<asset_version::Model> {
    let tags: Vec<String> = details.tags.into_iter().map(String::from).collect();
    let (title, body) = (String::from(details.title), details.body.map(String::from));
    let search_text = fold(&[&title, tags.join(" ").as_str(), body.as_deref().unwrap_or_default()].join(" "));
    let terms = terms(&search_text);
    let row = asset_version::Model {
        id: ctx.clock.new_id(),
        asset_id,
        language: details.language,
        number,
        search_title: fold(&title),
        search_text,
        title,
        tags: tags.join(","),
        body,
        location: details.location.map(String::from),
        lowest_tier_rank: details.lowest_tier_rank.map(|it| i32::try_from(it).unwrap_or(i32::MAX)),
        valid_from: ctx.now,
        valid_until: details.valid_until,
        published_by: ctx.caller.subject.clone(),
    };
    Ok(store::insert_version(txn, row, terms).await?)
}

/// Gives partners the new version instead of one that they had not consumed, as far as their tier may see it.
async fn replace(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    old: &asset_version::Model,
    new: &asset_version::Model,
) -> Result<()> {
    let rows = store::lock_of_version(txn, old.id).await?;
    let facts: Vec<_> = rows.iter().map(fact).collect();
    let replacements = supersede(&facts, old.id, ctx.now);
    let partners: Vec<PartnerId> = replacements.iter().map(|it| it.partner).collect();
    let (tiers, gate) = (held_at(txn, &partners, ctx.now).await?, gate(new));
    let mut given = Vec::new();
    for (replacement, row) in replacements
        .iter()
        .filter_map(|it| rows.iter().find(|row| row.id == it.closed.id).map(|row| (it, row.clone())))
    {
        if gate.check(tiers.get(&row.partner_id).map(|it| it.rank)).is_ok() {
            given.push(super::assigning::row(
                ctx,
                (row.partner_id, new.id),
                row.package_id,
                replacement.due_at,
            ));
        }
        let closed = support_assignment::Model {
            cancelled_at: replacement.closed.cancelled_at,
            cancelled_by: Some(ctx.caller.subject.clone()),
            ..row
        };
        store::replace_assignment(txn, closed).await?;
    }
    Ok(store::insert_assignments(txn, given).await?)
}

fn gate(version: &asset_version::Model) -> TierGate {
    let rank = version.lowest_tier_rank.and_then(|it| u32::try_from(it).ok());
    rank.map_or(TierGate::OPEN, TierGate::from_rank)
}

/// A version as rules see it.
pub(super) fn version_fact(row: &asset_version::Model, kind: AssetKind) -> AssetVersion {
    AssetVersion {
        id: AssetVersionId(row.id.0),
        kind,
        number: u32::try_from(row.number).unwrap_or_default(),
        language: row.language.clone(),
        gate: gate(row),
        valid: Span { from: row.valid_from, until: row.valid_until },
    }
}
