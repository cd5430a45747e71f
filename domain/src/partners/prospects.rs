//! Prospects compared: the selection score with what each rating added to it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::ids::PartnerId;
use crate::kpis::fraction::Fraction;
use crate::kpis::relationship::selection::{Criterion, Rating, selection_score};
use crate::kpis::value::KpiValue;

/// How promising a prospect is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assessment {
    /// Who.
    pub partner: PartnerId,
    /// The selection score, flagged when ratings are missing.
    pub score: KpiValue,
    /// What each rating added, in points of the score to two decimals: the most first.
    pub reasons: Vec<(Criterion, Decimal)>,
    /// What nobody has rated yet.
    pub unrated: Vec<Criterion>,
}

/// Assesses a prospect (glossary, selection score).
pub fn assess(partner: PartnerId, ratings: &BTreeMap<Criterion, Rating>) -> Assessment {
    let rated_weight: u32 = ratings.keys().map(|it| it.weight()).sum();
    let points = |criterion: &Criterion| -> Option<Decimal> {
        // Rated alone, a criterion has the whole weight; here it has its part of it.
        let alone = selection_score(partner, |it| ratings.get(&it).copied().filter(|_| it == *criterion));
        let part = Decimal::from(criterion.weight()) / Decimal::from(rated_weight);
        Some((alone.value.ok()?.rounded(4) * part).round_dp(2).normalize())
    };
    let mut reasons: Vec<_> = ratings.keys().filter_map(|it| Some((*it, points(it)?))).collect();
    reasons.sort_by_key(|(criterion, points)| (std::cmp::Reverse(*points), *criterion));
    let unrated = Criterion::ALL.iter().copied().filter(|it| !ratings.contains_key(it)).collect();
    let score = selection_score(partner, |it| ratings.get(&it).copied());
    Assessment { partner, score, reasons, unrated }
}

/// Orders prospects, the most promising first: by score, then by how much is known, then by id. Who has no
/// rating at all comes last.
pub fn compare(assessments: &mut [Assessment]) {
    assessments.sort_by_key(|it| {
        let score = it.score.value.ok().map(|score: Fraction| score.rounded(4));
        (std::cmp::Reverse(score), it.unrated.len(), it.partner)
    });
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn assessed(id: u128, ratings: &[(Criterion, u8)]) -> Assessment {
        let ratings = ratings.iter().map(|(criterion, rating)| (*criterion, (*rating).try_into().unwrap()));
        assess(PartnerId(Uuid::from_u128(id)), &ratings.collect())
    }

    fn all(ratings: [u8; 7]) -> Vec<(Criterion, u8)> {
        Criterion::ALL.iter().copied().zip(ratings).collect()
    }

    fn score(assessment: &Assessment) -> Option<Decimal> {
        assessment.score.value.ok().map(|it| it.rounded(2).normalize())
    }

    #[test]
    fn a_score_of_seventy_says_what_made_it() {
        let assessment = assessed(1, &all([4, 3, 5, 2, 4, 3, 2]));
        assert_eq!(score(&assessment), Some(Decimal::from(70)));
        // (80 + 60 + 75 + 30 + 60 + 30 + 15) ÷ 5
        let points: Vec<u32> = assessment.reasons.iter().map(|it| it.1.try_into().unwrap()).collect();
        assert_eq!(points, [16, 15, 12, 12, 6, 6, 3]);
        assert_eq!(assessment.reasons[0].0, Criterion::SalesResource);
        assert!(assessment.unrated.is_empty());
    }

    #[test]
    fn what_is_not_rated_is_named_and_weighs_nothing() {
        let assessment = assessed(1, &[(Criterion::SalesResource, 4)]);
        assert_eq!(score(&assessment), Some(Decimal::from(80)));
        assert_eq!(assessment.reasons, [(Criterion::SalesResource, Decimal::from(80))]);
        assert_eq!(assessment.unrated.len(), 6);
    }

    #[test]
    fn prospects_are_ordered_by_score_then_by_what_is_known() {
        let mut prospects = vec![
            assessed(1, &[]),
            assessed(2, &[(Criterion::SalesResource, 5)]),
            assessed(3, &all([5, 5, 5, 5, 5, 5, 0])),
        ];
        compare(&mut prospects);
        let order: Vec<u128> = prospects.iter().map(|it| it.partner.0.as_u128()).collect();
        assert_eq!(order, [3, 2, 1]);
    }
}
