//! Which days are holidays: national ones from data with what the law derives from them, and the company's own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

crate::codes! {
    /// Why nobody works on a day.
    pub enum HolidayKind {
        National("国民の祝日", "National holiday"),
        Substitute("振替休日", "Substitute holiday"),
        Sandwiched("国民の休日", "Day between two holidays"),
        Company("会社休日", "Company holiday"),
    }
}

/// A day on which nobody works, other than a weekend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// Why.
    pub kind: HolidayKind,
    /// What it is called in Japanese.
    pub ja: String,
    /// What it is called in English.
    pub en: String,
}

/// The days of all years for which holidays are known.
#[derive(Debug, Clone)]
pub struct Calendar {
    years: std::ops::RangeInclusive<i32>,
    holidays: BTreeMap<NaiveDate, Holiday>,
}

/// Why a file of holidays was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidHolidays {
    /// Not the expected form.
    #[error("the file of holidays cannot be read: {0}")]
    HolidaysUnreadable(String),
    /// A year without one of the holidays.
    #[error("{holiday} has no date in {year}; every holiday needs one in each year of the file")]
    HolidayGap {
        /// Which holiday.
        holiday: String,
        /// The first year that lacks it.
        year: i32,
    },
    /// A year with one holiday twice, or a date outside of the years.
    #[error("{date} of {holiday} is outside of the file's years, or the year has two; correct it")]
    HolidayMisplaced {
        /// Which holiday.
        holiday: String,
        /// The date in question.
        date: NaiveDate,
    },
    /// Two holidays on one date.
    #[error("{date} is listed for two holidays; correct one of them")]
    HolidayTwice {
        /// The date in question.
        date: NaiveDate,
    },
}

/// A question about a year whose holidays nobody has entered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("holidays are known from {first} to {last}, not for {asked}; extend the file of holidays")]
pub struct CalendarEnds {
    /// The first year of the file.
    pub first: i32,
    /// The last year of the file.
    pub last: i32,
    /// The date asked about.
    pub asked: NaiveDate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    first_year: i32,
    last_year: i32,
    company_days: Vec<String>,
    holidays: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    ja: String,
    en: String,
    dates: Vec<toml::value::Datetime>,
}

impl Default for Calendar {
    /// Japan's, from the file of this crate.
    fn default() -> Self {
        Self::parse(include_str!("../../data/holidays.toml")).expect("the file of this crate is complete")
    }
}

impl Calendar {
    /// Reads a file of holidays; one with a gap is refused.
    pub fn parse(text: &str) -> Result<Self, InvalidHolidays> {
        let file: File =
            toml::from_str(text).map_err(|it| InvalidHolidays::HolidaysUnreadable(it.to_string()))?;
        let years = file.first_year..=file.last_year;
        if years.is_empty() || file.holidays.is_empty() {
            let refusal = "it needs at least one year and one holiday";
            return Err(InvalidHolidays::HolidaysUnreadable(refusal.to_owned()));
        }
        let mut calendar = Self { years, holidays: BTreeMap::new() };
        for entry in &file.holidays {
            calendar.add_national(entry)?;
        }
        calendar.add_derived();
        for year in calendar.years.clone() {
            calendar.add_company(year, &file.company_days)?;
        }
        Ok(calendar)
    }

    /// The holiday on a date, weekends aside.
    pub fn holiday(&self, date: NaiveDate) -> Result<Option<&Holiday>, CalendarEnds> {
        match self.years.contains(&date.year()) {
            true => Ok(self.holidays.get(&date)),
            false => Err(CalendarEnds { first: *self.years.start(), last: *self.years.end(), asked: date }),
        }
    }

    fn add_national(&mut self, entry: &Entry) -> Result<(), InvalidHolidays> {
        let mut missing: BTreeSet<i32> = self.years.clone().collect();
        for written in &entry.dates {
            let date = date_of(written)?;
            if !missing.remove(&date.year()) {
                return Err(InvalidHolidays::HolidayMisplaced { holiday: entry.ja.clone(), date });
            }
            let holiday = Holiday { kind: HolidayKind::National, ja: entry.ja.clone(), en: entry.en.clone() };
            if self.holidays.insert(date, holiday).is_some() {
                return Err(InvalidHolidays::HolidayTwice { date });
            }
        }
        match missing.first() {
            Some(&year) => Err(InvalidHolidays::HolidayGap { holiday: entry.ja.clone(), year }),
            None => Ok(()),
        }
    }

