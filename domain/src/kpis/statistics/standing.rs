//! Where a partner stands among others, without saying who the others are.

use std::collections::BTreeMap;

use crate::ids::PartnerId;
use crate::kpis::fraction::Fraction;

/// Partners below which a place would give others away.
const FEWEST: usize = 5;

/// A place among so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Standing {
    /// The place from the best; equals share it.
    pub place: usize,
    /// Among how many.
    pub among: usize,
}

/// The place of a partner by a figure of which more is better; `None` without a figure of its own.
///
/// Also `None` among fewer than five: who knows its own figure and the places of few could guess those of the others.
pub fn standing(figures: &BTreeMap<PartnerId, Fraction>, partner: PartnerId) -> Option<Standing> {
    let own = figures.get(&partner)?;
    let better = figures.values().filter(|it| *it > own).count();
    (figures.len() >= FEWEST).then_some(Standing { place: better + 1, among: figures.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::partner_id;

    fn check(figures: &[usize], partner: u128, expected: Option<(usize, usize)>) {
        let figures = (1..).map(partner_id).zip(figures.iter().map(|it| Fraction::from(*it))).collect();
        let found = standing(&figures, partner_id(partner));
        assert_eq!(found.map(|it| (it.place, it.among)), expected);
    }

    #[test]
    fn equals_share_a_place() {
        check(&[95, 78, 78, 5, 11], 1, Some((1, 5)));
        check(&[95, 78, 78, 5, 11], 3, Some((2, 5)));
        check(&[95, 78, 78, 5, 11], 5, Some((4, 5)));
    }

    #[test]
    fn among_few_or_without_a_figure_there_is_no_place() {
        check(&[95, 78, 52, 5], 1, None);
        check(&[95, 78, 52, 5, 11], 6, None);
    }
}
