//! Running a plan: which records match, in which order.
//!
//! The result set is fixed here, as record numbers; values are read when a page is written.

use std::sync::Arc;

use super::plan::{self, Output, Plan, Scope};
use super::sort::{Ready, ready, sort};
use super::{aggregate, sort::SortKey};
use crate::org::Org;
use crate::org::table::Record;
use crate::rest::error::ApiError;

/// What a query found.
#[derive(Debug)]
pub(crate) enum Outcome {
    Count(u64),
    /// Finished aggregate rows as JSON objects, separated by commas, and their number.
    Groups {
        rows: Vec<u8>,
        count: usize,
    },
    Records {
        plan: Arc<Plan>,
        numbers: Vec<u32>,
    },
}

/// Parses, plans and runs a query.
pub(crate) fn run(org: &Org, query: &str, scope: Scope) -> Result<Outcome, ApiError> {
    let plan = plan::plan(org, query, scope, org.clock().seconds())?;
    Ok(match &plan.output {
        Output::Count => Outcome::Count(matching(org, &plan).len() as u64),
        Output::Groups(aggregation) => {
            let (rows, count) = aggregate::run(org, &plan, aggregation)?;
            Outcome::Groups { rows, count }
        }
        Output::Records(_) => {
            let numbers = matching(org, &plan);
            Outcome::Records { plan: Arc::new(plan), numbers }
        }
    })
}

/// Numbers of all matching records, ordered and cut as the plan says.
pub(super) fn matching(org: &Org, plan: &Plan) -> Vec<u32> {
    let table = org.table(plan.object);
    let keep = |number: &u32| table.get(*number).is_some_and(|it| is_match(org, plan, it));
    let most =
        plan.limit.map_or(usize::MAX, |it| (it.saturating_add(plan.offset)).try_into().unwrap_or(usize::MAX));
    let (low, high) = plan.test.as_ref().map_or((i64::MIN, i64::MAX), |it| it.stamp_bounds());
    if let Some(mut ids) = plan.test.as_ref().and_then(|it| it.named_ids()) {
        ids.sort();
        ids.dedup();
        let found =
            ids.into_iter().filter(|it| it.object == plan.object).map(|it| it.number).filter(keep).collect();
        return cut(sorted(org, plan, found), plan);
    }
    let is_bounded = low > i64::MIN || high < i64::MAX;
    let numbers = match ready(&plan.order) {
        Ready::ByStamp => table.by_stamp(low..=high).filter(keep).take(most).collect(),
        Ready::ByStampDescending => table.by_stamp(low..=high).rev().filter(keep).take(most).collect(),
        Ready::ById if !is_bounded => {
            table.iter().filter(|it| is_match(org, plan, it)).map(|it| it.id.number).take(most).collect()
        }
        _ if is_bounded => sorted(org, plan, table.by_stamp(low..=high).filter(keep).collect()),
        _ => sorted(
            org,
            plan,
            table.iter().filter(|it| is_match(org, plan, it)).map(|it| it.id.number).collect(),
        ),
    };
    cut(numbers, plan)
}

/// Whether a record is seen and matches; also asked for each child of a subquery.
pub(super) fn is_match(org: &Org, plan: &Plan, record: &Record) -> bool {
    (plan.scope == Scope::All || !record.is_deleted)
        && plan.test.as_ref().is_none_or(|it| it.matches(org, record))
}

/// In the plan's order; without one, by id.
pub(super) fn sorted(org: &Org, plan: &Plan, mut numbers: Vec<u32>) -> Vec<u32> {
    let order: &[SortKey] = &plan.order;
    match ready(order) {
        Ready::ById => numbers.sort_unstable(),
        _ => {
            numbers.sort_unstable();
            sort(org, plan.object, order, &mut numbers);
        }
    }
    numbers
}

/// OFFSET and LIMIT.
pub(super) fn cut(mut numbers: Vec<u32>, plan: &Plan) -> Vec<u32> {
    let offset = usize::try_from(plan.offset).unwrap_or(usize::MAX).min(numbers.len());
    numbers.drain(..offset);
    if let Some(limit) = plan.limit {
        numbers.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    numbers
}
