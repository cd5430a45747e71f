//! `query`, `queryAll` and their next pages.

use std::sync::Arc;

use super::error::{ApiError, Code};
use super::{Answer, Answered, Call};
use crate::org::Org;
use crate::soql::render::Renderer;
use crate::soql::{Cursor, Outcome, Scope, run};
use crate::state::State;

const PAGE_SIZES: std::ops::RangeInclusive<usize> = 200..=2000;

pub(super) fn query(state: &State, call: &Call<'_>, all: bool) -> Answered {
    let missing = || vec![ApiError::new(Code::MalformedQuery, "The query parameter 'q' is missing")];
    let text = call.parameter("q").ok_or_else(missing)?;
    let scope = if all { Scope::All } else { Scope::Live };
    let org = state.org();
    match run(&org, text, scope).map_err(|it| vec![it])? {
        Outcome::Count(count) => {
            let body = format!("{{\"totalSize\":{count},\"done\":true,\"records\":[]}}");
            Ok(Answer::bytes(200, body.into_bytes()))
        }
        Outcome::Groups { rows, count } => {
            let mut body = format!("{{\"totalSize\":{count},\"done\":true,\"records\":[").into_bytes();
            body.extend_from_slice(&rows);
            body.extend_from_slice(b"]}");
            Ok(Answer::bytes(200, body))
        }
        Outcome::Records { numbers, .. } if call.faults.most_found.is_some_and(|it| numbers.len() > it) => {
            let message = "Your query request was running for too long.";
            Err(vec![ApiError::new(Code::QueryTimeout, message)])
        }
        Outcome::Records { plan, numbers } => {
            let cursor = Cursor { plan, numbers: numbers.into() };
            let needs_locator = cursor.numbers.len() > page_size(call);
            let locator = needs_locator.then(|| state.cursors().keep(cursor.clone(), org.clock().seconds()));
            Ok(page(&org, call, &cursor, locator.as_deref().unwrap_or_default(), 0))
        }
    }
}

/// Any page of an open result set, whichever of the two resources is asked.
pub(super) fn next_page(state: &State, call: &Call<'_>, locator: &str) -> Answered {
    let org = state.org();
    let (cursor, offset) = state.cursors().find(locator, org.clock().seconds()).map_err(|it| vec![it])?;
    let name = locator.rsplit_once('-').map_or(locator, |(name, _)| name);
    Ok(page(&org, call, &cursor, name, offset))
}

fn page(org: &Org, call: &Call<'_>, cursor: &Cursor, locator: &str, offset: usize) -> Answer {
    let numbers: &Arc<[u32]> = &cursor.numbers;
    let end = (offset + page_size(call)).min(numbers.len());
    let is_done = end == numbers.len();
    // Close to what a lead of some thirty fields takes, so that the buffer seldom grows.
    let mut body = Vec::with_capacity(256 + (end - offset) * 1200);
    body.extend_from_slice(format!("{{\"totalSize\":{},\"done\":{is_done}", numbers.len()).as_bytes());
    if !is_done {
        let next_offset = if call.faults.duplicated { offset } else { end };
        let next =
            format!(",\"nextRecordsUrl\":\"/services/data/{}/query/{locator}-{next_offset}\"", call.version);
        body.extend_from_slice(next.as_bytes());
    }
    body.extend_from_slice(b",\"records\":");
    let mut shown = numbers[offset..end].to_vec();
    if call.faults.reordered {
        shown.reverse();
    }
    Renderer::new(org, call.version).records(&cursor.plan, &shown, &mut body);
    body.push(b'}');
    Answer::bytes(200, body)
}

/// `Sforce-Query-Options: batchSize=N`, held within bounds.
fn page_size(call: &Call<'_>) -> usize {
    let options = call.header("sforce-query-options").unwrap_or_default().split([',', ';']);
    let mut sizes = options.filter_map(|it| {
        let (name, value) = it.split_once('=')?;
        name.trim().eq_ignore_ascii_case("batchSize").then_some(value.trim().parse::<usize>().ok()?)
    });
    sizes.next_back().map_or(*PAGE_SIZES.end(), |it| it.clamp(*PAGE_SIZES.start(), *PAGE_SIZES.end()))
}
