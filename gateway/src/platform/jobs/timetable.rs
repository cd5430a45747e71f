//! Times by the clock on the wall: a cron expression in a time zone.

use std::fmt;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

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
    #[error("`{0}` is no cron expression of minute, hour, day, month and weekday: {1}")]
    Form(String, String),
    /// There is no such day.
    #[error("`{0}` never fires; name a day that its month has")]
    NeverFires(String),
}

impl Timetable {
    /// The times of a cron expression of five fields, by the clocks of a zone. An expression that never fires is refused.
    ///
    /// When both day and weekday are restricted, one of them is enough, as in every crontab.
    pub fn new(expression: &str, zone: Tz) -> Result<Self, InvalidTimetable> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        // One text for one timetable: ticks are kept by it.
        let spaced = expression.split_whitespace().collect::<Vec<_>>().join(" ");
        let cron = parser.parse(&spaced);
        let cron = cron.map_err(|it| InvalidTimetable::Form(expression.to_owned(), it.to_string()))?;
        let this = Self { cron, zone };
        match this.next_after(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(this),
            None => Err(InvalidTimetable::NeverFires(expression.to_owned())),
        }
    }

    /// The first time behind an instant. What falls into an hour that clocks skip comes when they go on.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = instant.with_timezone(&self.zone);
        self.cron.find_next_occurrence(&local, false).ok().map(|it| it.with_timezone(&Utc))
    }

    /// The last time up to an instant.
    pub fn last_until(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = instant.with_timezone(&self.zone);
        self.cron.find_previous_occurrence(&local, true).ok().map(|it| it.with_timezone(&Utc))
    }
}

impl fmt::Display for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cron.as_str())
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
    fn what_falls_into_an_hour_that_clocks_skip_comes_when_they_go_on() {
        let nightly = Timetable::new("30 2 * * *", chrono_tz::Europe::Berlin).unwrap();
        // On 29 March 2026 clocks go from 2:00 to 3:00.
        assert_eq!(nightly.next_after(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T01:00:00Z")));
    }

    #[test]
    fn what_never_fires_is_refused() {
        assert!(matches!(tokyo("0 0 30 2 *"), Err(InvalidTimetable::NeverFires(_))));
        assert!(tokyo("0 0 29 2 *").is_ok(), "every fourth year");
        for wrong in ["every day", "", "* * * *", "* * * * * *", "61 * * * *", "*/0 * * * *", "9-8 * * * *"] {
            assert!(matches!(tokyo(wrong), Err(InvalidTimetable::Form(..))), "{wrong}");
        }
    }

    #[test]
    fn day_and_weekday_together_are_either() {
        let either = tokyo("0 0 13 * 5").unwrap();
        assert_eq!(either.next_after(at("2026-06-11T00:00:00Z")), Some(at("2026-06-11T15:00:00Z")), "Friday");
        assert_eq!(
            either.next_after(at("2026-06-11T15:00:00Z")),
            Some(at("2026-06-12T15:00:00Z")),
            "the 13th"
        );
    }

    #[test]
    fn one_timetable_has_one_text() {
        assert_eq!(tokyo("0  9 * * mon-fri").unwrap().to_string(), "0 9 * * 1-5");
        assert_eq!(tokyo("0 9 * * MON-FRI").unwrap(), tokyo("0 9 * * 1-5").unwrap());
    }
}
