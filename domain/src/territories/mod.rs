//! Territories: which partner may work where, for which industries, products or named accounts.
//!
//! Here: assignments, what they say about a deal, overlaps of exclusive ones, and who covers what.
//! Not here: what a claim outside of a territory costs its partner (`conflicts`).

mod map;
mod regions;

use std::collections::BTreeSet;

use chrono::NaiveDate;

pub use map::{Cell, coverage_map, holes};
pub use regions::{Industry, InvalidRegion, Prefecture};

use crate::ids::{GoldenId, PartnerId};
use crate::products::ProductScope;

crate::codes! {
    /// What a partner's territories say about a deal.
    pub enum Coverage {
        Exclusive("専任", "Exclusive holder"),
        Covered("担当内", "Covered"),
        Uncovered("担当外", "Not covered"),
    }

    /// How closely an assignment fits a deal; the closest first.
    pub enum Specificity {
        NamedAccount("指名顧客", "Named account"),
        PrefectureAndIndustry("都道府県と業種", "Prefecture and industry"),
        Prefecture("都道府県", "Prefecture"),
        Unspecific("指定なし", "Neither"),
    }
}

/// A partner's dated right. Each empty list means no restriction; what is not empty must all fit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TerritoryAssignment {
    /// Whose.
    pub partner: PartnerId,
    /// Where.
    pub prefectures: BTreeSet<Prefecture>,
    /// For which industries.
    pub industries: BTreeSet<Industry>,
    /// For which products.
    pub products: ProductScope,
    /// For which accounts alone.
    pub named_accounts: BTreeSet<GoldenId>,
    /// Whether nobody else may hold the same.
    pub is_exclusive: bool,
    /// The first date.
    pub valid_from: NaiveDate,
    /// The first date after it, if it ends.
    pub valid_until: Option<NaiveDate>,
}

/// A deal, as far as territories care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Of the site, or else of the account's head office; unknown for some.
    pub prefecture: Option<Prefecture>,
    /// Of the account; unknown for some.
    pub industry: Option<Industry>,
    /// Of the deal.
    pub products: ProductScope,
    /// The golden account.
    pub account: GoldenId,
}

/// Why an assignment was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidTerritory {
    /// It ends before it begins.
    #[error("the territory ends on {until}, which is not after its beginning on {from}; correct one of them")]
    TerritoryEndsFirst {
        /// Its first date.
        from: NaiveDate,
        /// The first date after it.
        until: NaiveDate,
    },
    /// Its end would come too early or too late.
    #[error(
        "a territory ends on {earliest} at the earliest, and not after the end it has; choose another date"
    )]
    TerritoryEndImpossible {
        /// The first date that it may end on.
        earliest: NaiveDate,
    },
    /// Somebody else holds part of it exclusively, at the same time.
    #[error("another exclusive territory overlaps this one; end it first, or make one of them not exclusive")]
    TerritoryExclusiveOverlap {
        /// Who.
        holder: PartnerId,
    },
}

impl TerritoryAssignment {
    /// Checks a new assignment against those that exist.
    pub fn check(&self, existing: &[Self]) -> Result<(), InvalidTerritory> {
        if let Some(until) = self.valid_until.filter(|it| *it <= self.valid_from) {
            return Err(InvalidTerritory::TerritoryEndsFirst { from: self.valid_from, until });
        }
        let rivals = existing.iter().filter(|it| it.partner != self.partner && it.overlaps(self));
        match rivals.filter(|it| it.is_exclusive && self.is_exclusive).map(|it| it.partner).min() {
            Some(holder) => Err(InvalidTerritory::TerritoryExclusiveOverlap { holder }),
            None => Ok(()),
        }
    }

    /// Checks the first date after it, when it is ended: what has been is not changed, and no end comes later.
    pub fn check_end(&self, until: NaiveDate, today: NaiveDate) -> Result<(), InvalidTerritory> {
        let earliest = today.max(self.valid_from);
        match earliest <= until && self.valid_until.is_none_or(|it| until <= it) {
            true => Ok(()),
            false => Err(InvalidTerritory::TerritoryEndImpossible { earliest }),
        }
    }

    /// Whether some deal at some time falls under both. Symmetric.
    pub fn overlaps(&self, other: &Self) -> bool {
        let meets_in_time = |a: &Self, b: &Self| b.valid_until.is_none_or(|until| a.valid_from < until);
        !self.is_never()
            && !other.is_never()
            && meets_in_time(self, other)
            && meets_in_time(other, self)
            && meet(&self.prefectures, &other.prefectures)
            && meet(&self.industries, &other.industries)
            && meet(&self.named_accounts, &other.named_accounts)
            && self.products.intersects(&other.products)
    }

    /// Whether it was ended before it began.
    pub fn is_never(&self) -> bool {
        self.valid_until.is_some_and(|until| until <= self.valid_from)
    }

    /// Whether it holds on a date.
    pub fn is_valid_on(&self, date: NaiveDate) -> bool {
        self.valid_from <= date && self.valid_until.is_none_or(|until| date < until)
    }

    /// Whether a deal falls under it. What is unknown of the deal fits no restriction.
    pub fn covers(&self, place: &Place, date: NaiveDate) -> bool {
        self.is_valid_on(date)
            && fits(&self.prefectures, place.prefecture)
            && fits(&self.industries, place.industry)
            && fits(&self.named_accounts, Some(place.account))
            && self.products.covers_all_of(&place.products)
    }

    /// How closely it fits the deals that fall under it.
    pub fn specificity(&self) -> Specificity {
        match (self.named_accounts.is_empty(), self.prefectures.is_empty(), self.industries.is_empty()) {
            (false, _, _) => Specificity::NamedAccount,
            (true, false, false) => Specificity::PrefectureAndIndustry,
            (true, false, true) => Specificity::Prefecture,
            (true, true, _) => Specificity::Unspecific,
        }
    }
}

/// What a partner's territories say about a deal on a date (domain model, section 6 R3). Inside another's exclusive
/// territory a shared one gives no right.
pub fn coverage(
    assignments: &[TerritoryAssignment],
    partner: PartnerId,
    place: &Place,
    date: NaiveDate,
) -> Coverage {
    let covering = || assignments.iter().filter(|it| it.covers(place, date));
    let own = || covering().filter(|it| it.partner == partner);
    if own().any(|it| it.is_exclusive) {
        return Coverage::Exclusive;
    }
    let is_others = covering().any(|it| it.is_exclusive);
    if own().next().is_some() && !is_others { Coverage::Covered } else { Coverage::Uncovered }
}

/// The closest fit among a partner's territories; `None` when the partner does not cover the deal.
pub fn closest_fit(
    assignments: &[TerritoryAssignment],
    partner: PartnerId,
    place: &Place,
    date: NaiveDate,
) -> Option<Specificity> {
    if coverage(assignments, partner, place, date) == Coverage::Uncovered {
        return None;
    }
    let own = assignments.iter().filter(|it| it.partner == partner && it.covers(place, date));
    own.map(TerritoryAssignment::specificity).min()
}

fn fits<T: Ord>(allowed: &BTreeSet<T>, given: Option<T>) -> bool {
    allowed.is_empty() || given.is_some_and(|it| allowed.contains(&it))
}

fn meet<T: Ord>(one: &BTreeSet<T>, other: &BTreeSet<T>) -> bool {
    one.is_empty() || other.is_empty() || !one.is_disjoint(other)
}

#[cfg(test)]
mod tests;
