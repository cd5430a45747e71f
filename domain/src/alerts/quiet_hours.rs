//! When a message may be sent: not at night and not on a holiday, unless it is urgent.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::calendar::{Calendar, CalendarEnds, at_time, date_in_tokyo};

crate::codes! {
    /// Whether a message can wait.
    pub enum Urgency {
        Normal("通常", "Normal"),
        Urgent("緊急", "Urgent"),
    }
}

/// The hours in Tokyo in which messages are sent on days that are no holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHours {
    awake: Range<NaiveTime>,
}

impl Default for QuietHours {
    /// Quiet from 20:00 to 08:00.
    fn default() -> Self {
        let hour = |it| NaiveTime::from_hms_opt(it, 0, 0).expect("a full hour of the day");
        Self { awake: hour(8)..hour(20) }
    }
}

impl QuietHours {
    /// The first instant from now on at which a message may be sent.
    ///
    /// Weekends are quiet as well: people are not at work. Refused when the calendar ends before such an instant.
    pub fn send_at(
        &self,
        now: DateTime<Utc>,
        urgency: Urgency,
        calendar: &Calendar,
    ) -> Result<DateTime<Utc>, CalendarEnds> {
        if urgency == Urgency::Urgent {
            return Ok(now);
        }
        let today = date_in_tokyo(now);
        if calendar.is_business_day(today)? && now < self.ends(today) {
            return Ok(now.max(self.begins(today)));
        }
        calendar.business_day_after(today, 1).map(|it| self.begins(it))
    }

    fn begins(&self, date: NaiveDate) -> DateTime<Utc> {
        at_time(date, self.awake.start)
    }

    fn ends(&self, date: NaiveDate) -> DateTime<Utc> {
        at_time(date, self.awake.end)
    }

    /// How long a day messages are sent.
    pub fn awake(&self) -> TimeDelta {
        self.awake.end - self.awake.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(now: &str, urgency: Urgency, expected: &str) {
        let instant = |it: &str| it.parse::<DateTime<Utc>>().unwrap();
        let sent = QuietHours::default().send_at(instant(now), urgency, &Calendar::default());
        assert_eq!(sent.unwrap(), instant(expected), "{now}");
    }

    #[test]
    fn the_night_is_quiet() {
        check("2026-04-28T19:59:59+09:00", Urgency::Normal, "2026-04-28T19:59:59+09:00");
        check("2026-04-27T20:00:00+09:00", Urgency::Normal, "2026-04-28T08:00:00+09:00");
        check("2026-04-28T07:00:00+09:00", Urgency::Normal, "2026-04-28T08:00:00+09:00");
    }

    #[test]
    fn holidays_are_quiet() {
        check("2026-05-02T12:00:00+09:00", Urgency::Normal, "2026-05-07T08:00:00+09:00");
        check("2026-09-22T12:00:00+09:00", Urgency::Normal, "2026-09-24T08:00:00+09:00");
    }

    #[test]
    fn what_is_urgent_does_not_wait() {
        check("2026-05-03T03:00:00+09:00", Urgency::Urgent, "2026-05-03T03:00:00+09:00");
    }
}
