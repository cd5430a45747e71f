//! Business time: days, periods and dates as people in Japan count them.
//!
//! Here: Asia/Tokyo dates of instants, business days, fiscal periods, dates as imports write them.
//! Not here: what is due when; each subject knows its own windows. Nothing here asks what time it is.

mod business_day;
mod era;
mod fiscal_year;
mod holidays;
mod period_name;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};

pub use era::{InvalidDate, parse_date};
pub use fiscal_year::{FiscalYear, Half, IsoWeek, Quarter};
pub use holidays::{Calendar, CalendarEnds, Holiday, HolidayKind, InvalidHolidays};
pub use period_name::InvalidPeriodName;

/// Asia/Tokyo; it has had no daylight saving time since 1951.
const TOKYO: FixedOffset = FixedOffset::east_opt(9 * 3600).expect("nine hours is an offset");

/// The date in Asia/Tokyo at an instant.
pub fn date_in_tokyo(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&TOKYO).date_naive()
}

/// The instant at which a date begins in Asia/Tokyo.
pub fn start_of_day(date: NaiveDate) -> DateTime<Utc> {
    at_time(date, NaiveTime::MIN)
}

/// The instant of a time of day in Asia/Tokyo.
pub fn at_time(date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let local = TOKYO.from_local_datetime(&date.and_time(time)).single();
    local.expect("a fixed offset has every local time once").to_utc()
}

/// Consecutive dates, half-open: `from` belongs to it, `until` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Period {
    /// The first date.
    pub from: NaiveDate,
    /// The first date after it.
    pub until: NaiveDate,
}

impl Period {
    /// The period of two dates that both belong to it, as contracts write them.
    pub fn inclusive(first: NaiveDate, last: NaiveDate) -> Self {
        Self { from: first, until: last + Days::new(1) }
    }

    /// Whether a date belongs to the period.
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from <= date && date < self.until
    }

    /// Whether the period, in Asia/Tokyo, contains an instant.
    pub fn contains_instant(&self, at: DateTime<Utc>) -> bool {
        self.contains(date_in_tokyo(at))
    }

    /// Whether two periods share a date.
    pub fn intersects(&self, other: &Self) -> bool {
        self.from.max(other.from) < self.until.min(other.until)
    }

    /// The instants of the period in Asia/Tokyo, half-open.
    pub fn instants(&self) -> std::ops::Range<DateTime<Utc>> {
        start_of_day(self.from)..start_of_day(self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_fifteen_hours_of_the_day_before_in_utc() {
        let date = NaiveDate::from_ymd_opt(2026, 7, 10).unwrap();
        let start = start_of_day(date);
        assert_eq!(start.to_rfc3339(), "2026-07-09T15:00:00+00:00");
        assert_eq!(date_in_tokyo(start), date);
        assert_eq!(date_in_tokyo(start - chrono::TimeDelta::seconds(1)), date.pred_opt().unwrap());
    }

    #[test]
    fn periods_that_only_touch_share_nothing() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
        let early = Period { from: day(1), until: day(10) };
        assert!(!early.intersects(&Period { from: day(10), until: day(20) }));
        assert!(early.intersects(&Period::inclusive(day(9), day(9))));
        assert!(early.instants().contains(&start_of_day(day(1))));
        assert!(!early.contains_instant(start_of_day(day(10))));
    }
}
