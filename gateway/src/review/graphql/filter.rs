//! Which tasks, and in which order.

use async_graphql::{Enum, ID, InputObject};
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::review::{ReviewKind, ReviewState};
use entity::review::review_task::{Column, Model};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, SimpleExpr};
use serde::Serialize;
use uuid::Uuid;

use crate::error::{Error, OfField as _, Result};
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::SortKey;
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::filter::all_of;
use crate::review::service::about;

/// Which tasks; all conditions that are given must hold.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct ReviewTaskFilter {
    /// One of these is asked.
    pub(crate) kind: Option<Vec<ReviewKind>>,
    /// One of these. A claim whose time is over leaves a task open.
    pub(crate) state: Option<Vec<ReviewState>>,
    /// What the records describe.
    pub(crate) record_kind: Option<RecordKind>,
    /// At least this alike, 0 to 100.
    pub(crate) min_score: Option<i32>,
    /// At most this alike, 0 to 100.
    pub(crate) max_score: Option<i32>,
    /// Asked at or after this instant.
    pub(crate) created_since: Option<DateTime<Utc>>,
    /// Asked before this instant.
    pub(crate) created_before: Option<DateTime<Utc>>,
    /// Held by the caller now, or not.
    pub(crate) claimed_by_me: Option<bool>,
    /// Concerns this golden record, by its global id.
    pub(crate) golden_id: Option<ID>,
}

impl ReviewTaskFilter {
    pub(crate) fn condition(&self, ctx: &RequestContext) -> Result<Condition> {
        let golden = self
            .golden_id
            .as_ref()
            .map(|it| Ok::<_, Error>(about(RecordRef::parse(it).of_field("goldenId")?)))
            .transpose()?;
        let mine = || held(ctx).add(Column::ClaimedBy.eq(ctx.caller.subject.as_str()));
        Ok(all_of([
            self.kind.as_ref().map(|it| Column::Kind.is_in(it.iter().copied()).into_condition()),
            self.state.as_ref().map(|it| in_states(ctx, it)),
            self.record_kind.map(|it| Column::RecordKind.eq(it).into_condition()),
            self.min_score.map(|it| Column::Score.gte(it).into_condition()),
            self.max_score.map(|it| Column::Score.lte(it).into_condition()),
            self.created_since.map(|it| Column::CreatedAt.gte(it).into_condition()),
            self.created_before.map(|it| Column::CreatedAt.lt(it).into_condition()),
            self.claimed_by_me.map(|it| if it { mine() } else { mine().not() }),
            golden,
        ]))
    }
}

/// Tasks that somebody holds now.
fn held(ctx: &RequestContext) -> Condition {
    Condition::all()
        .add(Column::State.eq(ReviewState::Claimed))
        .add(Column::ClaimedUntil.is_not_null())
        .add(Column::ClaimedUntil.gt(ctx.now))
}

/// Tasks that stand so now.
fn in_states(ctx: &RequestContext, states: &[ReviewState]) -> Condition {
    let stored = states.iter().copied().filter(|it| *it != ReviewState::Claimed);
    let mut any = Condition::any().add(Column::State.is_in(stored));
    if states.contains(&ReviewState::Claimed) {
        any = any.add(held(ctx));
    }
    if states.contains(&ReviewState::Open) {
        let lapsed = Condition::all().add(Column::State.eq(ReviewState::Claimed)).add(lapsed(ctx));
        any = any.add(lapsed);
    }
    any
}

fn lapsed(ctx: &RequestContext) -> Condition {
    Condition::any().add(Column::ClaimedUntil.is_null()).add(Column::ClaimedUntil.lte(ctx.now))
}

/// Orders of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum ReviewTaskOrder {
    /// Longest waiting first.
    #[default]
    CreatedAsc,
    /// Newest first.
    CreatedDesc,
    /// The one on which most hangs first: open deals, then many records, then likely pairs.
    WeightDesc,
}

impl SortKey<Model> for ReviewTaskOrder {
    fn name(self) -> String {
        format!("reviewTasks/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        match self {
            Self::CreatedAsc | Self::CreatedDesc => Expr::col(Column::Id),
            Self::WeightDesc => Expr::col(Column::Weight).if_null(0),
        }
    }

    fn is_ascending(self) -> bool {
        self == Self::CreatedAsc
    }

    fn value(self, row: &Model) -> SortValue {
        match self {
            Self::CreatedAsc | Self::CreatedDesc => SortValue::Id(row.id.into()),
            Self::WeightDesc => SortValue::Integer(row.weight.unwrap_or_default().into()),
        }
    }

    fn sample(self) -> SortValue {
        match self {
            Self::CreatedAsc | Self::CreatedDesc => SortValue::Id(Uuid::nil()),
            Self::WeightDesc => SortValue::Integer(0),
        }
    }
}
