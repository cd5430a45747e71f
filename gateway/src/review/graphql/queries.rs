//! Reading the queue.

use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::review::ReviewDecision;
use entity::review::review_task::{Column, Model};
use sea_orm::QueryFilter;
use uuid::Uuid;

use super::bulk::ReviewDecisionPreview;
use super::figures::{ReviewBacklog, backlog};
use super::filter::{ReviewTaskFilter, ReviewTaskOrder};
use super::task::ReviewTask;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::review::{access, service};

/// Reading the review queue.
#[derive(Default)]
pub struct ReviewQueries;

#[Object]
impl ReviewQueries {
    /// One task; null when there is none or the caller does not see it. Staff only.
    async fn review_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Uuid,
    ) -> Result<Option<ReviewTask>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadReviews)?;
        let found = service::find(ctx, id.into()).await?;
        Ok(found.map(|row| ReviewTask::new(ctx, row)))
    }

    /// Decisions asked of people, page by page; staff only.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn review_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which tasks; all when left out.")] filter: Option<ReviewTaskFilter>,
        #[graphql(default, desc = "In which order.")] order_by: ReviewTaskOrder,
    ) -> Result<Page<ReviewTask>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        tasks(ctx, filter.unwrap_or_default(), order_by, PageInput { first, after, last, before }).await
    }

    /// The tasks that the caller holds now, longest waiting first; staff only.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    async fn my_claims(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
    ) -> Result<Page<ReviewTask>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let mine = ReviewTaskFilter { claimed_by_me: Some(true), ..ReviewTaskFilter::default() };
        let input = PageInput { first, after, last, before };
        tasks(ctx, mine, ReviewTaskOrder::CreatedAsc, input).await
    }

    /// The tasks that a decision would be given to: those that meet the filter, wait, are held by nobody else, and to
    /// whose question the decision is an answer. At most 500; data stewards and administrators only.
    #[graphql(complexity = "page_cost(Some(first), None) * child_complexity")]
    async fn preview_review_decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tasks; all when left out.")] filter: Option<ReviewTaskFilter>,
        #[graphql(desc = "What would be decided.")] decision: ReviewDecision,
        #[graphql(default = 20, desc = "How many of the tasks are shown, at most 200.")] first: i32,
    ) -> Result<ReviewDecisionPreview> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let shown = page_cost(Some(first), None);
        let selection =
            service::bulk::preview(ctx, filter.unwrap_or_default().condition(ctx)?, decision).await?;
        Ok(ReviewDecisionPreview::of(ctx, selection, shown))
    }

    /// How the queue is doing: what waits, for how long, and how fast people decide. Staff only.
    async fn review_backlog(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 30, desc = "Over how many days decisions are counted, 1 to 90.")] days: i32,
    ) -> Result<ReviewBacklog> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadReviews)?;
        backlog(ctx, days).await
    }
}

async fn tasks(
    ctx: &RequestContext,
    filter: ReviewTaskFilter,
    order: ReviewTaskOrder,
    input: PageInput,
) -> Result<Page<ReviewTask>> {
    ctx.caller.require(Permission::ReadReviews)?;
    let query = access::visible_to(&ctx.caller).filter(filter.condition(ctx)?);
    let node = |row: Model| (row.id.into(), ReviewTask::new(ctx, row));
    page(ctx, query, Column::Id, order, &input, node).await
}
