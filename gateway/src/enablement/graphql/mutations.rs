//! Publishing content, and giving it to partners.

use async_graphql::{Context, Object, SimpleObject};
use domain::enablement::AssignmentRule;
use entity::enablement::{enablement_asset, support_assignment, support_package};

use super::inputs::{
    AssignSupportByRuleInput, AssignSupportInput, CancelSupportAssignmentInput, CreateEnablementAssetInput,
    CreateSupportPackageInput, PublishAssetVersionInput, RetireEnablementAssetInput, assets,
};
use super::types::{EnablementAsset, SupportAssignment, SupportPackage};
use crate::enablement::service::{self, PackageDetails, Wanted};
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};

/// What a change of an asset gives back.
#[derive(SimpleObject)]
pub struct EnablementAssetPayload {
    /// The asset as it is now.
    enablement_asset: EnablementAsset,
}

/// A package that was entered.
#[derive(SimpleObject)]
pub struct SupportPackagePayload {
    /// The package.
    support_package: SupportPackage,
}

/// What was given.
#[derive(SimpleObject)]
pub struct AssignSupportPayload {
    /// What the partner has of it now.
    support_assignments: Vec<SupportAssignment>,
}

/// What a rule gave.
#[derive(SimpleObject)]
pub struct AssignSupportByRulePayload {
    /// How many assignments it made.
    assigned: usize,
}

/// What a change of an assignment gives back.
#[derive(SimpleObject)]
pub struct SupportAssignmentPayload {
    /// The assignment as it is now.
    support_assignment: SupportAssignment,
}

impl From<enablement_asset::Model> for EnablementAssetPayload {
    fn from(row: enablement_asset::Model) -> Self {
        Self { enablement_asset: row.into() }
    }
}

impl From<support_package::Model> for SupportPackagePayload {
    fn from(row: support_package::Model) -> Self {
        Self { support_package: row.into() }
    }
}

impl From<support_assignment::Model> for SupportAssignmentPayload {
    fn from(row: support_assignment::Model) -> Self {
        Self { support_assignment: row.into() }
    }
}

/// Publishing content, and giving it to partners.
#[derive(Default)]
pub struct EnablementMutations;

#[Object]
impl EnablementMutations {
    /// Enters an asset with its first version.
    async fn create_enablement_asset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The asset.")] input: CreateEnablementAssetInput,
    ) -> Result<Payload<EnablementAssetPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let details = input.version.details().of_field("version")?;
            let (key, of) = (input.idempotency_key.as_deref(), (input.kind, input.owner_department));
            Ok(service::create(ctx, key, of, details).await?.into())
        })
        .await
    }

    /// Publishes a version of an asset. The one before it in its language ends; what partners had not consumed of it they are given
    /// anew, by the same date.
    async fn publish_asset_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which asset, and the version.")] input: PublishAssetVersionInput,
    ) -> Result<Payload<EnablementAssetPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.asset_id, NodeType::EnablementAsset).of_field("assetId")?;
            let details = input.version.details().of_field("version")?;
            Ok(service::publish(ctx, input.idempotency_key.as_deref(), id, details).await?.into())
        })
        .await
    }

    /// Ends the giving of an asset. Who has it keeps it.
    async fn retire_enablement_asset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which asset.")] input: RetireEnablementAssetInput,
    ) -> Result<Payload<EnablementAssetPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.asset_id, NodeType::EnablementAsset).of_field("assetId")?;
            Ok(service::retire(ctx, id).await?.into())
        })
        .await
    }

    /// Enters a package of assets.
    async fn create_support_package(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The package.")] input: CreateSupportPackageInput,
    ) -> Result<Payload<SupportPackagePayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let details = PackageDetails {
                name_ja: input.name_ja.parse().of_field("nameJa")?,
                name_en: input.name_en.map(|it| it.parse()).transpose().of_field("nameEn")?,
                assets: assets(&input.asset_ids)?,
            };
            Ok(service::create_package(ctx, input.idempotency_key.as_deref(), details).await?.into())
        })
        .await
    }

    /// Gives content to one partner, in the version that is current in its language.
    async fn assign_support(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and to whom.")] input: AssignSupportInput,
    ) -> Result<Payload<AssignSupportPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let wanted = Wanted {
                partner: NodeId::decode(&input.partner_id, NodeType::Partner).of_field("partnerId")?,
                content: input.content()?,
                due_at: input.due_at,
            };
            let given = service::assign(ctx, wanted).await?;
            let support_assignments = given.into_iter().map(SupportAssignment::from).collect();
            Ok(AssignSupportPayload { support_assignments })
        })
        .await
    }

    /// Gives a package to every active partner that a rule means: to channel managers' own set, to all for administrators.
    async fn assign_support_by_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which package, and for whom.")] input: AssignSupportByRuleInput,
    ) -> Result<Payload<AssignSupportByRulePayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.package_id, NodeType::SupportPackage).of_field("packageId")?;
            let assigned = service::assign_by_rule(ctx, id, &AssignmentRule::from(input.rule)).await?;
            Ok(AssignSupportByRulePayload { assigned })
        })
        .await
    }

    /// Takes an assignment back that was not consumed.
    async fn cancel_support_assignment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which assignment, and why.")] input: CancelSupportAssignmentInput,
    ) -> Result<Payload<SupportAssignmentPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id =
                NodeId::decode(&input.assignment_id, NodeType::SupportAssignment).of_field("assignmentId")?;
            let reason = input.reason.parse().of_field("reason")?;
            Ok(service::cancel(ctx, input.idempotency_key.as_deref(), id, reason).await?.into())
        })
        .await
    }
}
