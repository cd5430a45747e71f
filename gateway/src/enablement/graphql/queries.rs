//! Reading content and assignments.

use async_graphql::{Context, ID, InputObject, Object};
use domain::access::Permission;
use domain::enablement::{AssetKind, OwnerDepartment, SearchWords};
use domain::ids::{AssetVersionId, AssignmentId, EnablementAssetId, PartnerId, SupportPackageId};
use entity::enablement::{asset_version, enablement_asset, support_assignment, support_package};
use sea_orm::sea_query::{Condition, IntoCondition};
use sea_orm::{ColumnTrait, QueryFilter};

use super::types::{AssetVersion, EnablementAsset, SupportAssignment, SupportPackage};
use crate::enablement::{access, service};
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::all_of;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Which assets; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct EnablementAssetFilter {
    /// One of these kinds.
    kind: Option<Vec<AssetKind>>,
    /// Written by one of these.
    owner_department: Option<Vec<OwnerDepartment>>,
    /// Whether it is retired.
    is_retired: Option<bool>,
}

impl EnablementAssetFilter {
    fn condition(&self) -> Condition {
        use enablement_asset::Column;
        let retired = |is_retired: bool| match is_retired {
            true => Column::RetiredAt.is_not_null(),
            false => Column::RetiredAt.is_null(),
        };
        let conditions = [
            self.kind.as_ref().map(|it| Column::Kind.is_in(it.iter().copied())),
            self.owner_department.as_ref().map(|it| Column::OwnerDepartment.is_in(it.iter().copied())),
            self.is_retired.map(retired),
        ];
        all_of(conditions.map(|it| it.map(IntoCondition::into_condition)))
    }
}

/// Which assignments; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct SupportAssignmentFilter {
    /// To this partner.
    partner_id: Option<ID>,
    /// Whether it still waits to be consumed.
    is_open: Option<bool>,
    /// Whether it waits and its date has passed.
    is_overdue: Option<bool>,
}

impl SupportAssignmentFilter {
    fn condition(&self, ctx: &RequestContext) -> Result<Condition> {
        use support_assignment::Column;
        let open = || Condition::all().add(Column::ConsumedAt.is_null()).add(Column::CancelledAt.is_null());
        let overdue = open().add(Column::DueAt.is_not_null()).add(Column::DueAt.lt(ctx.now));
        let or_not = |is: bool, condition: Condition| if is { condition } else { condition.not() };
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode::<PartnerId>(it, NodeType::Partner));
        Ok(all_of([
            partner.transpose()?.map(|it| Column::PartnerId.eq(it).into_condition()),
            self.is_open.map(|it| or_not(it, open())),
            self.is_overdue.map(|it| or_not(it, overdue)),
        ]))
    }
}

/// Reading content and assignments.
#[derive(Default)]
pub struct EnablementQueries;

#[Object]
impl EnablementQueries {
    /// One asset.
    async fn enablement_asset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<EnablementAsset>> {
        asset(ctx.data_unchecked(), &id).await.transpose()
    }

    /// Assets, page by page: partners see those that are open to their tier and those that they were given.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn enablement_assets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which assets; all when left out.")] filter: Option<EnablementAssetFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<EnablementAsset>> {
        use enablement_asset::{Column, Model};
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadEnablement)?;
        let query = access::assets_visible_to(ctx).await?.filter(filter.unwrap_or_default().condition());
        let order = order_by.of("enablementAssets", Column::Id, |row: &Model| row.id.into());
        let node = |row: Model| (row.id.into(), EnablementAsset::from(row));
        page(ctx, query, Column::Id, order, &PageInput { first, after, last, before }, node).await
    }

    /// The versions of assets that have every word of a text in title, tags or body, in Japanese or English: those with all of them in
    /// the title first, then the newest.
    #[graphql(complexity = "page_cost(first, None) * child_complexity")]
    async fn search_assets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to 8 words, with spaces between them.")] text: String,
        #[graphql(desc = "At most so many, up to 50; 50 when left out.")] first: Option<i32>,
    ) -> Result<Vec<AssetVersion>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let words: SearchWords = text.parse().of_field("text")?;
        let most = first.and_then(|it| u64::try_from(it).ok()).unwrap_or(service::MOST_FOUND);
        let found = service::search(ctx, &words, most).await?;
        Ok(found.into_iter().map(AssetVersion::from).collect())
    }

    /// Packages of assets, page by page: partners see those that they were given something of.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    async fn support_packages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<SupportPackage>> {
        use support_package::{Column, Model};
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadEnablement)?;
        let query = access::packages_visible_to(&ctx.caller);
        let order = order_by.of("supportPackages", Column::Id, |row: &Model| row.id.into());
        let node = |row: Model| (row.id.into(), SupportPackage::from(row));
        page(ctx, query, Column::Id, order, &PageInput { first, after, last, before }, node).await
    }

    /// Who was given what, page by page: partners see their own, channel managers those of the partners they manage.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn support_assignments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which assignments; all when left out.")] filter: Option<SupportAssignmentFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<SupportAssignment>> {
        use support_assignment::{Column, Model};
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadEnablement)?;
        let query = access::assignments_visible_to(&ctx.caller);
        let query = query.filter(filter.unwrap_or_default().condition(ctx)?);
        let order = order_by.of("supportAssignments", Column::Id, |row: &Model| row.id.into());
        let node = |row: Model| (row.id.into(), SupportAssignment::from(row));
        page(ctx, query, Column::Id, order, &PageInput { first, after, last, before }, node).await
    }
}

async fn asset(ctx: &RequestContext, id: &ID) -> Result<Option<EnablementAsset>> {
    asset_by_id(ctx, NodeId::decode(id, NodeType::EnablementAsset)?).await
}

/// The asset, if the caller sees it.
pub async fn asset_by_id(ctx: &RequestContext, id: EnablementAssetId) -> Result<Option<EnablementAsset>> {
    ctx.caller.require(Permission::ReadEnablement)?;
    let query = access::assets_visible_to(ctx).await?.filter(enablement_asset::Column::Id.eq(id));
    Ok(query.one(ctx.read()).await?.map(EnablementAsset::from))
}

/// The version, if the caller sees it.
pub async fn version_by_id(ctx: &RequestContext, id: AssetVersionId) -> Result<Option<AssetVersion>> {
    ctx.caller.require(Permission::ReadEnablement)?;
    let query = access::versions_visible_to(ctx).await?.filter(asset_version::Column::Id.eq(id));
    Ok(query.one(ctx.read()).await?.map(AssetVersion::from))
}

/// The package, if the caller sees it.
pub async fn package_by_id(ctx: &RequestContext, id: SupportPackageId) -> Result<Option<SupportPackage>> {
    ctx.caller.require(Permission::ReadEnablement)?;
    let query = access::packages_visible_to(&ctx.caller).filter(support_package::Column::Id.eq(id));
    Ok(query.one(ctx.read()).await?.map(SupportPackage::from))
}

/// The assignment, if the caller sees it.
pub async fn assignment_by_id(ctx: &RequestContext, id: AssignmentId) -> Result<Option<SupportAssignment>> {
    ctx.caller.require(Permission::ReadEnablement)?;
    let query = access::assignments_visible_to(&ctx.caller).filter(support_assignment::Column::Id.eq(id));
    Ok(query.one(ctx.read()).await?.map(SupportAssignment::from))
}
