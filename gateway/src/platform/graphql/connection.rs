//! Pages by keyset: stable while rows come and go, equally fast at every depth.

use std::sync::Arc;

use async_graphql::connection::{Connection, Edge, EmptyFields};
use async_graphql::{Context, Object, OutputType};
use futures::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::cursor::{Cursor, InvalidCursor, SortValue};
use crate::error::Result;
use crate::platform::context::RequestContext;

/// Rows of a page when the client names no number.
const DEFAULT_SIZE: u64 = 50;
/// Most rows of a page.
const MAX_SIZE: u64 = 200;

/// Which page is wanted, in Relay's words.
#[derive(Debug, Default)]
pub struct PageInput {
    /// The first rows.
    pub first: Option<i32>,
    /// After the row with this cursor.
    pub after: Option<String>,
    /// The last rows.
    pub last: Option<i32>,
    /// Before the row with this cursor.
    pub before: Option<String>,
}

/// Why a page cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PageRefusal {
    /// A number of rows outside the bounds.
    #[error("a page has between 1 and {MAX_SIZE} rows; ask for fewer and follow `pageInfo`")]
    PageSize,
    /// Both directions at once.
    #[error("pass either `first` or `last`, not both")]
    BothDirections,
    /// Not a cursor of this query.
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
}

/// One of the orders that a list can have.
pub trait SortKey<M>: Copy + Send + Sync + 'static {
    /// Stable name of the order, direction included.
    fn name(self) -> String;
    /// What rows are sorted by; never null.
    fn expression(self) -> SimpleExpr;
    /// Whether small values come first.
    fn is_ascending(self) -> bool;
    /// What this row is sorted by. Equal to what `expression` gives for it.
    fn value(self, row: &M) -> SortValue;
    /// Any value of the kind that `value` gives.
    fn sample(self) -> SortValue;
}

/// A page, understood.
pub(super) struct Window {
    pub(super) size: u64,
    pub(super) is_forward: bool,
    pub(super) after: Option<Cursor>,
    pub(super) before: Option<Cursor>,
}

impl PageInput {
    /// The page, of a list in the named order whose cursors hold values like `sample`.
    pub(super) fn window(&self, order: &str, sample: &SortValue) -> std::result::Result<Window, PageRefusal> {
        let cursor =
            |text: &Option<String>| text.as_deref().map(|it| Cursor::decode(it, order, sample)).transpose();
        let (size, is_forward) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(PageRefusal::BothDirections),
            (None, Some(last)) => (size(last)?, false),
            (Some(first), None) => (size(first)?, true),
            (None, None) => (DEFAULT_SIZE, true),
        };
        Ok(Window { size, is_forward, after: cursor(&self.after)?, before: cursor(&self.before)? })
    }
}

fn size(given: i32) -> std::result::Result<u64, PageRefusal> {
    u64::try_from(given).ok().filter(|it| (1..=MAX_SIZE).contains(it)).ok_or(PageRefusal::PageSize)
}

/// How many rows a page may have, for reckoning what a query costs.
pub fn page_cost(first: Option<i32>, last: Option<i32>) -> usize {
    let asked = first.or(last).map_or(DEFAULT_SIZE, |it| size(it).unwrap_or(MAX_SIZE));
    usize::try_from(asked).expect("at most MAX_SIZE")
}

/// Counts rows.
type Counter = Arc<dyn Fn() -> BoxFuture<'static, Result<u64>> + Send + Sync>;

/// What a list knows beyond its pages.
pub struct Totals {
    count: Counter,
    stopped_at: Option<String>,
}

impl Totals {
    /// Rows are counted only when asked for; `stopped_at` is the cursor of the last row looked at, when looking had to
    /// stop before the page was full.
    pub(super) fn new(count: Counter, stopped_at: Option<String>) -> Self {
        Self { count, stopped_at }
    }
}

#[Object]
impl Totals {
    /// How many rows the filter lets through, over all pages.
    async fn total_count(&self, _ctx: &Context<'_>) -> Result<u64> {
        (self.count)().await
    }

