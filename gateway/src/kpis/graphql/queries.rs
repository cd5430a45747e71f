//! Asking for figures.

use async_graphql::{Context, InputObject, Object};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Permission;
use domain::calendar::Period;
use domain::kpis::catalogue::{GroupBy, Kpi};
use domain::kpis::window::Window;

use super::types::{KpiAnswer, KpiDefinition};
use crate::error::{OfField as _, Result};
use crate::kpis::service::{self, Question};
use crate::platform::context::RequestContext;

/// Days by the calendar of Japan.
#[derive(Debug, InputObject)]
pub struct PeriodInput {
    /// The first date.
    from: NaiveDate,
    /// The first date after it.
    until: NaiveDate,
}

impl PeriodInput {
    fn window(&self) -> Result<Window> {
        Window::try_from(Period { from: self.from, until: self.until }).of_field("period")
    }
}

/// Asking for figures.
#[derive(Default)]
pub struct KpiQueries;

#[Object]
impl KpiQueries {
    /// The figures there are: what each counts, of whom, and by what it can be grouped.
    #[graphql(complexity = "40 * child_complexity")]
    async fn kpis(&self, ctx: &Context<'_>) -> Result<Vec<KpiDefinition>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        if !ctx.caller.may(Permission::ReadDataQuality) {
            ctx.caller.require(Permission::ReadKpis)?;
        }
        Ok(Kpi::ALL.iter().map(|it| KpiDefinition(*it)).collect())
    }

    /// A figure over a period with everything that is needed to check it. Channel managers get the one of the partners they
    /// manage, partners their own with their place among all.
    #[graphql(complexity = "100 + 20 * child_complexity")]
    async fn kpi(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which figure.")] code: Kpi,
        #[graphql(desc = "Over what time.")] period: PeriodInput,
        #[graphql(desc = "Split by what; one figure when left out.")] group_by: Option<GroupBy>,
        #[graphql(
            desc = "As it was known at this instant: of a complete week or month, for administrators."
        )]
        as_of: Option<DateTime<Utc>>,
    ) -> Result<KpiAnswer> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let question = Question { kpi: code, period: period.window()?, group_by };
        Ok(KpiAnswer(match as_of {
            Some(at) => service::answer_as_of(ctx, question, at).await?,
            None => service::answer(ctx, question).await?,
        }))
    }
}
