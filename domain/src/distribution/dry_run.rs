//! What a draft of the distribution policy would change about a ranking that was made.

use std::collections::BTreeSet;

use super::Ranking;
use crate::ids::PartnerId;

/// The difference between the ranking that was made and the one under a draft, of the same candidates.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RankingDiff {
    /// Who would be asked first, before and after, when that differs.
    pub first: Option<(Option<PartnerId>, Option<PartnerId>)>,
    /// Who would be left out.
    pub newly_excluded: BTreeSet<PartnerId>,
    /// Who would no longer be left out.
    pub newly_ranked: BTreeSet<PartnerId>,
    /// Whether the order would differ.
    pub is_order_changed: bool,
}

impl RankingDiff {
    /// Compares two rankings of the same candidates.
    pub fn between(before: &Ranking, after: &Ranking) -> Self {
        let order = |it: &Ranking| -> Vec<PartnerId> { it.ranked.iter().map(|it| it.partner).collect() };
        let (old, new) = (order(before), order(after));
        let (old_set, new_set): (BTreeSet<_>, BTreeSet<_>) =
            (old.iter().copied().collect(), new.iter().copied().collect());
        let (was_first, is_first) = (old.first().copied(), new.first().copied());
        Self {
            first: (was_first != is_first).then_some((was_first, is_first)),
            newly_excluded: &old_set - &new_set,
            newly_ranked: &new_set - &old_set,
            is_order_changed: old != new,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::distribution::Ranked;

    fn ranking(ids: &[u128]) -> Ranking {
        let ranked = ids.iter().zip(1..).map(|(id, rank)| {
            let partner = PartnerId(Uuid::from_u128(*id));
            Ranked { rank, partner, behind_by: None }
        });
        Ranking { policy: String::new(), ranked: ranked.collect(), excluded: Vec::new() }
    }

    #[test]
    fn a_difference_names_who_comes_and_who_goes() {
        let diff = RankingDiff::between(&ranking(&[1, 2, 3]), &ranking(&[4, 2, 3]));
        let id = |id| PartnerId(Uuid::from_u128(id));
        assert_eq!(diff.first, Some((Some(id(1)), Some(id(4)))));
        assert_eq!((diff.newly_excluded, diff.newly_ranked), ([id(1)].into(), [id(4)].into()));
        assert!(diff.is_order_changed);
    }

    #[test]
    fn the_same_order_is_no_difference() {
        let diff = RankingDiff::between(&ranking(&[1, 2]), &ranking(&[1, 2]));
        assert!(diff.first.is_none() && !diff.is_order_changed);
        let swapped = RankingDiff::between(&ranking(&[1, 2, 3]), &ranking(&[1, 3, 2]));
        assert!(swapped.first.is_none() && swapped.is_order_changed && swapped.newly_ranked.is_empty());
    }
}
