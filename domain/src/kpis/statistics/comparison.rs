//! Two groups side by side: what they reach, how far apart they are, and whether there are enough to tell.

use std::collections::BTreeSet;

use crate::kpis::value::{Absence, Figure, Flag, KpiValue};

/// Units below which a group says little.
pub const LOW_SAMPLE_BELOW: usize = 10;

/// The same KPI for two groups.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Comparison {
    /// The group that has it.
    pub with: KpiValue,
    /// The group that has not.
    pub without: KpiValue,
    /// With − without.
    pub difference: Figure,
    /// With ÷ without.
    pub ratio: Figure,
    /// What the reader must know of either.
    pub flags: BTreeSet<Flag>,
}

impl Comparison {
    /// Puts two groups side by side.
    pub fn of(with: KpiValue, without: KpiValue) -> Self {
        let both = with.value.and_then(|left| without.value.map(|right| (left, right)));
        let difference = both.map(|(left, right)| left - right);
        let ratio = both.and_then(|(left, right)| left.over(right).ok_or(Absence::NoDenominator));
        let mut flags: BTreeSet<Flag> = with.flags.union(&without.flags).copied().collect();
        flags.extend(low_sample([with.sample_size(), without.sample_size()]));
        Self { with, without, difference, ratio, flags }
    }

    /// Units in the smaller group.
    pub fn sample_size(&self) -> usize {
        self.with.sample_size().min(self.without.sample_size())
    }

    /// Whether the intervals of the two rates are apart; `None` when one has no interval.
    pub fn is_apart(&self) -> Option<bool> {
        let (left, right) = self.with.interval.zip(self.without.interval)?;
        Some(!left.overlaps(&right))
    }
}

/// The warning that any of some groups is too small.
pub fn low_sample(sizes: impl IntoIterator<Item = usize>) -> Option<Flag> {
    sizes.into_iter().any(|it| it < LOW_SAMPLE_BELOW).then_some(Flag::LowSample)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::catalogue::Kpi;
    use crate::kpis::value::{Part, Subject};
    use crate::kpis::worked::{figure, id};

    fn rate(hits: u128, all: u128) -> KpiValue {
        let part = |count| Part::count(Subject::Deal, (0..count).map(id));
        KpiValue::proportion(Kpi::WinRate, part(hits), part(all))
    }

    #[test]
    fn a_group_of_nine_is_small() {
        assert!(Comparison::of(rate(5, 10), rate(5, 9)).flags.contains(&Flag::LowSample));
        assert!(Comparison::of(rate(5, 10), rate(5, 10)).flags.is_empty());
    }

    #[test]
    fn without_a_second_group_there_is_no_comparison() {
        let comparison = Comparison::of(rate(5, 10), rate(0, 0));
        assert_eq!((comparison.difference, comparison.is_apart()), (Err(Absence::NoDenominator), None));
        let zero = Comparison::of(rate(5, 10), rate(0, 10));
        assert_eq!((figure(zero.difference, 1).as_str(), zero.ratio), ("0.5", Err(Absence::NoDenominator)));
    }

    #[test]
    fn intervals_tell_whether_rates_are_apart() {
        assert_eq!(Comparison::of(rate(90, 100), rate(10, 100)).is_apart(), Some(true));
        assert_eq!(Comparison::of(rate(6, 10), rate(5, 10)).is_apart(), Some(false));
    }
}
