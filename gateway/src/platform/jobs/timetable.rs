//! Times by the clock on the wall: a cron expression in a time zone.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::cron::Cron;

/// Two leap days are at most eight years apart.
const DAYS_TO_LOOK_AT: usize = 8 * 366 + 2;

/// Times by the clock on the wall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    cron: Cron,
    zone: Tz,
}

/// Why a text is no timetable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimetable {
    /// Not a cron expression.
    #[error("`{0}` is no cron expression: {1}")]
    Form(String, String),
    /// There is no such day.
    #[error("`{0}` never fires; name a day that its month has")]
    NeverFires(String),
}

impl Timetable {
    /// The times of a cron expression of five fields, by the clocks of a zone. An expression that never fires is refused.
    pub fn new(expression: &str, zone: Tz) -> Result<Self, InvalidTimetable> {
        let cron = expression.parse().map_err(|why| InvalidTimetable::Form(expression.to_owned(), why))?;
        let this = Self { cron, zone };
        match this.next_after(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(this),
            None => Err(InvalidTimetable::NeverFires(expression.to_owned())),
        }
    }

    /// The first time behind an instant.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut days =
            self.day_of(instant).iter_days().take(DAYS_TO_LOOK_AT).filter(|it| self.cron.is_on(*it));
        days.find_map(|day| self.cron.times().filter_map(|it| self.at(day, it)).find(|it| *it > instant))
    }

    /// The last time up to an instant.
    pub fn last_until(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let back = std::iter::successors(Some(self.day_of(instant)), NaiveDate::pred_opt);
        let mut days = back.take(DAYS_TO_LOOK_AT).filter(|it| self.cron.is_on(*it));
        days.find_map(|day| {
            self.cron.times().rev().filter_map(|it| self.at(day, it)).find(|it| *it <= instant)
        })
    }

    fn day_of(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }

    /// A time that a clock skips does not come; one that it shows twice comes once.
    fn at(&self, day: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
        let local = self.zone.from_local_datetime(&day.and_time(time)).earliest()?;
        Some(local.with_timezone(&Utc))
    }
}

impl fmt::Display for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cron.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn tokyo(expression: &str) -> Result<Timetable, InvalidTimetable> {
        Timetable::new(expression, chrono_tz::Asia::Tokyo)
    }

    #[test]
    fn times_are_those_of_the_clock_on_the_wall() {
        let weekly = tokyo("0 3 * * 0").unwrap();
        // Sunday 3:00 in Tokyo is Saturday 18:00 UTC.
        assert_eq!(weekly.next_after(at("2026-06-01T00:00:00Z")), Some(at("2026-06-06T18:00:00Z")));
        assert_eq!(weekly.last_until(at("2026-06-06T18:00:00Z")), Some(at("2026-06-06T18:00:00Z")));
        assert_eq!(weekly.last_until(at("2026-06-06T17:59:59Z")), Some(at("2026-05-30T18:00:00Z")));
    }

    #[test]
    fn an_hour_that_clocks_skip_does_not_come() {
        let nightly = Timetable::new("30 2 * * *", chrono_tz::Europe::Berlin).unwrap();
        // On 29 March 2026 clocks go from 2:00 to 3:00.
        assert_eq!(nightly.next_after(at("2026-03-28T12:00:00Z")), Some(at("2026-03-30T00:30:00Z")));
    }

    #[test]
    fn what_never_fires_is_refused() {
        assert!(matches!(tokyo("0 0 30 2 *"), Err(InvalidTimetable::NeverFires(_))));
        assert!(tokyo("0 0 29 2 *").is_ok(), "every fourth year");
        assert!(matches!(tokyo("every day"), Err(InvalidTimetable::Form(..))));
    }
}
