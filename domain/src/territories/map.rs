//! Who covers what, and where nobody does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Industry, Prefecture, TerritoryAssignment};
use crate::ids::PartnerId;

/// One prefecture and one industry.
pub type Cell = (Prefecture, Industry);

/// The partners that cover each prefecture and industry for a product on a date; every cell is in it.
///
/// Assignments for named accounts cover no cell: they are about these accounts alone.
pub fn coverage_map(
    assignments: &[TerritoryAssignment],
    product: &str,
    date: NaiveDate,
) -> BTreeMap<Cell, BTreeSet<PartnerId>> {
    let cells = Prefecture::all().flat_map(|prefecture| Industry::all().map(move |it| (prefecture, it)));
    let mut map: BTreeMap<Cell, BTreeSet<PartnerId>> = cells.map(|it| (it, BTreeSet::new())).collect();
    let is_general = |it: &&TerritoryAssignment| {
        it.named_accounts.is_empty() && it.is_valid_on(date) && it.products.covers(product)
    };
    for assignment in assignments.iter().filter(is_general) {
        for prefecture in all_unless(&assignment.prefectures, Prefecture::all()) {
            for industry in all_unless(&assignment.industries, Industry::all()) {
                map.entry((prefecture, industry)).or_default().insert(assignment.partner);
            }
        }
    }
    map
}

/// The cells that nobody covers for a product on a date.
pub fn holes(assignments: &[TerritoryAssignment], product: &str, date: NaiveDate) -> BTreeSet<Cell> {
    let map = coverage_map(assignments, product, date);
    map.into_iter().filter(|(_, partners)| partners.is_empty()).map(|(cell, _)| cell).collect()
}

/// What is named, or everything when nothing is.
fn all_unless<T: Ord + Copy>(named: &BTreeSet<T>, all: impl Iterator<Item = T>) -> Vec<T> {
    if named.is_empty() { all.collect() } else { named.iter().copied().collect() }
}
