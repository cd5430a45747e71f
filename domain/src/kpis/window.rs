//! Stretches of instants: when a KPI is asked about, and how long something held.
//!
//! Here: `Window` and `Span`. Not here: months, fiscal periods and weeks, which are dates (`calendar`).

use chrono::{DateTime, Datelike, Days, Months, TimeDelta, Utc};

use crate::calendar::{IsoWeek, Period, date_in_tokyo, start_of_day};

/// A half-open interval of instants: `from` belongs to it, `until` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Bounds")]
pub struct Window {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

#[derive(serde::Deserialize)]
struct Bounds {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// A period in which nothing can happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a period ends after it starts; {until} is not after {from}")]
pub struct EmptyPeriod {
    /// Where it was to start.
    pub from: DateTime<Utc>,
    /// Where it was to end.
    pub until: DateTime<Utc>,
}

impl TryFrom<Period> for Window {
    type Error = EmptyPeriod;

    /// A period begins and ends at midnight in Tokyo.
    fn try_from(period: Period) -> Result<Self, EmptyPeriod> {
        Self::new(start_of_day(period.from), start_of_day(period.until))
    }
}

impl TryFrom<Bounds> for Window {
    type Error = EmptyPeriod;

    fn try_from(bounds: Bounds) -> Result<Self, EmptyPeriod> {
        Self::new(bounds.from, bounds.until)
    }
}

impl Window {
    /// From one instant until another, which must be later.
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Self, EmptyPeriod> {
        if from < until { Ok(Self { from, until }) } else { Err(EmptyPeriod { from, until }) }
    }

    /// The length of time that ends at an instant; at least one second.
    pub fn before(until: DateTime<Utc>, length: TimeDelta) -> Self {
        Self { from: until - length.max(TimeDelta::seconds(1)), until }
    }

    /// The last `count` ISO weeks that are over at an instant, oldest first.
    pub fn last_complete_weeks(at: DateTime<Utc>, count: u64) -> Vec<Self> {
        let today = date_in_tokyo(at);
        let week = |back: u64| IsoWeek::of(today - Days::new(7 * back)).period();
        (1..=count).rev().filter_map(|it| Self::try_from(week(it)).ok()).collect()
    }

    /// What it is compared with: as many whole months before it where it is whole months, else as much time.
    pub fn previous(&self) -> Self {
        let (from, until) = (date_in_tokyo(self.from), date_in_tokyo(self.until));
        let months = 12 * (until.year() - from.year()) + until.month() as i32 - from.month() as i32;
        let is_months = self.is_months() && months > 0;
        let before = is_months.then(|| from.checked_sub_months(Months::new(months.unsigned_abs()))).flatten();
        let start = before.map_or(self.from - (self.until - self.from), start_of_day);
        Self { from: start, until: self.from }
    }

    /// The same dates of the year before.
    pub fn year_before(&self) -> Self {
        let back = |at: DateTime<Utc>| {
            let date = date_in_tokyo(at);
            at - (date - (date - Months::new(12)))
        };
        Self { from: back(self.from), until: back(self.until) }
    }

    fn is_months(&self) -> bool {
        let begins = |at: DateTime<Utc>| {
            let date = date_in_tokyo(at);
            date.day() == 1 && start_of_day(date) == at
        };
        begins(self.from) && begins(self.until)
    }

    /// The first instant.
    pub fn from(&self) -> DateTime<Utc> {
        self.from
    }

    /// The first instant that no longer belongs to it.
    pub fn until(&self) -> DateTime<Utc> {
        self.until
    }

    /// Whether an instant belongs to it.
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }
}

/// How long something held: half-open, and without an end while it still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant at which it no longer held.
    pub until: Option<DateTime<Utc>>,
}

impl Span {
    /// Something that holds to this day.
    pub fn since(from: DateTime<Utc>) -> Self {
        Self { from, until: None }
    }

    /// Whether it held at an instant.
    pub fn covers(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.until.is_none_or(|it| at < it)
    }

    /// Whether it held at any instant of a period.
    pub fn touches(&self, period: &Window) -> bool {
        self.from < period.until && self.until.is_none_or(|it| period.from < it && self.from < it)
    }
}

/// Whether spans, one after another, hold at every instant of a period.
pub fn cover_throughout(spans: &[Span], period: &Window) -> bool {
    let mut sorted = spans.to_vec();
    sorted.sort();
    let mut covered_until = period.from;
    for span in sorted.iter().filter(|it| it.touches(period)) {
        if span.from > covered_until {
            return false;
        }
        covered_until = covered_until.max(span.until.unwrap_or(period.until));
    }
    covered_until >= period.until
}

/// Days of the calendar from one instant to another, by their dates in Tokyo.
pub fn calendar_days(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    i64::from(date_in_tokyo(to).num_days_from_ce() - date_in_tokyo(from).num_days_from_ce())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::kpis::worked::june;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_starts_and_ends_at_midnight_in_japan() {
        let june = june();
        assert_eq!(june.from(), instant("2026-06-01T00:00:00+09:00"));
        assert!(june.contains(instant("2026-06-30T23:59:59+09:00")));
        assert!(!june.contains(instant("2026-07-01T00:00:00+09:00")));
    }

    #[test]
    fn a_period_that_ends_before_it_starts_is_refused() {
        assert!(Window::try_from(Period::inclusive(date("2026-06-30"), date("2026-06-01"))).is_err());
        let stored = r#"{"from":"2026-06-02T00:00:00Z","until":"2026-06-01T00:00:00Z"}"#;
        assert!(serde_json::from_str::<Window>(stored).is_err());
    }

    #[test]
    fn the_four_weeks_before_the_first_of_july_are_those_of_june() {
        let weeks = Window::last_complete_weeks(instant("2026-07-01T00:00:00+09:00"), 4);
        let mondays: Vec<_> = weeks.iter().map(|it| date_in_tokyo(it.from()).to_string()).collect();
        assert_eq!(mondays, ["2026-06-01", "2026-06-08", "2026-06-15", "2026-06-22"]);
    }

    #[test]
    fn months_are_compared_with_months_and_days_with_days() {
        let window = |from, until| Window::try_from(Period { from: date(from), until: date(until) }).unwrap();
        assert_eq!(june().previous(), window("2026-05-01", "2026-06-01"));
        let quarter = window("2026-04-01", "2026-07-01");
        assert_eq!(quarter.previous(), window("2026-01-01", "2026-04-01"));
        assert_eq!(window("2026-06-08", "2026-06-15").previous(), window("2026-06-01", "2026-06-08"));
        assert_eq!(quarter.year_before(), window("2025-04-01", "2025-07-01"));
    }

    #[test]
    fn a_gap_of_a_day_is_not_the_whole_period() {
        let june = june();
        let first =
            Span { from: start_of_day(date("2026-01-01")), until: Some(start_of_day(date("2026-06-10"))) };
        assert!(cover_throughout(&[Span::since(start_of_day(date("2026-06-10"))), first], &june));
        assert!(!cover_throughout(&[first, Span::since(start_of_day(date("2026-06-11")))], &june));
        assert!(!cover_throughout(&[first], &june));
    }

    #[test]
    fn days_are_counted_by_the_calendar_of_japan() {
        assert_eq!(calendar_days(instant("2026-06-10T14:59:59Z"), instant("2026-06-10T15:00:00Z")), 1);
    }
}
