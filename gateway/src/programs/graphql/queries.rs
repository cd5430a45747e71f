//! Reading programs and evaluations.

use async_graphql::{Context, ID, InputObject, Object};
use domain::access::Permission;
use domain::ids::PartnerId;
use domain::programs::TierChange;
use entity::programs::{program_version, tier_evaluation};
use sea_orm::sea_query::{Condition, IntoCondition};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::types::{Program, TierEvaluation};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::all_of;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::programs::store;

/// Most versions of programs that are shown at once.
const MOST_PROGRAMS: u64 = 100;

/// Which evaluations; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct TierEvaluationFilter {
    /// Of this partner.
    partner_id: Option<ID>,
    /// For this fiscal year.
    fiscal_year: Option<i32>,
    /// For this quarter, 1 to 4.
    quarter: Option<i32>,
    /// With one of these outcomes.
    change: Option<Vec<TierChange>>,
}

impl TierEvaluationFilter {
    fn condition(&self) -> Result<Condition> {
        use tier_evaluation::Column;
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode(it, NodeType::Partner)).transpose()?;
        let partner = partner.map(|it: PartnerId| Column::PartnerId.eq(it));
        let year = self.fiscal_year.map(|it| Column::FiscalYear.eq(it));
        let quarter = self.quarter.map(|it| Column::Quarter.eq(it));
        let change = self.change.as_ref().map(|it| Column::Change.is_in(it.iter().copied()));
        Ok(all_of([partner, year, quarter, change].map(|it| it.map(IntoCondition::into_condition))))
    }
}

/// Reading programs and evaluations.
#[derive(Default)]
pub struct ProgramQueries;

#[Object]
impl ProgramQueries {
    /// The versions of the partner program, newest first, at most 100; drafts are shown to staff.
    #[graphql(complexity = "20 * child_complexity")]
    async fn programs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this fiscal year; of all when left out.")] fiscal_year: Option<i32>,
    ) -> Result<Vec<Program>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadPrograms)?;
        let of_year = fiscal_year.map(|it| program_version::Column::FiscalYear.eq(it));
        let query = store::versions_visible_to(&ctx.caller).filter(Condition::all().add_option(of_year));
        let query = query.order_by_desc(program_version::Column::Id).limit(MOST_PROGRAMS);
        Ok(query.all(ctx.read()).await?.into_iter().map(Program::from).collect())
    }

    /// Evaluations of tiers, page by page: staff see all, partners their own.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn tier_evaluations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which evaluations; all when left out.")] filter: Option<TierEvaluationFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<TierEvaluation>> {
        use tier_evaluation::{Column, Model};
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadPrograms)?;
        let query = store::evaluations_visible_to(&ctx.caller);
        let query = query.filter(filter.unwrap_or_default().condition()?);
        let order = order_by.of("tierEvaluations", Column::Id, |row: &Model| row.id.into());
        let input = PageInput { first, after, last, before };
        page(ctx, query, Column::Id, order, &input, |row| (row.id.into(), row.into())).await
    }
}
