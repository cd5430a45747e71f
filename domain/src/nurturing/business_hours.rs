//! Waiting over business hours: nights, weekends, holidays and a partner's own quiet days do not count.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::calendar::{Calendar, CalendarEnds, at_time, date_in_tokyo};

/// When people work.
#[derive(Debug, Clone)]
pub struct BusinessHours<'a> {
    /// Holidays.
    pub calendar: &'a Calendar,
    /// Further days on which the partner wants to be left alone.
    pub quiet_days: &'a BTreeSet<NaiveDate>,
}

/// 09:00 and 18:00; a business day has nine hours.
const OPENS: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("nine o'clock exists");
const CLOSES: NaiveTime = NaiveTime::from_hms_opt(18, 0, 0).expect("eighteen o'clock exists");

impl BusinessHours<'_> {
    /// The instant at which so many hours of work have passed; the next hour of work for none.
    ///
    /// Refused when the calendar ends before.
    pub fn after(&self, from: DateTime<Utc>, hours: u32) -> Result<DateTime<Utc>, CalendarEnds> {
        let mut left = TimeDelta::hours(hours.into());
        let mut date = date_in_tokyo(from);
        loop {
            let begins = from.max(at_time(date, OPENS));
            let ends = at_time(date, CLOSES);
            if self.is_open(date)? && begins < ends {
                if begins + left < ends || (begins + left == ends && left > TimeDelta::zero()) {
                    return Ok(begins + left);
                }
                left -= ends - begins;
            }
            date = self.calendar.business_day_after(date, 1)?;
        }
    }

    /// Whether people work at an instant.
    pub fn is_working(&self, at: DateTime<Utc>) -> Result<bool, CalendarEnds> {
        let date = date_in_tokyo(at);
        Ok(self.is_open(date)? && (at_time(date, OPENS)..at_time(date, CLOSES)).contains(&at))
    }

    fn is_open(&self, date: NaiveDate) -> Result<bool, CalendarEnds> {
        Ok(self.calendar.is_business_day(date)? && !self.quiet_days.contains(&date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, hours: u32, quiet: &[&str], expected: &str) {
        let quiet_days = quiet.iter().map(|it| it.parse().unwrap()).collect();
        let calendar = Calendar::default();
        let hours_of_work = BusinessHours { calendar: &calendar, quiet_days: &quiet_days };
        let instant = |it: &str| it.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(hours_of_work.after(instant(from), hours).unwrap(), instant(expected), "{from} + {hours}");
    }

    #[test]
    fn nine_hours_are_a_day() {
        check("2026-06-01T09:00:00+09:00", 9, &[], "2026-06-01T18:00:00+09:00");
        check("2026-06-01T10:00:00+09:00", 9, &[], "2026-06-02T10:00:00+09:00");
        check("2026-06-01T17:00:00+09:00", 2, &[], "2026-06-02T10:00:00+09:00");
    }

    #[test]
    fn nights_weekends_and_holidays_do_not_count() {
        check("2026-05-01T20:00:00+09:00", 1, &[], "2026-05-07T10:00:00+09:00");
        check("2026-06-06T12:00:00+09:00", 0, &[], "2026-06-08T09:00:00+09:00");
        check("2026-06-05T18:00:00+09:00", 0, &[], "2026-06-08T09:00:00+09:00");
    }

    #[test]
    fn a_partners_quiet_days_do_not_count() {
        check("2026-06-01T17:00:00+09:00", 2, &["2026-06-02", "2026-06-03"], "2026-06-04T10:00:00+09:00");
    }

    #[test]
    fn work_is_from_nine_to_eighteen() {
        let calendar = Calendar::default();
        let hours = BusinessHours { calendar: &calendar, quiet_days: &BTreeSet::new() };
        let is_working = |it: &str| hours.is_working(it.parse().unwrap()).unwrap();
        assert!(is_working("2026-06-01T09:00:00+09:00"));
        assert!(!is_working("2026-06-01T18:00:00+09:00"));
        assert!(!is_working("2026-06-06T12:00:00+09:00"));
    }
}
