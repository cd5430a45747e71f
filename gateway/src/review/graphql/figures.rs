//! How the queue is doing, in the API.

use async_graphql::SimpleObject;
use chrono::{DateTime, NaiveDate, Utc};
use domain::review::{ReviewKind, ReviewState};

use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::review::service::figures::{self, Figures};

/// How the review queue is doing, over the tasks that the caller sees.
#[derive(SimpleObject)]
pub struct ReviewBacklog {
    /// Tasks that wait for people.
    waiting: i64,
    /// When the longest waiting of them was asked.
    oldest_at: Option<DateTime<Utc>>,
    /// How long it has waited, in seconds.
    oldest_age_seconds: Option<i64>,
    /// Tasks by kind and state. A claim whose time is over counts as open.
    counts: Vec<ReviewCount>,
    /// Waiting tasks by age; every age is listed.
    ages: Vec<ReviewAge>,
    /// Decisions of each of the last days, oldest first; every day is listed.
    decided: Vec<ReviewsDecided>,
    /// Seconds from the question to the decision, for the middle one of the decisions of these days; null when there
    /// were none.
    median_seconds_to_decision: Option<i64>,
}

/// How many tasks of a kind stand so.
#[derive(SimpleObject)]
pub struct ReviewCount {
    /// What is asked.
    kind: ReviewKind,
    /// The label of that in the caller's language.
    kind_label: &'static str,
    /// Where they stand.
    state: ReviewState,
    /// The label of that in the caller's language.
    state_label: &'static str,
    /// How many.
    count: i64,
}

/// How many tasks have waited that long.
#[derive(SimpleObject)]
pub struct ReviewAge {
    /// At least so many days.
    from_days: i32,
    /// Less than so many days; null for the oldest.
    to_days: Option<i32>,
    /// How many.
    count: i64,
}

/// How many decisions were made on a day.
#[derive(SimpleObject)]
pub struct ReviewsDecided {
    /// The day, in Japan.
    day: NaiveDate,
    /// How many.
    count: i64,
}

/// The figures over the last days.
pub(super) async fn backlog(ctx: &RequestContext, days: i32) -> Result<ReviewBacklog> {
    let language = ctx.caller.language;
    let Figures { counts, waiting, oldest_at, ages, decided, median } = figures::figures(ctx, days).await?;
    let count = |((kind, state), count): ((ReviewKind, ReviewState), i64)| ReviewCount {
        kind,
        kind_label: kind.label(language),
        state,
        state_label: state.label(language),
        count,
    };
    let age = |it: figures::Age| ReviewAge { from_days: it.from_days, to_days: it.to_days, count: it.count };
    Ok(ReviewBacklog {
        waiting,
        oldest_at,
        oldest_age_seconds: oldest_at.map(|it| (ctx.now - it).num_seconds().max(0)),
        counts: counts.into_iter().map(count).collect(),
        ages: ages.into_iter().map(age).collect(),
        decided: decided.into_iter().map(|(day, count)| ReviewsDecided { day, count }).collect(),
        median_seconds_to_decision: median,
    })
}
