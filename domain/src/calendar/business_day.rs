//! Counting business days: Monday to Friday, no national holiday, no company holiday.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc, Weekday};

use super::{Calendar, CalendarEnds, at_time, date_in_tokyo};

/// When a business day ends in Asia/Tokyo.
const END_OF_BUSINESS: NaiveTime = NaiveTime::from_hms_opt(18, 0, 0).expect("a time of day");

impl Calendar {
    /// Whether people work on a date.
    pub fn is_business_day(&self, date: NaiveDate) -> Result<bool, CalendarEnds> {
        let is_weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(self.holiday(date)?.is_none() && !is_weekend)
    }

    /// The `count`-th business day after a date; the date itself for 0.
    pub fn business_day_after(&self, date: NaiveDate, count: u32) -> Result<NaiveDate, CalendarEnds> {
        let mut last = date;
        for _ in 0..count {
            last = self.business_day_from(last.succ_opt().expect("the calendar ends before time does"))?;
        }
        Ok(last)
    }

    /// The end (18:00 in Asia/Tokyo) of the `count`-th business day after the date of an event.
    pub fn end_of_business_day(
        &self,
        event_at: DateTime<Utc>,
        count: u32,
    ) -> Result<DateTime<Utc>, CalendarEnds> {
        Ok(at_time(self.business_day_after(date_in_tokyo(event_at), count)?, END_OF_BUSINESS))
    }

    /// The date itself when people work on it, otherwise the last business day before it.
    pub fn business_day_until(&self, date: NaiveDate) -> Result<NaiveDate, CalendarEnds> {
        let mut day = date;
        while !self.is_business_day(day)? {
            day = day.pred_opt().expect("the calendar begins after time does");
        }
        Ok(day)
    }

    /// How many business days lie after one date up to and including another; 0 when the other is not later.
    pub fn business_days_between(&self, after: NaiveDate, until: NaiveDate) -> Result<u32, CalendarEnds> {
        let days = after.iter_days().skip(1).take_while(|it| *it <= until);
        days.map(|it| self.is_business_day(it).map(u32::from)).sum()
    }

    fn business_day_from(&self, date: NaiveDate) -> Result<NaiveDate, CalendarEnds> {
        let mut day = date;
        while !self.is_business_day(day)? {
            day = day.succ_opt().expect("the calendar ends before time does");
        }
        Ok(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(event: &str, count: u32, end: &str) {
        let event: DateTime<Utc> = event.parse().unwrap();
        let found = Calendar::default().end_of_business_day(event, count).unwrap();
        assert_eq!(found, end.parse::<DateTime<Utc>>().unwrap(), "{count} after {event}");
    }

    #[test]
    fn golden_week_is_no_business() {
        check("2026-05-01T10:00:00+09:00", 2, "2026-05-08T18:00:00+09:00");
        check("2026-04-28T10:00:00+09:00", 2, "2026-05-01T18:00:00+09:00");
    }

    #[test]
    fn the_event_counts_by_its_date_in_tokyo() {
        check("2026-04-27T15:30:00Z", 2, "2026-05-01T18:00:00+09:00");
        check("2026-04-07T23:59:59+09:00", 5, "2026-04-14T18:00:00+09:00");
    }

    #[test]
    fn the_day_before_the_new_year_rest_is_a_business_day() {
        let last = Calendar::default().business_day_until("2026-12-30".parse().unwrap()).unwrap();
        assert_eq!(last.to_string(), "2026-12-28");
    }

    #[test]
    fn counting_forth_and_back_agrees() {
        let calendar = Calendar::default();
        let start: NaiveDate = "2026-01-01".parse().unwrap();
        for date in start.iter_days().take(365) {
            for count in 0..25 {
                let end = calendar.business_day_after(date, count).unwrap();
                assert_eq!(calendar.business_days_between(date, end), Ok(count), "{count} after {date}");
            }
        }
    }

    #[test]
    fn the_end_of_the_calendar_is_an_error() {
        assert!(Calendar::default().business_day_after("2030-12-27".parse().unwrap(), 2).is_err());
    }
}
