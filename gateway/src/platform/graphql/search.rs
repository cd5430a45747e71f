//! Pages of rows that must be looked at one by one to know whether they belong.
//!
//! A page looks at a bounded number of rows. One that had to stop before it was full says where to go on, so that a rare
//! row is found in several requests instead of one that never ends.

use std::sync::Arc;

use async_graphql::OutputType;
use async_graphql::connection::{Connection, Edge};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::connection::{Page, PageInput, SortKey, Totals};
use super::cursor::{Cursor, SortValue};
use crate::error::{Error, Result};

/// Most rows that one page looks at.
const MOST: usize = 2_000;

/// Which rows to look at next: those with ids between these, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Greater than this.
    pub above: Option<Uuid>,
    /// Smaller than this.
    pub below: Option<Uuid>,
    /// Small ids first.
    pub is_ascending: bool,
    /// How many.
    pub limit: u64,
}

/// The rows at a place, in order: each with its node, if it belongs to the page.
pub type Looked<N> = Vec<(Uuid, Option<N>)>;

/// Reads a page in the order of ids. `look` is asked again until the page is full, `step` rows or more at a time;
/// `uncounted` is what whoever asks for the number of all rows is told.
pub async fn searched_page<'a, M, N: OutputType>(
    sort: impl SortKey<M>,
    input: &PageInput,
    step: u64,
    uncounted: Error,
    look: impl Fn(Place) -> BoxFuture<'a, Result<Looked<N>>>,
) -> Result<Page<N>> {
    let window = input.window(&sort.name(), &sort.sample())?;
    let (after, before) = (window.after.map(|it| it.id), window.before.map(|it| it.id));
    let (above, below) = if sort.is_ascending() { (after, before) } else { (before, after) };
    let is_ascending = sort.is_ascending() == window.is_forward;
    let limit = step.max(window.size + 1);
    let size = usize::try_from(window.size).expect("at most MAX_SIZE");
    let found = search(Place { above, below, is_ascending, limit }, size, look).await?;
    let cursor = |id: Uuid| Cursor::new(&sort.name(), SortValue::Id(id), id).encode();
    let has_more = found.rows.len() > size || found.stopped_at.is_some();
    let (has_previous, has_next) = match window.is_forward {
        true => (after.is_some(), has_more),
        false => (has_more, before.is_some()),
    };
    let refuse = Arc::new(move || {
        let uncounted = uncounted.clone();
        Box::pin(async move { Err(uncounted) }) as BoxFuture<'static, Result<u64>>
    });
    let totals = Totals::new(refuse, found.stopped_at.map(cursor));
    let mut page = Connection::with_additional_fields(has_previous, has_next, totals);
    let edges = found.rows.into_iter().take(size).map(|(id, node)| Edge::new(cursor(id), node));
    page.edges = edges.collect();
    if !window.is_forward {
        page.edges.reverse();
    }
    Ok(page)
}

struct Found<N> {
    rows: Vec<(Uuid, N)>,
    /// The last row that was looked at, when there may be more behind it.
    stopped_at: Option<Uuid>,
}

async fn search<'a, N>(
    mut place: Place,
    size: usize,
    look: impl Fn(Place) -> BoxFuture<'a, Result<Looked<N>>>,
) -> Result<Found<N>> {
    let (mut rows, mut looked_at) = (Vec::new(), 0);
    loop {
        let next = look(place).await?;
        looked_at += next.len();
        let is_end = (next.len() as u64) < place.limit;
        let last = next.last().map(|it| it.0);
        rows.extend(next.into_iter().filter_map(|(id, node)| Some((id, node?))));
        if is_end || rows.len() > size {
            return Ok(Found { rows, stopped_at: None });
        }
        if looked_at >= MOST {
            return Ok(Found { rows, stopped_at: last });
        }
        let bound = if place.is_ascending { &mut place.above } else { &mut place.below };
        *bound = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Among ids 1 to 10 000, those that a test lets through.
    async fn found(belongs: impl Fn(u128) -> bool + Sync, size: usize, below: u128) -> Found<u128> {
        let belongs = &belongs;
        let look = |place: Place| -> BoxFuture<'_, Result<Looked<u128>>> {
            let below = place.below.map_or(10_001, |it| it.as_u128());
            let ids = (1..below).rev().take(usize::try_from(place.limit).unwrap());
            let looked = ids.map(|id| (Uuid::from_u128(id), belongs(id).then_some(id))).collect();
            Box::pin(async move { Ok(looked) })
        };
        let below = Some(Uuid::from_u128(below));
        search(Place { above: None, below, is_ascending: false, limit: 100 }, size, look).await.unwrap()
    }

    #[tokio::test]
    async fn a_page_is_filled_from_as_many_looks_as_it_takes() {
        let found = found(|id| id % 50 == 0, 10, 10_001).await;
        let ids: Vec<u128> = found.rows.iter().take(10).map(|it| it.1).collect();
        assert_eq!(ids, (191..=200).rev().map(|it| it * 50).collect::<Vec<_>>());
        assert_eq!(found.stopped_at, None);
    }

    #[tokio::test]
    async fn a_search_that_finds_too_little_says_where_it_stopped() {
        let first = found(|id| id == 5, 10, 10_001).await;
        assert!(first.rows.is_empty());
        let stopped_at = first.stopped_at.unwrap().as_u128();
        assert_eq!(stopped_at, 10_001 - MOST as u128);
        let end = found(|id| id == 5, 10, 1_500).await;
        assert_eq!((end.rows.len(), end.stopped_at), (1, None));
    }
}