    /// 国民の祝日に関する法律, article 3: paragraph 2 (a holiday on a Sunday) and paragraph 3 (a day between two).
    fn add_derived(&mut self) {
        let national: BTreeSet<NaiveDate> = self.holidays.keys().copied().collect();
        let is_free = |date: &NaiveDate| !national.contains(date);
        for date in &national {
            if date.weekday() == Weekday::Sun {
                let next = date.iter_days().find(is_free).expect("some day is no holiday");
                self.add(next, HolidayKind::Substitute);
            }
            let mut between = date.iter_days().skip(1);
            if let (Some(day), Some(after)) = (between.next(), between.next())
                && is_free(&day)
                && !is_free(&after)
            {
                self.add(day, HolidayKind::Sandwiched);
            }
        }
    }

    fn add_company(&mut self, year: i32, days: &[String]) -> Result<(), InvalidHolidays> {
        for day in days {
            let date = format!("{year}-{day}").parse();
            let unreadable =
                || InvalidHolidays::HolidaysUnreadable(format!("`{day}` is no month-day of {year}"));
            self.add(date.map_err(|_| unreadable())?, HolidayKind::Company);
        }
        Ok(())
    }

    /// Adds a day named after its kind, unless the day has a better reason already.
    fn add(&mut self, date: NaiveDate, kind: HolidayKind) {
        use crate::text::Language::{En, Ja};
        let holiday = || Holiday { kind, ja: kind.label(Ja).to_owned(), en: kind.label(En).to_owned() };
        self.holidays.entry(date).or_insert_with(holiday);
    }
}

fn date_of(written: &toml::value::Datetime) -> Result<NaiveDate, InvalidHolidays> {
    let date = written.to_string().parse();
    date.map_err(|_| InvalidHolidays::HolidaysUnreadable(format!("`{written}` is no date")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../data/holidays.toml");

    fn check(date: &str, kind: Option<HolidayKind>) {
        let calendar = Calendar::default();
        let holiday = calendar.holiday(date.parse().unwrap()).unwrap();
        assert_eq!(holiday.map(|it| it.kind), kind, "{date}");
    }

    #[test]
    fn a_holiday_on_a_sunday_moves_past_the_other_holidays() {
        check("2026-05-03", Some(HolidayKind::National));
        check("2026-05-06", Some(HolidayKind::Substitute));
        check("2026-05-07", None);
    }

    #[test]
    fn a_day_between_two_holidays_is_one() {
        check("2026-09-22", Some(HolidayKind::Sandwiched));
    }

    #[test]
    fn the_company_rests_around_the_new_year() {
        for date in ["2026-12-29", "2026-12-31", "2027-01-03"] {
            check(date, Some(HolidayKind::Company));
        }
        check("2027-01-01", Some(HolidayKind::National));
        check("2026-12-28", None);
        check("2027-01-04", None);
    }

    #[test]
    fn every_derived_day_of_the_years_is_the_cabinet_offices() {
        // 内閣府 国民の祝日, the days called 休日 in 2022-2027.
        let expected = [
            "2023-01-02",
            "2024-02-12",
            "2024-05-06",
            "2024-08-12",
            "2024-09-23",
            "2024-11-04",
            "2025-02-24",
            "2025-05-06",
            "2025-11-24",
            "2026-05-06",
            "2026-09-22",
            "2027-03-22",
        ];
        let calendar = Calendar::default();
        let derived = calendar.holidays.iter().filter(|(date, it)| {
            date.year() <= 2027 && matches!(it.kind, HolidayKind::Substitute | HolidayKind::Sandwiched)
        });
        let derived: Vec<String> = derived.map(|(date, _)| date.to_string()).collect();
        assert_eq!(derived, expected);
    }

    #[test]
    fn a_file_with_a_gap_is_refused() {
        let error = Calendar::parse(&FILE.replace("2026-09-21, ", "")).unwrap_err();
        assert_eq!(error, InvalidHolidays::HolidayGap { holiday: "敬老の日".to_owned(), year: 2026 });
        let error = Calendar::parse(&FILE.replace("last_year = 2030", "last_year = 2031")).unwrap_err();
        assert_eq!(error, InvalidHolidays::HolidayGap { holiday: "元日".to_owned(), year: 2031 });
    }

    #[test]
    fn a_date_in_the_wrong_place_is_refused() {
        let twice = Calendar::parse(&FILE.replace("2026-09-21", "2026-09-23"));
        assert!(matches!(twice, Err(InvalidHolidays::HolidayTwice { .. })));
        let outside = Calendar::parse(&FILE.replace("2026-09-21", "2036-09-15"));
        assert!(matches!(outside, Err(InvalidHolidays::HolidayMisplaced { .. })));
        assert!(matches!(Calendar::parse("first_year = 1"), Err(InvalidHolidays::HolidaysUnreadable(_))));
    }

    #[test]
    fn a_year_nobody_entered_is_not_guessed() {
        let error = Calendar::default().holiday("2031-01-01".parse().unwrap()).unwrap_err();
        assert_eq!((error.first, error.last), (2022, 2030));
    }
}
