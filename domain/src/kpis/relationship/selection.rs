//! 選定スコア: how promising a prospective partner is, from seven ratings.

use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::value::{Absence, Flag, KpiValue, Part, Subject};

/// The best rating.
const BEST: u8 = 5;

crate::codes! {
    /// What a prospective partner is rated by.
    pub enum Criterion {
        SalesResource("営業リソース", "Sales resource"),
        CustomerBase("顧客基盤", "Customer base"),
        IndustryKnowledge("業界知識", "Industry knowledge"),
        Technical("技術力", "Technical skill"),
        SellingPower("販売力", "Selling power"),
        Reputation("実績・評判", "Record and reputation"),
        CompetitorRisk("競合関係のリスク", "Risk by relation to competitors"),
    }
}

/// A rating from 0 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rating(u8);

/// A rating that the scale does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rating is a whole number from 0 to 5; leave it out when it is not known")]
pub struct InvalidRating;

impl TryFrom<u8> for Rating {
    type Error = InvalidRating;

    fn try_from(rating: u8) -> Result<Self, InvalidRating> {
        if rating <= BEST { Ok(Self(rating)) } else { Err(InvalidRating) }
    }
}

impl Rating {
    /// As a number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl Criterion {
    /// Its weight; all together make 100.
    pub fn weight(self) -> u32 {
        match self {
            Self::SalesResource | Self::CustomerBase => 20,
            Self::IndustryKnowledge | Self::Technical | Self::SellingPower => 15,
            Self::Reputation => 10,
            Self::CompetitorRisk => 5,
        }
    }

    /// What a rating is worth: a risk counts the other way round.
    fn worth(self, rating: Rating) -> u8 {
        if self == Self::CompetitorRisk { BEST - rating.0 } else { rating.0 }
    }
}

/// Σ weight × rating ÷ 5, from 0 to 100. What is missing gives its weight to the others, and is flagged.
pub fn selection_score(partner: PartnerId, rating: impl Fn(Criterion) -> Option<Rating>) -> KpiValue {
    let rated = Criterion::ALL.iter().filter_map(|it| Some((*it, rating(*it)?)));
    let rated: Vec<_> =
        rated.map(|(it, rating)| (i128::from(it.weight()), i128::from(it.worth(rating)))).collect();
    let achieved: i128 = rated.iter().map(|(weight, worth)| weight * worth * 100).sum();
    let possible: i128 = rated.iter().map(|(weight, _)| weight * i128::from(BEST)).sum();
    let part = |total: i128| Part::weighed(Fraction::from(total), Subject::Partner, [partner]);
    let mut value = KpiValue::quotient(Kpi::SelectionScore, part(achieved), part(possible));
    value.value = value.value.map_err(|_| Absence::NotMeasured);
    if rated.len() < Criterion::ALL.len() { value.flagged(Flag::Renormalised) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{figure, partner_id};

    fn score(ratings: [Option<u8>; 7]) -> KpiValue {
        selection_score(partner_id(1), |it| ratings[it as usize].map(|it| it.try_into().unwrap()))
    }

    #[test]
    fn the_worked_prospect_scores_seventy() {
        let value = score([4, 3, 5, 2, 4, 3, 2].map(Some));
        assert_eq!(figure(value.value, 0), "70");
        assert!(value.flags.is_empty());
    }

    #[test]
    fn a_missing_rating_is_neither_zero_nor_full() {
        let value = score([Some(4), Some(4), None, Some(4), Some(4), Some(4), Some(1)]);
        assert_eq!(figure(value.value, 0), "80");
        assert!(value.flags.contains(&Flag::Renormalised));
        assert_eq!(score([None; 7]).value, Err(Absence::NotMeasured));
    }

    #[test]
    fn weights_make_a_hundred_and_there_is_no_six() {
        assert_eq!(Criterion::ALL.iter().map(|it| it.weight()).sum::<u32>(), 100);
        assert_eq!(Rating::try_from(6), Err(InvalidRating));
    }
}
