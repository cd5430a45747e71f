//! What the API shows of support content and of who was given it.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::enablement::{AssetKind, AssignmentStage, OwnerDepartment};
use entity::enablement::{asset_version, enablement_asset, support_assignment, support_package};

use super::version_at_edge;
use crate::enablement::assigning::fact;
use crate::enablement::loader::{AssetById, AssetsOfPackage, PackageById, VersionsOfAsset};
use crate::error::Result;
use crate::partners;
use crate::partners::graphql::Partner;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// A document, video or other thing that partners sell with.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct EnablementAsset {
    /// Global id.
    pub id: ID,
    /// What it is.
    kind: AssetKind,
    /// Who writes it.
    owner_department: OwnerDepartment,
    /// When it was entered.
    created_at: DateTime<Utc>,
    /// From when on nobody is given it any more.
    retired_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    row: enablement_asset::Model,
}

impl From<enablement_asset::Model> for EnablementAsset {
    fn from(row: enablement_asset::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::EnablementAsset, row.id),
            kind: row.kind,
            owner_department: row.owner_department,
            created_at: row.created_at,
            retired_at: row.retired_at,
            row,
        }
    }
}

#[ComplexObject]
impl EnablementAsset {
    /// Its versions in all languages, newest first: for partners those that are valid and open to their tier, and those that they
    /// were given.
    #[graphql(complexity = "10 * child_complexity")]
    async fn versions(&self, ctx: &Context<'_>) -> Result<Vec<AssetVersion>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let versions = ctx.batch::<VersionsOfAsset>().get(ctx, self.row.id).await?;
        Ok(versions.unwrap_or_default().into_iter().map(AssetVersion::from).collect())
    }
}

/// One version of an asset in one language.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AssetVersion {
    /// Global id.
    pub id: ID,
    /// ISO 639-1 code of its language.
    language: String,
    /// Rises with every version of the asset in this language.
    number: i32,
    /// What it is called.
    title: String,
    /// Words that it is found by.
    tags: Vec<String>,
    /// What it says, as far as it is text.
    body: Option<String>,
    /// Where it is.
    location: Option<String>,
    /// The lowest tier that may see it, 1 being the highest; null when every partner may.
    lowest_tier_rank: Option<i32>,
    /// The first instant at which it may be used.
    valid_from: DateTime<Utc>,
    /// The first instant at which it may not be used any more.
    valid_until: Option<DateTime<Utc>>,
    #[graphql(skip)]
    row: asset_version::Model,
}

impl From<asset_version::Model> for AssetVersion {
    fn from(row: asset_version::Model) -> Self {
        let shown = row.clone();
        Self {
            id: NodeId::encode(NodeType::AssetVersion, row.id),
            language: shown.language,
            number: row.number,
            title: shown.title,
            tags: row.tags.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            body: shown.body,
            location: shown.location,
            lowest_tier_rank: row.lowest_tier_rank,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            row,
        }
    }
}

#[ComplexObject]
impl AssetVersion {
    /// What it is a version of.
    async fn asset(&self, ctx: &Context<'_>) -> Option<Result<EnablementAsset>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let asset = ctx.batch::<AssetById>().get(ctx, self.row.asset_id).await;
        asset.map(|it| it.map(EnablementAsset::from)).transpose()
    }
}

/// Assets for one purpose, in the order in which they are to be used.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SupportPackage {
    /// Global id.
    pub id: ID,
    /// What it is called in Japanese.
    name_ja: String,
    /// What it is called in English.
    name_en: Option<String>,
    /// When it was entered.
    created_at: DateTime<Utc>,
    #[graphql(skip)]
    row: support_package::Model,
}

impl From<support_package::Model> for SupportPackage {
    fn from(row: support_package::Model) -> Self {
        let shown = row.clone();
        Self {
            id: NodeId::encode(NodeType::SupportPackage, row.id),
            name_ja: shown.name_ja,
            name_en: shown.name_en,
            created_at: row.created_at,
            row,
        }
    }
}

#[ComplexObject]
impl SupportPackage {
    /// Its assets, as far as the caller sees them.
    #[graphql(complexity = "10 * child_complexity")]
    async fn assets(&self, ctx: &Context<'_>) -> Result<Vec<EnablementAsset>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let ids = ctx.batch::<AssetsOfPackage>().get(ctx, self.row.id).await?.unwrap_or_default();
        let batch = ctx.batch::<AssetById>();
        let assets = futures::future::try_join_all(ids.into_iter().map(|it| batch.get(ctx, it))).await?;
        Ok(assets.into_iter().flatten().map(EnablementAsset::from).collect())
    }
}

/// One version of an asset given to one partner.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SupportAssignment {
    /// Global id.
    pub id: ID,
    /// How far it has come.
    stage: AssignmentStage,
    /// When it was given.
    assigned_at: DateTime<Utc>,
    /// By when it is to be consumed.
    due_at: Option<DateTime<Utc>>,
    /// When the partner was told.
    delivered_at: Option<DateTime<Utc>>,
    /// When a user first did anything with it.
    opened_at: Option<DateTime<Utc>>,
    /// When the criterion of its kind was met.
    consumed_at: Option<DateTime<Utc>>,
    /// When it was taken back, or a newer version took its place.
    cancelled_at: Option<DateTime<Utc>>,
    /// Why it was taken back; null when a newer version took its place.
    cancel_reason: Option<String>,
    #[graphql(skip)]
    row: support_assignment::Model,
}

impl From<support_assignment::Model> for SupportAssignment {
    fn from(row: support_assignment::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::SupportAssignment, row.id),
            stage: fact(&row).stage(),
            assigned_at: row.assigned_at,
            due_at: row.due_at,
            delivered_at: row.delivered_at,
            opened_at: row.opened_at,
            consumed_at: row.consumed_at,
            cancelled_at: row.cancelled_at,
            cancel_reason: row.cancel_reason.clone(),
            row,
        }
    }
}

#[ComplexObject]
impl SupportAssignment {
    /// Whether it waits to be consumed and its date has passed.
    async fn is_overdue(&self, ctx: &Context<'_>) -> bool {
        fact(&self.row).is_overdue(ctx.data_unchecked::<RequestContext>().now)
    }

    /// To whom it was given.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        partners::graphql::at_edge(ctx.data_unchecked(), self.row.partner_id).await.transpose()
    }

    /// What was given.
    async fn asset_version(&self, ctx: &Context<'_>) -> Option<Result<AssetVersion>> {
        version_at_edge(ctx.data_unchecked(), self.row.asset_version_id).await.transpose()
    }

    /// The package that it came with.
    async fn package(&self, ctx: &Context<'_>) -> Option<Result<SupportPackage>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let package = ctx.batch::<PackageById>().get(ctx, self.row.package_id?).await;
        package.map(|it| it.map(SupportPackage::from)).transpose()
    }

    /// Who gave it; shown to staff.
    async fn assigned_by(&self, ctx: &Context<'_>) -> Option<&str> {
        let is_staff = ctx.data_unchecked::<RequestContext>().caller.is_staff();
        is_staff.then_some(self.row.assigned_by.as_str())
    }
}
