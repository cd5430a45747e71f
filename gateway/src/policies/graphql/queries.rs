//! Reading policies.

use async_graphql::{Context, ID, InputObject, Object};
use domain::access::Permission;
use domain::policies::{PolicyKind, PolicyState};
use entity::policies::policy_version::{Column, Model};
use sea_orm::ColumnTrait;
use sea_orm::QueryFilter;
use sea_orm::sea_query::{Condition, IntoCondition};

use super::dry_runs::{PolicyDryRun, PolicyDryRunComparison};
use super::types::{PolicyDifference, PolicyVersion};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::all_of;
use crate::policies::{dry_run, service};

/// Which versions; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct PolicyVersionFilter {
    /// What they decide.
    kind: Option<PolicyKind>,
    /// Where they stand: one of these.
    state: Option<Vec<PolicyState>>,
}

impl PolicyVersionFilter {
    fn condition(&self) -> Condition {
        all_of([
            self.kind.map(|it| Column::Kind.eq(it).into_condition()),
            self.state.as_ref().map(|it| Column::State.is_in(it.iter().copied()).into_condition()),
        ])
    }
}

/// Reading policies.
#[derive(Default)]
pub struct PolicyQueries;

#[Object]
impl PolicyQueries {
    /// Versions of policies, page by page; staff only.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn policy_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which versions; all when left out.")] filter: Option<PolicyVersionFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<PolicyVersion>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let query = service::all(ctx)?.filter(filter.unwrap_or_default().condition());
        let node = |row: Model| (row.id.into(), PolicyVersion::from(row));
        let order = order_by.of("policyVersions", Column::Id, |it: &Model| it.id.into());
        page(ctx, query, Column::Id, order, &PageInput { first, after, last, before }, node).await
    }

    /// One version of a policy; null when there is none.
    async fn policy_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<PolicyVersion>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadPolicies)?;
        let Ok(key) = super::id(&id, "policy version") else { return Ok(None) };
        Ok(service::find(ctx, key).await?.map(PolicyVersion::from))
    }

    /// The version of each policy that is in force.
    #[graphql(complexity = "2 * child_complexity")]
    async fn active_policies(&self, ctx: &Context<'_>) -> Result<Vec<PolicyVersion>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        Ok(service::active(ctx).await?.into_iter().map(PolicyVersion::from).collect())
    }

    /// What a version says otherwise than another one of its kind, place by place.
    #[graphql(complexity = "20 * child_complexity")]
    async fn policy_diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version.")] id: ID,
        #[graphql(desc = "The version to compare with; the one in force when left out.")] against_id: Option<
            ID,
        >,
    ) -> Result<Vec<PolicyDifference>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadPolicies)?;
        let against = against_id.map(|it| super::id(&it, "policy version to compare with")).transpose()?;
        let differences = service::difference(ctx, super::id(&id, "policy version")?, against).await?;
        Ok(differences.into_iter().map(PolicyDifference::from).collect())
    }

    /// One dry run; null when there is none.
    async fn policy_dry_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<PolicyDryRun>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadPolicies)?;
        let Ok(key) = super::id(&id, "dry run") else { return Ok(None) };
        dry_run::find(ctx, key).await?.map(PolicyDryRun::new).transpose()
    }

    /// Two dry runs side by side.
    async fn policy_dry_run_comparison(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dry run.")] id: ID,
        #[graphql(
            desc = "The one to compare with; when left out, the last other one of the same version, else of the same kind."
        )]
        with_id: Option<ID>,
    ) -> Result<PolicyDryRunComparison> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadPolicies)?;
        let with = with_id.map(|it| super::id(&it, "dry run to compare with")).transpose()?;
        dry_run::comparison(ctx, super::id(&id, "dry run")?, with).await?.try_into()
    }
}
