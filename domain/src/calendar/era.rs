//! Dates as imports write them: by era (和暦), in full width, with signs or with characters.

use chrono::{Datelike, NaiveDate};

/// A text that is not a date, or no date of the era it names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidDate {
    /// None of the forms.
    #[error("a date is written 2026-04-01, 2026/4/1, 2026年4月1日 or 令和8年4月1日")]
    DateUnreadable,
    /// A date before the era began or after it ended.
    #[error("{date} is not in {era}; write the year of the era that the date is in, or the western year")]
    DateOutsideEra {
        /// The era named.
        era: &'static str,
        /// The date that the text would have meant.
        date: NaiveDate,
    },
}

struct Era {
    name: &'static str,
    letter: char,
    first_day: (i32, u32, u32),
}

/// From the first day of an era to the day before the next one's. Meiji as of the Gregorian calendar in Japan.
const ERAS: [Era; 5] = [
    Era { name: "明治", letter: 'M', first_day: (1873, 1, 1) },
    Era { name: "大正", letter: 'T', first_day: (1912, 7, 30) },
    Era { name: "昭和", letter: 'S', first_day: (1926, 12, 25) },
    Era { name: "平成", letter: 'H', first_day: (1989, 1, 8) },
    Era { name: "令和", letter: 'R', first_day: (2019, 5, 1) },
];

/// The western year before the first of an era, which its years are counted from.
fn year_zero(era: &Era) -> i32 {
    match era.letter {
        'M' => 1867,
        _ => era.first_day.0 - 1,
    }
}

/// Reads a date in any of the forms that Japanese spreadsheets hold.
pub fn parse_date(text: &str) -> Result<NaiveDate, InvalidDate> {
    let text: String = text.trim().chars().map(half_width).filter(|it| !it.is_whitespace()).collect();
    let (era, rest) = split_era(&text);
    let [year, month, day] = numbers(rest).ok_or(InvalidDate::DateUnreadable)?;
    let Some((at, era)) = era else {
        let is_four_digits = (1000..=9999).contains(&year);
        let date = is_four_digits.then(|| western(year, month, day)).flatten();
        return date.ok_or(InvalidDate::DateUnreadable);
    };
    let date =
        western(year_zero(era) + year, month, day).filter(|_| year > 0).ok_or(InvalidDate::DateUnreadable)?;
    let is_begun = first_day(era) <= date;
    let is_over = ERAS.get(at + 1).is_some_and(|next| first_day(next) <= date);
    match is_begun && !is_over {
        true => Ok(date),
        false => Err(InvalidDate::DateOutsideEra { era: era.name, date }),
    }
}

fn half_width(character: char) -> char {
    match character {
        '！'..='～' => char::from_u32(character as u32 - 0xFEE0).expect("full width forms mirror ASCII"),
        '　' => ' ',
        '−' | 'ー' | '‐' => '-',
        other => other,
    }
}

fn split_era(text: &str) -> (Option<(usize, &'static Era)>, &str) {
    for (at, era) in ERAS.iter().enumerate() {
        let rest = text.strip_prefix(era.name);
        if let Some(rest) = rest.or_else(|| text.strip_prefix([era.letter, era.letter.to_ascii_lowercase()]))
        {
            return (Some((at, era)), rest);
        }
    }
    (None, text)
}

/// Year, month and day, separated by signs or by 年月日; 元年 is the first.
fn numbers(text: &str) -> Option<[i32; 3]> {
    let parts: Vec<&str> = match text.strip_suffix('日') {
        Some(text) => {
            let (year, rest) = text.split_once('年')?;
            let (month, day) = rest.split_once('月')?;
            vec![if year == "元" { "1" } else { year }, month, day]
        }
        None => text.split(text.chars().find(|it| "-/.".contains(*it))?).collect(),
    };
    let is_number =
        |part: &&str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|it| it.is_ascii_digit());
    let numbers: Option<Vec<i32>> =
        parts.iter().map(|it| Some(it).filter(|it| is_number(it))?.parse().ok()).collect();
    numbers?.try_into().ok()
}

fn western(year: i32, month: i32, day: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month.try_into().ok()?, day.try_into().ok()?).filter(|it| it.year() > 0)
}

fn first_day(era: &Era) -> NaiveDate {
    let (year, month, day) = era.first_day;
    NaiveDate::from_ymd_opt(year, month, day).expect("eras begin on dates")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, date: &str) {
        assert_eq!(parse_date(text).map(|it| it.to_string()), Ok(date.to_owned()), "{text}");
    }

    #[test]
    fn an_era_is_read_in_every_form() {
        for text in [
            "令和8年4月1日",
            "令和８年４月１日",
            "R8.4.1",
            "Ｒ８／４／１",
            "r08-04-01",
            " 令和 8年 4月 1日　",
        ] {
            check(text, "2026-04-01");
        }
        check("令和元年5月1日", "2019-05-01");
        check("平成31年4月30日", "2019-04-30");
        check("昭和64年1月7日", "1989-01-07");
        check("明治6年1月1日", "1873-01-01");
    }

    #[test]
    fn western_years_are_read_too() {
        for text in ["2026-04-01", "2026/4/1", "2026年4月1日", "２０２６．４．１"] {
            check(text, "2026-04-01");
        }
    }

    #[test]
    fn a_date_outside_of_its_era_is_refused() {
        for text in ["平成31年5月1日", "令和元年4月30日", "昭和64年1月8日"] {
            assert!(matches!(parse_date(text), Err(InvalidDate::DateOutsideEra { .. })), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2026",
            "26-04-01",
            "2026-02-30",
            "令和0年1月1日",
            "2026-4/1",
            "令和八年",
            "R8.4",
            "2026-+4-1",
        ] {
            assert_eq!(parse_date(text), Err(InvalidDate::DateUnreadable), "{text}");
        }
    }
}
