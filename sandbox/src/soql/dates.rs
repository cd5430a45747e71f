//! Date literals: `TODAY`, `LAST_N_DAYS:7`, `THIS_FISCAL_QUARTER`…
//!
//! Periods are half open and begin at midnight in Tokyo, the zone of the org's users.

use chrono::{DateTime, Datelike, Months, NaiveDate};

use super::ast::Name;
use crate::org::input::days;

/// The org's users are nine hours ahead of UTC, all year.
const ZONE_SECONDS: i64 = 9 * 3600;

/// Days since 1970, the last one excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: i32,
    pub(super) until: i32,
}

impl Period {
    /// The instants of the period, in seconds since 1970.
    pub(super) fn seconds(self) -> (i64, i64) {
        let start_of = |day: i32| i64::from(day) * 86_400 - ZONE_SECONDS;
        (start_of(self.from), start_of(self.until))
    }
}

/// The period a literal names at the instant `now` (seconds since 1970); `None` for unknown words.
pub(super) fn period(name: &Name, count: Option<i64>, now: i64) -> Option<Period> {
    let today = DateTime::from_timestamp(now.checked_add(ZONE_SECONDS)?, 0)?.date_naive();
    let word = name.text.to_ascii_uppercase();
    match count {
        Some(count) => counted(&word, i32::try_from(count).ok().filter(|it| *it <= 100_000)?, today),
        None => plain(&word, today),
    }
}

fn plain(word: &str, today: NaiveDate) -> Option<Period> {
    let day = days(today);
    if let Some(shift) = match word {
        "TODAY" => Some(0),
        "YESTERDAY" => Some(-1),
        "TOMORROW" => Some(1),
        _ => None,
    } {
        return Some(Period { from: day + shift, until: day + shift + 1 });
    }
    match word {
        "LAST_90_DAYS" => return Some(Period { from: day - 90, until: day + 1 }),
        "NEXT_90_DAYS" => return Some(Period { from: day + 1, until: day + 91 }),
        _ => {}
    }
    let (which, unit) = word.split_once('_')?;
    let shift = match which {
        "THIS" => 0,
        "LAST" => -1,
        "NEXT" => 1,
        _ => return None,
    };
    units(unit, shift, shift + 1, today)
}

fn counted(word: &str, count: i32, today: NaiveDate) -> Option<Period> {
    let day = days(today);
    match word {
        "LAST_N_DAYS" => return Some(Period { from: day - count, until: day + 1 }),
        "NEXT_N_DAYS" => return Some(Period { from: day + 1, until: day + count + 1 }),
        "N_DAYS_AGO" => return Some(Period { from: day - count, until: day - count + 1 }),
        _ => {}
    }
    if let Some(unit) = word.strip_prefix("LAST_N_") {
        return units(unit.strip_suffix('S')?, -count, 0, today);
    }
    if let Some(unit) = word.strip_prefix("NEXT_N_") {
        return units(unit.strip_suffix('S')?, 1, count + 1, today);
    }
    let unit = word.strip_prefix("N_")?.strip_suffix("S_AGO")?;
    units(unit, -count, 1 - count, today)
}

/// From the start of the unit `from` units away to the start of the one `until` units away.
fn units(unit: &str, from: i32, until: i32, today: NaiveDate) -> Option<Period> {
    let (start, months) = match unit {
        "WEEK" => {
            let sunday = days(today) - today.weekday().num_days_from_sunday() as i32;
            return Some(Period { from: sunday + 7 * from, until: sunday + 7 * until });
        }
        "MONTH" => (today.with_day(1)?, 1),
        // Fiscal quarters are calendar quarters too, as the fiscal year starts in April.
        "QUARTER" | "FISCAL_QUARTER" => (today.with_day(1)?.with_month(today.month0() / 3 * 3 + 1)?, 3),
        "YEAR" => (today.with_ordinal(1)?, 12),
        "FISCAL_YEAR" => {
            let year = if today.month() < 4 { today.year() - 1 } else { today.year() };
            (NaiveDate::from_ymd_opt(year, 4, 1)?, 12)
        }
        _ => return None,
    };
    let at = |count: i32| {
        let months_away = Months::new(count.unsigned_abs().checked_mul(months)?);
        let date = if count < 0 {
            start.checked_sub_months(months_away)
        } else {
            start.checked_add_months(months_away)
        };
        date.map(days)
    };
    Some(Period { from: at(from)?, until: at(until)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::derived::date_of;

    fn dates(word: &str, count: Option<i64>) -> (String, String) {
        // 2026-11-21T16:00Z is already Sunday the 22nd in Tokyo.
        let period = period(&Name { text: word.into(), at: 0 }, count, 1_795_276_800).expect(word);
        let text = |day: i32| date_of(day).expect("in range").to_string();
        (text(period.from), text(period.until))
    }

    #[test]
    fn periods_start_at_midnight_in_tokyo() {
        for (word, count, from, until) in [
            ("TODAY", None, "2026-11-22", "2026-11-23"),
            ("yesterday", None, "2026-11-21", "2026-11-22"),
            ("LAST_N_DAYS", Some(7), "2026-11-15", "2026-11-23"),
            ("THIS_WEEK", None, "2026-11-22", "2026-11-29"),
            ("LAST_MONTH", None, "2026-10-01", "2026-11-01"),
            ("THIS_QUARTER", None, "2026-10-01", "2027-01-01"),
            ("THIS_FISCAL_YEAR", None, "2026-04-01", "2027-04-01"),
            ("LAST_N_MONTHS", Some(2), "2026-09-01", "2026-11-01"),
            ("NEXT_YEAR", None, "2027-01-01", "2028-01-01"),
        ] {
            assert_eq!(dates(word, count), (from.into(), until.into()), "{word}");
        }
    }

    #[test]
    fn unknown_words_are_no_periods() {
        for word in ["", "THIS", "THIS_", "LAST_N_", "SOMEDAY", "LAST_N_YEARSS"] {
            assert_eq!(period(&Name { text: word.into(), at: 0 }, None, 0), None, "{word}");
            assert_eq!(period(&Name { text: word.into(), at: 0 }, Some(3), 0), None, "{word}");
        }
    }
}
