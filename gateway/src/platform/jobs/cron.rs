//! Cron expressions of five fields, as every crontab has them.
//!
//! Here: reading one, and which days and times of day it names. Not here: time zones (`timetable`).

use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveTime};

/// Minute, hour, day of the month, month, weekday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cron {
    text: String,
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// The numbers that a field names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field {
    numbers: u64,
    /// Whether it stands there as `*`, which restricts nothing.
    is_any: bool,
}

/// What a field may hold.
struct Bounds {
    name: &'static str,
    first: u32,
    last: u32,
    /// Names of the numbers, beginning with the first.
    names: &'static [&'static str],
}

const MINUTES: Bounds = Bounds { name: "minute", first: 0, last: 59, names: &[] };
const HOURS: Bounds = Bounds { name: "hour", first: 0, last: 23, names: &[] };
const DAYS: Bounds = Bounds { name: "day", first: 1, last: 31, names: &[] };
const MONTHS: Bounds = Bounds {
    name: "month",
    first: 1,
    last: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
/// Sunday is 0 and 7.
const WEEKDAYS: Bounds =
    Bounds { name: "weekday", first: 0, last: 7, names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };

impl FromStr for Cron {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err("expected five fields: minute, hour, day, month, weekday".to_owned());
        };
        let mut weekdays = WEEKDAYS.read(weekday)?;
        weekdays.numbers |= weekdays.numbers >> 7 & 1;
        Ok(Self {
            text: fields.join(" "),
            minutes: MINUTES.read(minute)?,
            hours: HOURS.read(hour)?,
            days: DAYS.read(day)?,
            months: MONTHS.read(month)?,
            weekdays,
        })
    }
}

impl Cron {
    /// The expression, with one space between its fields.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it names a day. When both day and weekday are restricted, one of them is enough, as in every crontab.
    pub(super) fn is_on(&self, day: NaiveDate) -> bool {
        let of_month = self.days.has(day.day());
        let of_week = self.weekdays.has(day.weekday().num_days_from_sunday());
        let is_named = match (self.days.is_any, self.weekdays.is_any) {
            (false, false) => of_month || of_week,
            _ => of_month && of_week,
        };
        is_named && self.months.has(day.month())
    }

    /// The times of its days, in order.
    pub(super) fn times(&self) -> impl DoubleEndedIterator<Item = NaiveTime> {
        let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).expect("within the bounds of a day");
        let hours = (0..24).filter(|it| self.hours.has(*it));
        hours.flat_map(move |hour| {
            (0..60).filter(|it| self.minutes.has(*it)).map(move |minute| at(hour, minute))
        })
    }
}

impl Field {
    fn has(self, number: u32) -> bool {
        self.numbers >> number & 1 == 1
    }
}

impl Bounds {
    /// `*`, `5`, `1-5`, `*/15`, `8-18/2`, and lists of these.
    fn read(&self, text: &str) -> Result<Field, String> {
        let mut numbers = 0;
        for part in text.split(',') {
            numbers |= self.part(part).ok_or_else(|| format!("`{part}` is no {}", self.name))?;
        }
        Ok(Field { numbers, is_any: text.starts_with('*') })
    }

    fn part(&self, part: &str) -> Option<u64> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u32>().ok().filter(|it| *it > 0)?)),
            None => (part, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.first, self.last),
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            // A step needs something to step through.
            None if step.is_some() => return None,
            None => (self.number(range)?, self.number(range)?),
        };
        if first > last {
            return None;
        }
        let step = usize::try_from(step.unwrap_or(1)).ok()?;
        Some((first..=last).step_by(step).fold(0, |numbers, it| numbers | 1 << it))
    }

    fn number(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|it| it.eq_ignore_ascii_case(text));
        let number = match named {
            Some(place) => self.first + u32::try_from(place).ok()?,
            None => text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok())??,
        };
        (self.first..=self.last).contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cron(text: &str) -> Cron {
        text.parse().unwrap()
    }

    fn on(text: &str, day: &str) -> bool {
        cron(text).is_on(day.parse().unwrap())
    }

    #[test]
    fn fields_name_days() {
        assert!(
            on("0 3 * * 0", "2026-06-07") && on("0 3 * * 7", "2026-06-07") && on("0 3 * * sun", "2026-06-07")
        );
        assert!(!on("0 3 * * 0", "2026-06-08"));
        assert!(on("0 0 * * mon-fri", "2026-06-08") && !on("0 0 * * mon-fri", "2026-06-07"));
        assert!(on("0 0 1,15 JAN,JUN *", "2026-06-15") && !on("0 0 1,15 JAN,JUN *", "2026-07-15"));
        // Both day and weekday: one is enough.
        assert!(on("0 0 13 * 5", "2026-06-13") && on("0 0 13 * 5", "2026-06-12"));
    }

    #[test]
    fn fields_name_times() {
        let times = |text| cron(text).times().map(|it| it.format("%H:%M").to_string()).collect::<Vec<_>>();
        assert_eq!(times("*/30 9-10 * * *"), ["09:00", "09:30", "10:00", "10:30"]);
        assert_eq!(times("5 0-23/12 * * *"), ["00:05", "12:05"]);
        assert_eq!(times("* * * * *").len(), 1_440);
    }

    #[test]
    fn what_is_no_expression_is_refused_with_its_field() {
        let refused = |text: &str| text.parse::<Cron>().unwrap_err();
        assert_eq!(refused("61 * * * *"), "`61` is no minute");
        assert_eq!(refused("0 0 * * someday"), "`someday` is no weekday");
        for wrong in [
            "",
            "* * * *",
            "* * * * * *",
            "*/0 * * * *",
            "5/10 * * * *",
            "9-8 * * * *",
            "+5 * * * *",
            "-5 * * * *",
        ] {
            assert!(wrong.parse::<Cron>().is_err(), "{wrong}");
        }
    }
}