    /// Where a list of the past stopped looking before the page was full: pass it as `after` (or as `before`, going
    /// backward) to go on. Null on every other page.
    async fn stopped_at(&self) -> Option<&str> {
        self.stopped_at.as_deref()
    }
}

/// A page of `N`s, with the number of all when asked for.
pub type Page<N> = Connection<String, N, Totals, EmptyFields>;

/// Reads the page of a query.
pub async fn page<E, S, N>(
    context: &RequestContext,
    query: Select<E>,
    id: E::Column,
    sort: S,
    input: &PageInput,
    node: impl Fn(E::Model) -> (Uuid, N),
) -> Result<Page<N>>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    S: SortKey<E::Model>,
    N: OutputType,
{
    let window = input.window(&sort.name(), &sort.sample())?;
    let total = Totals::new(counter(context, query.clone()), None);
    let mut rows = select(query, id, sort, &window).all(context.read()).await?;
    let has_more = rows.len() as u64 > window.size;
    rows.truncate(usize::try_from(window.size).expect("at most MAX_SIZE"));
    if !window.is_forward {
        rows.reverse();
    }
    let (has_previous, has_next) = match window.is_forward {
        true => (window.after.is_some(), has_more),
        false => (has_more, window.before.is_some()),
    };
    let mut page = Connection::with_additional_fields(has_previous, has_next, total);
    page.edges = rows
        .into_iter()
        .map(|row| {
            let value = sort.value(&row);
            let (id, node) = node(row);
            Edge::new(Cursor::new(&sort.name(), value, id).encode(), node)
        })
        .collect();
    Ok(page)
}

fn counter<E>(context: &RequestContext, query: Select<E>) -> Counter
where
    E: EntityTrait,
    E::Model: Send + Sync,
{
    let database = context.database.clone();
    Arc::new(move || {
        let (database, query) = (database.clone(), query.clone());
        Box::pin(async move { Ok(query.count(database.read()).await?) })
    })
}

fn select<E, S>(query: Select<E>, id: E::Column, sort: S, window: &Window) -> Select<E>
where
    E: EntityTrait,
    S: SortKey<E::Model>,
{
    let mut query = query;
    if let Some(cursor) = &window.after {
        query = query.filter(beyond::<E, S>(id, sort, cursor, sort.is_ascending()));
    }
    if let Some(cursor) = &window.before {
        query = query.filter(beyond::<E, S>(id, sort, cursor, !sort.is_ascending()));
    }
    let order = if sort.is_ascending() == window.is_forward { Order::Asc } else { Order::Desc };
    if !is_by_id(&sort.sample()) {
        query = query.order_by(sort.expression(), order.clone());
    }
    query.order_by(id, order).limit(window.size + 1)
}

/// Rows greater, or smaller, than the cursor's. Compared as pairs, which an index over both can seek.
fn beyond<E, S>(id: E::Column, sort: S, cursor: &Cursor, greater: bool) -> SimpleExpr
where
    E: EntityTrait,
    S: SortKey<E::Model>,
{
    if is_by_id(&cursor.value) {
        return if greater { id.gt(cursor.id) } else { id.lt(cursor.id) };
    }
    let value: sea_orm::Value = cursor.value.clone().into();
    let row = Expr::tuple([sort.expression(), Expr::col(id.as_column_ref())]);
    let bound = Expr::tuple([Expr::value(value), Expr::value(cursor.id)]);
    if greater { row.gt(bound) } else { row.lt(bound) }
}

/// Ids are ordered by creation: such an order needs nothing but the primary key.
pub fn is_by_id(value: &SortValue) -> bool {
    matches!(value, SortValue::Id(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_bounds() {
        assert_eq!(size(1), Ok(1));
        assert_eq!(size(200), Ok(200));
        for given in [0, -1, 201, i32::MAX] {
            assert_eq!(size(given), Err(PageRefusal::PageSize), "{given}");
        }
    }
}
