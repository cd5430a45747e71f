//! Hearing of the queue as it moves.

use async_graphql::{Context, ID, InputObject, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::fields::RecordKind;
use domain::review::{ReviewKind, ReviewState};
use entity::review::review_task::{Column, Model};
use futures::{Stream, StreamExt as _};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Condition, IntoCondition};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::filter::all_of;
use crate::review::news::Listener;
use crate::review::service::about;

/// Of which tasks to hear; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct ReviewTaskChangeFilter {
    /// One of these is asked.
    kind: Option<Vec<ReviewKind>>,
    /// What the records describe.
    record_kind: Option<RecordKind>,
    /// Concerns this golden record, by its global id.
    golden_id: Option<ID>,
}

impl ReviewTaskChangeFilter {
    fn condition(&self) -> Result<Condition> {
        Ok(all_of([
            self.kind.as_ref().map(|it| Column::Kind.is_in(it.iter().copied()).into_condition()),
            self.record_kind.map(|it| Column::RecordKind.eq(it).into_condition()),
            self.golden_id.as_ref().map(|it| Ok::<_, Error>(about(RecordRef::parse(it)?))).transpose()?,
        ]))
    }
}

/// A task has moved: it was asked, claimed, given back, decided, or its question became moot. Read it again to know
/// more.
#[derive(SimpleObject)]
pub struct ReviewTaskChange {
    /// Id of the task.
    id: Uuid,
    /// What is asked.
    kind: ReviewKind,
    /// What its records describe.
    record_kind: RecordKind,
    /// Where it stands now.
    state: ReviewState,
    /// When it moved.
    updated_at: DateTime<Utc>,
}

impl From<Model> for ReviewTaskChange {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind,
            record_kind: row.record_kind,
            state: row.state,
            updated_at: row.updated_at,
        }
    }
}

/// Hearing of the review queue.
#[derive(Default)]
pub struct ReviewSubscription;

#[Subscription]
impl ReviewSubscription {
    /// Tasks as they move, after the change is committed; staff only. A nudge: nothing is told that reading the task
    /// again would not show, and of quick changes only the last one may be told. A claim that simply runs out moves
    /// nothing.
    async fn review_task_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which tasks to hear; all when left out.")] filter: Option<
            ReviewTaskChangeFilter,
        >,
    ) -> Result<impl Stream<Item = ReviewTaskChange>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadReviews)?;
        let condition = filter.unwrap_or_default().condition()?;
        Ok(Listener::new(ctx, condition).await.stream().map(ReviewTaskChange::from))
    }
}
