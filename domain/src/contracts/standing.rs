//! Where a contract stands by its dates, whether or not anybody has noted it yet.

use chrono::NaiveDate;

use super::{ContractEnd, ContractStatus, ContractTerm, ContractTerms, ContractVersions};

/// What is known of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFacts {
    /// Where it stood when somebody last looked.
    pub status: ContractStatus,
    /// When notice was given.
    pub notice_given_on: Option<NaiveDate>,
    /// The first date on which it does not bind any more, when it is ended early.
    pub terminated_on: Option<NaiveDate>,
    /// What is agreed.
    pub versions: ContractVersions,
}

/// What the passing of time has made of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractNews {
    /// Its first date has come.
    Begins,
    /// It was ended early, and the date has come.
    Terminates,
    /// It has ended, and a successor follows.
    Renews {
        /// When that one runs.
        successor: ContractTerm,
    },
    /// It has ended.
    Expires,
}

impl ContractFacts {
    /// What binds on a date, with the number of its version from 1: for any date of the past, and for today even before
    /// somebody has noted that it began or was renewed.
    pub fn binding_on(&self, date: NaiveDate) -> Option<(usize, &ContractTerms)> {
        if !self.status.was_signed() || self.terminated_on.is_some_and(|it| it <= date) {
            return None;
        }
        self.versions.on(date).or_else(|| self.renewed_on(date))
    }

    /// What follows from the date of today. To be asked again until there is nothing more.
    pub fn news(&self, today: NaiveDate) -> Option<ContractNews> {
        let is_over = self.terminated_on.is_some_and(|it| it <= today);
        match self.status {
            ContractStatus::Signed | ContractStatus::InForce if is_over => Some(ContractNews::Terminates),
            ContractStatus::Signed if self.versions.term().first() <= today => Some(ContractNews::Begins),
            ContractStatus::InForce => self.end(today).map(|it| match it {
                ContractEnd::Renewed { successor } => ContractNews::Renews { successor },
                ContractEnd::Expired => ContractNews::Expires,
            }),
            _ => None,
        }
    }

    /// Whether it will renew by itself, as things stand.
    pub fn will_renew(&self) -> bool {
        let (notice, term) = (&self.versions.at_end().notice, self.versions.term());
        let is_noticed = self.notice_given_on.is_some_and(|it| it <= term.notice_deadline(notice));
        self.status.is_signed() && notice.auto_renew && !is_noticed && self.terminated_on.is_none()
    }

    fn end(&self, today: NaiveDate) -> Option<ContractEnd> {
        self.versions.term().after_end(&self.versions.at_end().notice, self.notice_given_on, today)
    }

    /// The terms of a successor that nobody has entered yet.
    fn renewed_on(&self, date: NaiveDate) -> Option<(usize, &ContractTerms)> {
        let is_unnoted = matches!(self.status, ContractStatus::Signed | ContractStatus::InForce);
        match self.end(date).filter(|_| is_unnoted)? {
            ContractEnd::Renewed { successor } if successor.period().contains(date) => {
                Some((1, self.versions.at_end()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ContractArea, NoticeTerms};
    use super::*;
    use crate::products::ProductScope;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn contract(status: ContractStatus) -> ContractFacts {
        let term = ContractTerm::new(date("2026-04-01"), date("2027-03-31")).unwrap();
        let notice = NoticeTerms { notice_days: 90, auto_renew: true, renewal_term_months: 12 };
        let terms = ContractTerms { products: ProductScope::all(), area: ContractArea::default(), notice };
        let versions = ContractVersions::new(term, terms).unwrap();
        ContractFacts { status, notice_given_on: None, terminated_on: None, versions }
    }

    fn binds(contract: &ContractFacts, on: &str) -> bool {
        contract.binding_on(date(on)).is_some()
    }

    #[test]
    fn a_contract_binds_on_its_dates_once_it_is_signed() {
        assert!(!binds(&contract(ContractStatus::Sent), "2026-05-01"));
        for status in [ContractStatus::Signed, ContractStatus::InForce, ContractStatus::Renewed] {
            let contract = contract(status);
            assert!(!binds(&contract, "2026-03-31"), "{status}");
            assert!(binds(&contract, "2026-04-01") && binds(&contract, "2027-03-31"), "{status}");
        }
    }

    #[test]
    fn a_renewal_binds_before_anybody_has_noted_it() {
        let mut contract = contract(ContractStatus::InForce);
        assert!(binds(&contract, "2027-04-01"));
        assert!(!binds(&contract, "2028-04-01"));
        contract.notice_given_on = Some(date("2026-12-31"));
        assert!(!binds(&contract, "2027-04-01"));
        contract.status = ContractStatus::Renewed;
        assert!(!binds(&contract, "2027-04-01"), "the successor binds");
    }

    #[test]
    fn a_contract_that_is_ended_early_binds_until_then() {
        let mut contract = contract(ContractStatus::Terminated);
        contract.terminated_on = Some(date("2026-10-01"));
        assert!(binds(&contract, "2026-09-30"));
        assert!(!binds(&contract, "2026-10-01"));
    }

    #[test]
    fn time_makes_news_one_after_another() {
        let mut contract = contract(ContractStatus::Signed);
        let successor = ContractTerm::new(date("2027-04-01"), date("2028-03-31")).unwrap();
        assert_eq!(contract.news(date("2026-03-31")), None);
        assert_eq!(contract.news(date("2027-04-01")), Some(ContractNews::Begins));
        contract.status = ContractStatus::InForce;
        assert_eq!(contract.news(date("2027-03-31")), None);
        assert_eq!(contract.news(date("2027-04-01")), Some(ContractNews::Renews { successor }));
        contract.notice_given_on = Some(date("2026-12-31"));
        assert_eq!(contract.news(date("2027-04-01")), Some(ContractNews::Expires));
        contract.terminated_on = Some(date("2026-10-01"));
        assert_eq!(contract.news(date("2026-10-01")), Some(ContractNews::Terminates));
    }

    #[test]
    fn a_notice_in_time_ends_the_renewing() {
        let mut contract = contract(ContractStatus::InForce);
        assert!(contract.will_renew());
        contract.notice_given_on = Some(date("2027-01-01"));
        assert!(contract.will_renew(), "a day late");
        contract.notice_given_on = Some(date("2026-12-31"));
        assert!(!contract.will_renew());
    }
}
