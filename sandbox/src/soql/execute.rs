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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::clock::Clock;
    use crate::soql::render::Renderer;

    const WORDS: &[&str] = &[
        "SELECT",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "ORDER BY",
        "GROUP BY",
        "HAVING",
        "LIMIT",
        "OFFSET",
        "ASC",
        "DESC",
        "NULLS",
        "FIRST",
        "LAST",
        "FOR VIEW",
        "ALL ROWS",
        "WITH",
        "(",
        ")",
        ",",
        ".",
        "=",
        "!=",
        "<>",
        "<=",
        ">",
        ":",
        "'",
        "'x'",
        "'%'",
        "\\",
        "5",
        "-1",
        "1e9",
        "99999999999999999999",
        "2024-01-01",
        "2024-01-01T00:00:00Z",
        "2024-99-99",
        "0000-00-00",
        "null",
        "true",
        "TODAY",
        "LAST_N_DAYS:3",
        "N_YEARS_AGO:100000",
        "Id",
        "Name",
        "Amount",
        "Account",
        "Account.Name",
        "Owner.Manager.Name",
        "Lead",
        "User",
        "Opportunities",
        "COUNT()",
        "COUNT(Id)",
        "SUM(Amount)",
        "MAX(Name)",
        "FIELDS(ALL)",
        "toLabel(Name)",
        "x",
        "髙",
        "\u{3000}",
        "🗾",
    ];

    fn org() -> Org {
        let mut org = Org::empty(Arc::new(Clock::new(None)));
        crate::demo::seed(&mut org, Some(20), 1);
        org
    }

    /// Whatever the text, there is an answer: never a panic, never a hang.
    fn answers(org: &Org, text: &str) {
        for scope in [Scope::Live, Scope::All] {
            if let Ok(Outcome::Records { plan, numbers }) = run(org, text, scope) {
                let mut out = Vec::new();
                Renderer::new(org, "v62.0").records(&plan, &numbers[..numbers.len().min(20)], &mut out);
                serde_json::from_slice::<serde_json::Value>(&out).expect("valid JSON");
            }
        }
    }

    #[test]
    fn any_words_are_answered() {
        let org = org();
        proptest!(ProptestConfig::with_cases(2_000), |(words in prop::collection::vec(prop::sample::select(WORDS), 0..24))| {
            answers(&org, &words.join(" "));
        });
    }

    #[test]
    fn any_condition_is_answered() {
        let org = org();
        proptest!(ProptestConfig::with_cases(1_000), |(words in prop::collection::vec(prop::sample::select(WORDS), 0..10))| {
            answers(&org, &format!("SELECT Id, Name FROM Opportunity WHERE {}", words.join(" ")));
            answers(&org, &format!("SELECT {} FROM Account LIMIT 3", words.join(" ")));
        });
    }

    #[test]
    fn any_text_is_answered() {
        let org = org();
        proptest!(ProptestConfig::with_cases(1_000), |(text in "\\PC{0,80}")| {
            answers(&org, &text);
            answers(&org, &format!("SELECT Id FROM Lead WHERE Name = '{text}'"));
        });
    }
}
