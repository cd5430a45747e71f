//! Amendments: what is agreed on which date.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{ContractTerm, NoticeTerms};
use crate::products::ProductScope;
use crate::territories::{Industry, Prefecture};

/// Where and for whom a partner may sell by a contract. Each empty list means no restriction.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ContractArea {
    /// Where.
    pub prefectures: BTreeSet<Prefecture>,
    /// For which industries.
    pub industries: BTreeSet<Industry>,
}

/// What a contract says, as far as rules ask.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ContractTerms {
    /// What the partner may sell.
    pub products: ProductScope,
    /// Where and for whom.
    pub area: ContractArea,
    /// About ending and renewing.
    pub notice: NoticeTerms,
}

/// All versions of one contract; none is ever changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractVersions {
    term: ContractTerm,
    /// With their effective dates, in the order in which they were agreed.
    versions: Vec<(NaiveDate, ContractTerms)>,
}

/// An amendment that cannot take effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidAmendment {
    /// Before or after the contract.
    #[error("the amendment takes effect on {effective}, which is not a date of the contract")]
    AmendmentOutsideTerm {
        /// Its date.
        effective: NaiveDate,
    },
    /// What it says makes no sense.
    #[error(transparent)]
    Term(#[from] super::InvalidTerm),
}

impl ContractTerms {
    /// Whether the partner may sell all these products there. What is unknown of a deal fits no restriction.
    pub fn covers(
        &self,
        products: &ProductScope,
        prefecture: Option<Prefecture>,
        industry: Option<Industry>,
    ) -> bool {
        let ContractArea { prefectures, industries } = &self.area;
        self.products.covers_all_of(products)
            && (prefectures.is_empty() || prefecture.is_some_and(|it| prefectures.contains(&it)))
            && (industries.is_empty() || industry.is_some_and(|it| industries.contains(&it)))
    }
}

impl ContractVersions {
    /// A contract as first agreed.
    pub fn new(term: ContractTerm, terms: ContractTerms) -> Result<Self, InvalidAmendment> {
        terms.notice.check()?;
        Ok(Self { term, versions: vec![(term.period().from, terms)] })
    }

    /// Adds an amendment with its own effective date.
    pub fn amend(mut self, effective: NaiveDate, terms: ContractTerms) -> Result<Self, InvalidAmendment> {
        terms.notice.check()?;
        if !self.term.period().contains(effective) {
            return Err(InvalidAmendment::AmendmentOutsideTerm { effective });
        }
        self.versions.push((effective, terms));
        Ok(self)
    }

    /// Its dates.
    pub fn term(&self) -> &ContractTerm {
        &self.term
    }

    /// What holds at its end: what ending and renewing go by.
    pub fn at_end(&self) -> &ContractTerms {
        self.on(self.term.last()).expect("the first version begins with the term").1
    }

    /// What holds on a date, with the number of its version from 1: the latest effective date that has come, and
    /// of several on one date what was agreed last. `None` outside of the term.
    pub fn on(&self, date: NaiveDate) -> Option<(usize, &ContractTerms)> {
        let is_in_term = self.term.period().contains(date);
        let come =
            self.versions.iter().enumerate().filter(|(_, (effective, _))| is_in_term && *effective <= date);
        let (at, (_, terms)) = come.max_by_key(|(at, (effective, _))| (*effective, *at))?;
        Some((at + 1, terms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn terms(products: &str) -> ContractTerms {
        let notice = NoticeTerms { notice_days: 90, auto_renew: true, renewal_term_months: 12 };
        let products = products.split_whitespace().collect();
        ContractTerms { products, area: ContractArea::default(), notice }
    }

    fn contract() -> ContractVersions {
        let term = ContractTerm::new(date("2026-04-01"), date("2027-03-31")).unwrap();
        ContractVersions::new(term, terms("X")).unwrap()
    }

    #[test]
    fn an_amendment_holds_from_its_own_date() {
        let amended = contract().amend(date("2026-10-01"), terms("X Y")).unwrap();
        let amended = amended.amend(date("2026-07-01"), terms("X Z")).unwrap();
        let version = |text| amended.on(date(text)).map(|(number, _)| number);
        assert_eq!(version("2026-06-30"), Some(1));
        assert_eq!(version("2026-07-01"), Some(3));
        assert_eq!(version("2026-10-01"), Some(2));
        assert_eq!(version("2027-04-01"), None);
        assert_eq!(version("2026-03-31"), None);
    }

    #[test]
    fn what_is_unknown_fits_no_restriction() {
        let mut agreed = terms("X Y");
        let covers = |agreed: &ContractTerms, products: &str, prefecture: Option<&str>| {
            let prefecture = prefecture.map(|it| it.parse().unwrap());
            agreed.covers(&products.split_whitespace().collect(), prefecture, None)
        };
        assert!(covers(&agreed, "X", None));
        assert!(!covers(&agreed, "X Z", None));
        assert!(!covers(&agreed, "", None), "every product is more than two");
        agreed.area.prefectures = ["JP-13".parse().unwrap()].into();
        assert!(covers(&agreed, "X", Some("JP-13")));
        assert!(!covers(&agreed, "X", Some("JP-27")));
        assert!(!covers(&agreed, "X", None));
    }

    #[test]
    fn of_two_on_one_date_the_last_agreed_holds() {
        let amended = contract().amend(date("2026-07-01"), terms("Y")).unwrap();
        let amended = amended.amend(date("2026-07-01"), terms("Z")).unwrap();
        assert_eq!(amended.on(date("2026-07-01")), Some((3, &terms("Z"))));
    }

    #[test]
    fn an_amendment_outside_of_the_term_is_refused() {
        let refusal = contract().amend(date("2027-04-01"), terms("Y"));
        assert_eq!(refusal, Err(InvalidAmendment::AmendmentOutsideTerm { effective: date("2027-04-01") }));
    }
}
