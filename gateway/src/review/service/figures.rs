//! How the queue is doing: what waits, for how long, and how fast people decide.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, TimeZone, Utc};
use domain::review::{ReviewAction, ReviewKind, ReviewState};
use entity::review::review_event::{self, Column as Event};
use entity::review::review_task::Column;
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};

use crate::error::{Refusal, Result};
use crate::platform::context::RequestContext;
use crate::review::access;

/// Longest period, in days.
const MOST_DAYS: i32 = 90;
/// Where ages of waiting tasks are told apart, in days.
const AGES: [i32; 5] = [0, 1, 3, 7, 30];

/// The figures.
pub struct Figures {
    /// Tasks by kind and state; a claim whose time is over counts as open.
    pub counts: BTreeMap<(ReviewKind, ReviewState), i64>,
    /// Tasks that wait for people.
    pub waiting: i64,
    /// When the longest waiting of them was asked.
    pub oldest_at: Option<DateTime<Utc>>,
    /// Waiting tasks by age, youngest first.
    pub ages: Vec<Age>,
    /// Decisions of each day, oldest first.
    pub decided: Vec<(NaiveDate, i64)>,
    /// Seconds from the question to the decision, for the middle one.
    pub median: Option<i64>,
}

/// Tasks that have waited that long.
pub struct Age {
    /// At least so many days.
    pub from_days: i32,
    /// Less than so many days.
    pub to_days: Option<i32>,
    /// How many.
    pub count: i64,
}

/// Why figures cannot be given.
#[derive(Debug, Clone, Copy, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum FiguresRefusal {
    /// Too many days, or none.
    #[error("figures are given over 1 to {MOST_DAYS} days; ask for fewer")]
    PeriodOutOfRange,
}

impl Refusal for FiguresRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// The figures over the tasks that the caller sees, with the decisions of the last days.
pub async fn figures(ctx: &RequestContext, days: i32) -> Result<Figures> {
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(FiguresRefusal::PeriodOutOfRange.into());
    }
    let days = last_days(ctx.now, days);
    let counts = counts(ctx).await?;
    let waiting = counts.iter().filter(|((_, state), _)| state.is_waiting()).map(|(_, it)| it).sum();
    let (oldest_at, ages) = ages(ctx).await?;
    let decided = decided(ctx, &days).await?;
    let median = median(ctx, midnight(days[0])).await?;
    Ok(Figures { counts, waiting, oldest_at, ages, decided, median })
}

async fn counts(ctx: &RequestContext) -> Result<BTreeMap<(ReviewKind, ReviewState), i64>> {
    let counts = access::visible_to(&ctx.caller)
        .select_only()
        .columns([Column::Kind, Column::State])
        .column_as(Column::Id.count(), "tasks")
        .group_by(Column::Kind)
        .group_by(Column::State);
    let counts: Vec<(ReviewKind, ReviewState, i64)> = counts.into_tuple().all(ctx.read()).await?;
    let lapsed = access::visible_to(&ctx.caller)
        .select_only()
        .column(Column::Kind)
        .column_as(Column::Id.count(), "tasks")
        .filter(Column::State.eq(ReviewState::Claimed))
        .filter(Column::ClaimedUntil.lte(ctx.now))
        .group_by(Column::Kind);
    let lapsed: Vec<(ReviewKind, i64)> = lapsed.into_tuple().all(ctx.read()).await?;
    let mut counts: BTreeMap<_, _> =
        counts.into_iter().map(|(kind, state, it)| ((kind, state), it)).collect();
    for (kind, count) in lapsed {
        *counts.entry((kind, ReviewState::Claimed)).or_default() -= count;
        *counts.entry((kind, ReviewState::Open)).or_default() += count;
    }
    counts.retain(|_, count| *count > 0);
    Ok(counts)
}

