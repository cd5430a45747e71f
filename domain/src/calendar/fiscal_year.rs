//! Periods that reports and plans go by: fiscal years from April, their halves and quarters, and ISO weeks.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::Period;

/// The month in which a fiscal year begins.
const FIRST_MONTH: u32 = 4;

/// A fiscal year, named after the calendar year in which it begins: FY2026 is 2026-04-01 to 2027-03-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct FiscalYear(pub i32);

/// Half of a fiscal year: 上期 and 下期.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Half {
    year: FiscalYear,
    number: u32,
}

/// A quarter of a fiscal year; the first is April to June.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: FiscalYear,
    number: u32,
}

/// A week from Monday to Sunday, numbered as ISO 8601 does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoWeek {
    monday: NaiveDate,
}

impl FiscalYear {
    /// The year that a date belongs to.
    pub fn of(date: NaiveDate) -> Self {
        Self(if date.month() < FIRST_MONTH { date.year() - 1 } else { date.year() })
    }

    /// Its dates.
    pub fn period(self) -> Period {
        months(self, 0, 12)
    }

    /// 上期 and 下期.
    pub fn halves(self) -> [Half; 2] {
        [1, 2].map(|number| Half { year: self, number })
    }

    /// Its quarters.
    pub fn quarters(self) -> [Quarter; 4] {
        [1, 2, 3, 4].map(|number| Quarter { year: self, number })
    }
}

impl Half {
    /// The half that a date belongs to.
    pub fn of(date: NaiveDate) -> Self {
        let quarter = Quarter::of(date);
        Self { year: quarter.year, number: quarter.number.div_ceil(2) }
    }

    /// Its dates.
    pub fn period(self) -> Period {
        months(self.year, (self.number - 1) * 6, 6)
    }
}

impl Quarter {
    /// The quarter that a date belongs to.
    pub fn of(date: NaiveDate) -> Self {
        Self { year: FiscalYear::of(date), number: (date.month0() + 12 - (FIRST_MONTH - 1)) % 12 / 3 + 1 }
    }

    /// Its fiscal year.
    pub fn year(self) -> FiscalYear {
        self.year
    }

    /// 1 to 4.
    pub fn number(self) -> u32 {
        self.number
    }

    /// The quarter after it.
    pub fn next(self) -> Self {
        Self::of(self.period().until)
    }

    /// The quarter before it.
    pub fn previous(self) -> Self {
        Self::of(self.period().from - Days::new(1))
    }

    /// Its dates.
    pub fn period(self) -> Period {
        months(self.year, (self.number - 1) * 3, 3)
    }
}

impl IsoWeek {
    /// The week that a date belongs to.
    pub fn of(date: NaiveDate) -> Self {
        Self { monday: date.week(Weekday::Mon).first_day() }
    }

    /// Its dates.
    pub fn period(self) -> Period {
        Period { from: self.monday, until: self.monday + Days::new(7) }
    }
}

impl std::fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FY{}", self.0)
    }
}

impl std::fmt::Display for Half {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-H{}", self.year, self.number)
    }
}

impl std::fmt::Display for Quarter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-Q{}", self.year, self.number)
    }
}

impl std::fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let week = self.monday.iso_week();
        write!(f, "{}-W{:02}", week.year(), week.week())
    }
}

/// `count` months of a fiscal year after its first `skipped`.
fn months(year: FiscalYear, skipped: u32, count: u32) -> Period {
    let first_of = |months: u32| {
        let month0 = FIRST_MONTH - 1 + months;
        let year = year.0 + i32::from(month0 >= 12);
        NaiveDate::from_ymd_opt(year, month0 % 12 + 1, 1).expect("every month has a first day")
    };
    Period { from: first_of(skipped), until: first_of(skipped + count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(period: Period, from: &str, until: &str) {
        assert_eq!((period.from.to_string(), period.until.to_string()), (from.to_owned(), until.to_owned()));
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_fiscal_year_begins_in_april() {
        assert_eq!(FiscalYear::of(date("2026-04-01")), FiscalYear(2026));
        assert_eq!(FiscalYear::of(date("2027-03-31")), FiscalYear(2026));
        check(FiscalYear(2026).period(), "2026-04-01", "2027-04-01");
    }

    #[test]
    fn halves_and_quarters_divide_it() {
        let [first, second] = FiscalYear(2026).halves();
        check(first.period(), "2026-04-01", "2026-10-01");
        check(second.period(), "2026-10-01", "2027-04-01");
        check(FiscalYear(2026).quarters()[0].period(), "2026-04-01", "2026-07-01");
        check(FiscalYear(2026).quarters()[3].period(), "2027-01-01", "2027-04-01");
        assert_eq!(Quarter::of(date("2027-02-10")).to_string(), "FY2026-Q4");
        assert_eq!(Quarter::of(date("2027-02-10")).next().to_string(), "FY2027-Q1");
        assert_eq!(Quarter::of(date("2026-04-10")).previous().to_string(), "FY2025-Q4");
        assert_eq!(Half::of(date("2027-02-10")).to_string(), "FY2026-H2");
    }

    #[test]
    fn every_date_belongs_to_the_periods_named_after_it() {
        for day in date("2025-12-20").iter_days().take(900) {
            assert!(FiscalYear::of(day).period().contains(day));
            assert!(Half::of(day).period().contains(day));
            assert!(Quarter::of(day).period().contains(day));
            assert!(IsoWeek::of(day).period().contains(day));
        }
    }

    #[test]
    fn a_week_may_belong_to_the_year_before() {
        assert_eq!(IsoWeek::of(date("2027-01-01")).to_string(), "2026-W53");
        check(IsoWeek::of(date("2027-01-01")).period(), "2026-12-28", "2027-01-04");
    }
}
