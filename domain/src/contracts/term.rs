//! How long a contract runs, until when notice may be given, and what follows its end.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::calendar::{Calendar, CalendarEnds, Period};
use crate::lifecycle::ContractWindows;

/// The dates of a contract; both belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct ContractTerm {
    start: NaiveDate,
    end: NaiveDate,
}

/// What is agreed about ending and renewing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct NoticeTerms {
    /// Calendar days before the end by which notice is due.
    pub notice_days: u32,
    /// Whether it renews by itself.
    pub auto_renew: bool,
    /// How long each renewal runs.
    pub renewal_term_months: u32,
}

/// What follows the end of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractEnd {
    /// A successor with the same terms begins the day after.
    Renewed {
        /// When it runs.
        successor: ContractTerm,
    },
    /// Nothing.
    Expired,
}

/// Dates that are no term.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidTerm {
    /// It ends before it starts.
    #[error("the contract ends on {end}, before it starts on {start}; correct one of them")]
    ContractEndsFirst {
        /// Its first date.
        start: NaiveDate,
        /// Its last date.
        end: NaiveDate,
    },
    /// A year that no contract is about.
    #[error("the years of a contract are from 1900 to 9999; correct its dates")]
    ContractYearImpossible,
    /// A renewal that lasts no time.
    #[error("a contract that renews by itself needs a renewal term of 1 to {LONGEST_RENEWAL} months")]
    RenewalTermMissing,
    /// A notice longer than contracts last.
    #[error("notice is due at most {LONGEST_NOTICE} days before the end; give fewer days")]
    NoticeTooLong,
}

/// Longest renewal, in months.
const LONGEST_RENEWAL: u32 = 1_200;
/// Longest notice, in days.
const LONGEST_NOTICE: u32 = 3_660;

impl NoticeTerms {
    /// Checks that a renewal would last some time, and that neither length is absurd.
    pub fn check(&self) -> Result<(), InvalidTerm> {
        let is_renewal_right = !self.auto_renew || (1..=LONGEST_RENEWAL).contains(&self.renewal_term_months);
        match (is_renewal_right, self.notice_days <= LONGEST_NOTICE) {
            (false, _) => Err(InvalidTerm::RenewalTermMissing),
            (_, false) => Err(InvalidTerm::NoticeTooLong),
            (true, true) => Ok(()),
        }
    }
}

impl ContractTerm {
    /// The term from one date to another, both included.
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, InvalidTerm> {
        let years = 1900..=9999;
        match start <= end {
            true if years.contains(&start.year()) && years.contains(&end.year()) => Ok(Self { start, end }),
            true => Err(InvalidTerm::ContractYearImpossible),
            false => Err(InvalidTerm::ContractEndsFirst { start, end }),
        }
    }

    /// Its dates.
    pub fn period(&self) -> Period {
        Period::inclusive(self.start, self.end)
    }

    /// The first date.
    pub fn first(&self) -> NaiveDate {
        self.start
    }

    /// The last date.
    pub fn last(&self) -> NaiveDate {
        self.end
    }

    /// The last date on which notice may be given: calendar days before the end, never moved.
    pub fn notice_deadline(&self, terms: &NoticeTerms) -> NaiveDate {
        self.end - Days::new(terms.notice_days.min(LONGEST_NOTICE).into())
    }

    /// When somebody is reminded: so many days before the end, or the business day before, earliest first.
    pub fn reminders(
        &self,
        calendar: &Calendar,
        windows: &ContractWindows,
    ) -> Result<Vec<NaiveDate>, CalendarEnds> {
        let dates = windows.reminder_days.iter().map(|it| self.end - Days::new((*it).into()));
        let mut dates: Vec<_> = dates.map(|it| calendar.business_day_until(it)).collect::<Result<_, _>>()?;
        dates.sort_unstable();
        dates.dedup();
        Ok(dates)
    }

    /// Whether the notice deadline is near. Derived, never stored.
    pub fn is_expiring(&self, terms: &NoticeTerms, windows: &ContractWindows, today: NaiveDate) -> bool {
        let deadline = self.notice_deadline(terms);
        today <= deadline && deadline - today <= chrono::TimeDelta::days(windows.expiring_days.into())
    }