async fn ages(ctx: &RequestContext) -> Result<(Option<DateTime<Utc>>, Vec<Age>)> {
    let bound = |days: i32| ctx.now - TimeDelta::days(days.into());
    let ends = AGES.iter().skip(1).copied().map(Some).chain([None]);
    let spans: Vec<(i32, Option<i32>)> = AGES.into_iter().zip(ends).collect();
    let aged = |(from, to): &(i32, Option<i32>)| {
        let old_enough = Condition::all().add(Column::CreatedAt.lte(bound(*from)));
        to.map_or(old_enough.clone(), |it| old_enough.add(Column::CreatedAt.gt(bound(it))))
    };
    let waiting = access::visible_to(&ctx.caller).filter(Column::State.is_in(ReviewState::WAITING));
    let oldest = waiting.clone().select_only().column_as(Column::CreatedAt.min(), "oldest");
    let oldest: Option<Option<DateTime<Utc>>> = oldest.into_tuple().one(ctx.read()).await?;
    let counts = count_each(ctx, waiting, spans.iter().map(aged)).await?;
    let age = |((from_days, to_days), count)| Age { from_days, to_days, count };
    Ok((oldest.flatten(), spans.into_iter().zip(counts).map(age).collect()))
}

async fn decided(ctx: &RequestContext, days: &[NaiveDate]) -> Result<Vec<(NaiveDate, i64)>> {
    let on = |day: &NaiveDate| {
        let (begin, end) = (midnight(*day), midnight(*day + Days::new(1)));
        Condition::all().add(Event::At.gte(begin)).add(Event::At.lt(end))
    };
    let counts = count_each(ctx, decisions(ctx, midnight(days[0])), days.iter().map(on)).await?;
    Ok(days.iter().copied().zip(counts).collect())
}

/// The decision in the middle of all, by how long its question had waited.
async fn median(ctx: &RequestContext, since: DateTime<Utc>) -> Result<Option<i64>> {
    let timed = decisions(ctx, since).filter(Event::WaitedSeconds.is_not_null());
    let count = timed.clone().count(ctx.read()).await?;
    let Some(before) = count.checked_sub(1).map(|it| it / 2) else { return Ok(None) };
    let middle = timed.order_by_asc(Event::WaitedSeconds).offset(before).limit(1);
    let middle = middle.select_only().column(Event::WaitedSeconds).into_tuple::<i64>();
    Ok(middle.one(ctx.read()).await?)
}

/// Decisions about tasks that the caller sees.
fn decisions(ctx: &RequestContext, since: DateTime<Utc>) -> Select<review_event::Entity> {
    let seen = access::visible_to(&ctx.caller).select_only().column(Column::Id).into_query();
    review_event::Entity::find()
        .filter(Event::Action.eq(ReviewAction::Decided))
        .filter(Event::At.gte(since))
        .filter(Event::TaskId.in_subquery(seen))
}

/// How many rows meet each of the conditions, in one statement. Small numbers are added up: PostgreSQL makes decimals of
/// the sums of large ones.
async fn count_each<E: EntityTrait>(
    ctx: &RequestContext,
    rows: Select<E>,
    conditions: impl Iterator<Item = Condition>,
) -> Result<Vec<i64>> {
    let mut rows = rows.select_only();
    let mut columns = Vec::new();
    for (place, condition) in conditions.enumerate() {
        let name = format!("c{place}");
        let one: Expr = CaseStatement::new().case(condition, 1_i32).finally(0_i32).into();
        rows = rows.expr_as(one.sum(), name.as_str());
        columns.push(name);
    }
    let row = ctx.read().query_one(&rows.into_query()).await?;
    let Some(row) = row else { return Ok(vec![0; columns.len()]) };
    let count = |name: &String| Ok(row.try_get::<Option<i64>>("", name)?.unwrap_or_default());
    columns.iter().map(count).collect()
}

/// The last days up to today, in Japan, where the people are who decide.
fn last_days(now: DateTime<Utc>, days: i32) -> Vec<NaiveDate> {
    let today = now.with_timezone(&japan()).date_naive();
    let back = u64::try_from(days).unwrap_or_default();
    (0..back).rev().map(|it| today - Days::new(it)).collect()
}

/// The instant at which a day begins in Japan.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let begin = day.and_hms_opt(0, 0, 0).expect("every day has a midnight");
    japan().from_local_datetime(&begin).single().expect("Japan keeps one offset").to_utc()
}

fn japan() -> FixedOffset {
    FixedOffset::east_opt(9 * 3_600).expect("nine hours are an offset")
}
