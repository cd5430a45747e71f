//! Pages of a list that is at hand as a whole, newest first.
//!
//! A cursor is a place counted from the oldest row, so that pages stay as they are when rows are added.

use std::sync::Arc;

use async_graphql::OutputType;
use async_graphql::connection::{Connection, Edge};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::connection::{Page, PageInput, Totals};
use super::cursor::{Cursor, SortValue};
use crate::error::Result;

/// Cuts the page out of a list, newest first.
pub fn page_at_hand<N: OutputType>(order: &str, newest_first: Vec<N>, input: &PageInput) -> Result<Page<N>> {
    let window = input.window(order, &SortValue::Integer(0))?;
    let size = usize::try_from(window.size).expect("at most MAX_SIZE");
    let count = newest_first.len();
    let place = |cursor: Option<Cursor>| cursor.map(|it| index(&it, count));
    let (after, before) = (place(window.after), place(window.before));
    let begin = after.map_or(0, |it| (it + 1).min(count));
    let end = before.unwrap_or(count).max(begin);
    let (begin, end) = match window.is_forward {
        true => (begin, end.min(begin + size)),
        false => (begin.max(end.saturating_sub(size)), end),
    };
    let counted =
        Arc::new(move || Box::pin(async move { Ok(count as u64) }) as BoxFuture<'static, Result<u64>>);
    let mut page = Connection::with_additional_fields(begin > 0, end < count, Totals::new(counted, None));
    let rows = newest_first.into_iter().enumerate().skip(begin).take(end - begin);
    page.edges = rows.map(|(index, node)| Edge::new(cursor(order, index, count).encode(), node)).collect();
    Ok(page)
}

fn cursor(order: &str, index: usize, count: usize) -> Cursor {
    let from_oldest = i64::try_from(count - index).expect("a list at hand has no more rows than that");
    Cursor::new(order, SortValue::Integer(from_oldest), Uuid::nil())
}

/// The index of a place; of one beyond either end, the nearest there is.
fn index(cursor: &Cursor, count: usize) -> usize {
    let SortValue::Integer(from_oldest) = cursor.value else { return count };
    count.saturating_sub(usize::try_from(from_oldest).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(input: &PageInput, newest: i32) -> (Vec<i32>, bool, bool, Option<String>) {
        let page = page_at_hand("numbers", (1..=newest).rev().collect(), input).unwrap();
        let last = page.edges.last().map(|it| it.cursor.clone());
        let numbers = page.edges.into_iter().map(|it| it.node).collect();
        (numbers, page.has_previous_page, page.has_next_page, last)
    }

    #[test]
    fn pages_follow_each_other_though_rows_are_added() {
        let (numbers, previous, next, last) = page(&PageInput { first: Some(3), ..PageInput::default() }, 8);
        assert_eq!((numbers, previous, next), (vec![8, 7, 6], false, true));
        let (numbers, previous, next, _) =
            page(&PageInput { first: Some(9), after: last.clone(), ..PageInput::default() }, 10);
        assert_eq!((numbers, previous, next), (vec![5, 4, 3, 2, 1], true, false));
        let (numbers, previous, next, _) =
            page(&PageInput { last: Some(2), before: last, ..PageInput::default() }, 10);
        assert_eq!((numbers, previous, next), (vec![8, 7], true, true));
    }

    #[test]
    fn an_empty_list_has_an_empty_page() {
        assert_eq!(page(&PageInput::default(), 0), (Vec::new(), false, false, None));
    }
}