    /// What follows on the day after the end: a successor when it renews by itself and nobody gave notice by the
    /// deadline. `None` while the contract still runs.
    pub fn after_end(
        &self,
        terms: &NoticeTerms,
        notice_given: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Option<ContractEnd> {
        if today <= self.end {
            return None;
        }
        let is_ended = notice_given.is_some_and(|it| it <= self.notice_deadline(terms));
        Some(match terms.auto_renew && !is_ended {
            true => ContractEnd::Renewed { successor: self.successor(terms) },
            false => ContractEnd::Expired,
        })
    }

    fn successor(&self, terms: &NoticeTerms) -> Self {
        let start = self.end + Days::new(1);
        let end = start + Months::new(terms.renewal_term_months.clamp(1, LONGEST_RENEWAL)) - Days::new(1);
        Self { start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::LifecyclePolicy;

    const TERMS: NoticeTerms = NoticeTerms { notice_days: 90, auto_renew: true, renewal_term_months: 12 };

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn term() -> ContractTerm {
        ContractTerm::new(date("2026-04-01"), date("2027-03-31")).unwrap()
    }

    #[test]
    fn the_notice_deadline_is_in_calendar_days() {
        assert_eq!(term().notice_deadline(&TERMS), date("2026-12-31"));
    }

    #[test]
    fn reminders_move_to_the_business_day_before() {
        let windows = LifecyclePolicy::default().contracts;
        let reminders = term().reminders(&Calendar::default(), &windows).unwrap();
        // 120 days before is a Tuesday, 100 a Monday; 91 lies in the company's rest.
        assert_eq!(reminders, [date("2026-12-01"), date("2026-12-21"), date("2026-12-28")]);
    }

    #[test]
    fn a_contract_renews_by_itself_when_nobody_gives_notice_in_time() {
        let successor = ContractTerm::new(date("2027-04-01"), date("2028-03-31")).unwrap();
        let renewed = Some(ContractEnd::Renewed { successor });
        let after = |notice: Option<&str>, today| term().after_end(&TERMS, notice.map(date), date(today));
        assert_eq!(after(None, "2027-03-31"), None);
        assert_eq!(after(None, "2027-04-01"), renewed);
        assert_eq!(after(Some("2027-01-01"), "2027-04-01"), renewed);
        assert_eq!(after(Some("2026-12-31"), "2027-04-01"), Some(ContractEnd::Expired));
        let by_hand = NoticeTerms { auto_renew: false, ..TERMS };
        assert_eq!(term().after_end(&by_hand, None, date("2027-04-01")), Some(ContractEnd::Expired));
    }

    #[test]
    fn a_contract_expires_soon_when_its_deadline_is_near() {
        let windows = LifecyclePolicy::default().contracts;
        let is_expiring = |today| term().is_expiring(&TERMS, &windows, date(today));
        assert_eq!(
            [
                is_expiring("2026-10-31"),
                is_expiring("2026-11-01"),
                is_expiring("2026-12-31"),
                is_expiring("2027-01-01")
            ],
            [false, true, true, false]
        );
    }

    #[test]
    fn dates_that_make_no_term_are_refused() {
        let backwards = ContractTerm::new(date("2027-03-31"), date("2026-04-01"));
        assert!(matches!(backwards, Err(InvalidTerm::ContractEndsFirst { .. })));
        assert!(ContractTerm::new(date("2027-03-31"), date("2027-03-31")).is_ok());
        let endless = NoticeTerms { renewal_term_months: 0, ..TERMS };
        assert_eq!(endless.check(), Err(InvalidTerm::RenewalTermMissing));
        let absurd = NoticeTerms { notice_days: u32::MAX, ..TERMS };
        assert_eq!(absurd.check(), Err(InvalidTerm::NoticeTooLong));
        let far = ContractTerm::new(date("2027-03-31"), NaiveDate::MAX);
        assert_eq!(far, Err(InvalidTerm::ContractYearImpossible));
    }

    #[test]
    fn a_month_without_that_day_ends_on_its_last() {
        let short = ContractTerm::new(date("2026-10-31"), date("2027-01-30")).unwrap();
        let monthly = NoticeTerms { renewal_term_months: 1, ..TERMS };
        let Some(ContractEnd::Renewed { successor }) = short.after_end(&monthly, None, date("2027-02-01"))
        else {
            panic!("it did not renew");
        };
        assert_eq!(successor, ContractTerm::new(date("2027-01-31"), date("2027-02-27")).unwrap());
    }
}
