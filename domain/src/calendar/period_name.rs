//! Periods as people write them: `2026-06`, `2026-W23`, `FY2026`, `FY2026-H1`, `FY2026-Q2`, `2026-06-01..2026-06-15`.

use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate, Weekday};

use super::{FiscalYear, IsoWeek, Period};

/// A text that names no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no period; write a month as 2026-06, a week as 2026-W23, a fiscal year as FY2026, its half as FY2026-H1, its quarter as FY2026-Q2, or the first and the last date as 2026-06-01..2026-06-15"
)]
pub struct InvalidPeriodName(String);

impl FromStr for Period {
    type Err = InvalidPeriodName;

    fn from_str(text: &str) -> Result<Self, InvalidPeriodName> {
        let named = dates(text).or_else(|| fiscal(text)).or_else(|| week(text)).or_else(|| month(text));
        named.ok_or_else(|| InvalidPeriodName(text.to_owned()))
    }
}

fn dates(text: &str) -> Option<Period> {
    let (first, last) = text.split_once("..")?;
    let (first, last): (NaiveDate, NaiveDate) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then(|| Period::inclusive(first, last))
}

fn fiscal(text: &str) -> Option<Period> {
    let (year, part) = match text.strip_prefix("FY")?.split_once('-') {
        Some((year, part)) => (year, Some(part)),
        None => (text.strip_prefix("FY")?, None),
    };
    let year = FiscalYear(year.parse().ok().filter(|it| (1900..=9999).contains(it))?);
    match part {
        None => Some(year.period()),
        Some("H1") => Some(year.halves()[0].period()),
        Some("H2") => Some(year.halves()[1].period()),
        Some(quarter) => {
            let number: usize = quarter.strip_prefix('Q')?.parse().ok()?;
            Some(year.quarters().get(number.checked_sub(1)?)?.period())
        }
    }
}

fn week(text: &str) -> Option<Period> {
    let (year, week) = text.split_once("-W")?;
    let monday = NaiveDate::from_isoywd_opt(year.parse().ok()?, week.parse().ok()?, Weekday::Mon)?;
    Some(IsoWeek::of(monday).period())
}

fn month(text: &str) -> Option<Period> {
    let from: NaiveDate = format!("{text}-01").parse().ok()?;
    let is_month = text.len() == 7 && from.day() == 1;
    is_month.then(|| Period { from, until: from + Months::new(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str)>) {
        let expected = expected
            .map(|(from, until)| Period { from: from.parse().unwrap(), until: until.parse().unwrap() });
        assert_eq!(text.parse().ok(), expected, "{text}");
    }

    #[test]
    fn periods_are_named_as_people_write_them() {
        check("2026-06", Some(("2026-06-01", "2026-07-01")));
        check("2026-12", Some(("2026-12-01", "2027-01-01")));
        check("2026-W23", Some(("2026-06-01", "2026-06-08")));
        check("FY2026", Some(("2026-04-01", "2027-04-01")));
        check("FY2026-H2", Some(("2026-10-01", "2027-04-01")));
        check("FY2026-Q1", Some(("2026-04-01", "2026-07-01")));
        check("2026-06-01..2026-06-15", Some(("2026-06-01", "2026-06-16")));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "2026", "2026-13", "2026-W54", "FY2026-Q5", "FY2026-Q0", "2026-06-02..2026-06-01", "FYx"]
        {
            check(text, None);
        }
    }
}
