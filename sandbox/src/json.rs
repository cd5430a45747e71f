//! JSON straight into a byte buffer: pages of thousands of records build no tree.

use std::io::Write;

use crate::org::schema::Kind;
use crate::org::value::ValueRef;

/// Writes a value in the form its field's type has in answers.
pub(crate) fn write_value(out: &mut Vec<u8>, kind: Kind, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Text(text) => write_string(out, text),
        ValueRef::Bool(true) => out.extend_from_slice(b"true"),
        ValueRef::Bool(false) => out.extend_from_slice(b"false"),
        ValueRef::Number(it) if kind == Kind::Int => write(out, format_args!("{}", it as i64)),
        ValueRef::Number(it) => write(out, format_args!("{it:?}")),
        ValueRef::Date(days) => {
            out.push(b'"');
            write_date(out, days.into());
            out.push(b'"');
        }
        ValueRef::DateTime(seconds) => {
            out.push(b'"');
            write_datetime(out, seconds);
            out.push(b'"');
        }
        ValueRef::Id(id) => {
            out.push(b'"');
            out.extend_from_slice(&id.to_bytes());
            out.push(b'"');
        }
    }
}

/// Writes a value that is neither text nor null as a bulk file has it: nothing quoted, instants with a `Z`.
pub(crate) fn write_bare(out: &mut Vec<u8>, kind: Kind, value: ValueRef<'_>) {
    match value {
        ValueRef::Date(days) => write_date(out, days.into()),
        ValueRef::Id(id) => out.extend_from_slice(&id.to_bytes()),
        ValueRef::DateTime(seconds) => {
            write_datetime(out, seconds);
            out.truncate(out.len() - b"+0000".len());
            out.push(b'Z');
        }
        plain => write_value(out, kind, plain),
    }
}

/// Writes a JSON string, escaped.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => write(out, format_args!("\\u{byte:04x}")),
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

/// `2024-01-01T00:00:00.000+0000`: always UTC, no colon in the zone.
pub(crate) fn write_datetime(out: &mut Vec<u8>, seconds: i64) {
    write_date(out, seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400) as u32;
    out.push(b'T');
    two_digits(out, second / 3600);
    out.push(b':');
    two_digits(out, second / 60 % 60);
    out.push(b':');
    two_digits(out, second % 60);
    out.extend_from_slice(b".000+0000");
}

/// The same as text.
pub(crate) fn datetime(seconds: i64) -> String {
    let mut out = Vec::with_capacity(28);
    write_datetime(&mut out, seconds);
    String::from_utf8_lossy(&out).into_owned()
}

fn write_date(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil(days);
    match u32::try_from(year) {
        Ok(year @ 0..=9999) => {
            two_digits(out, year / 100);
            two_digits(out, year % 100);
        }
        _ => write(out, format_args!("{year:04}")),
    }
    out.push(b'-');
    two_digits(out, month);
    out.push(b'-');
    two_digits(out, day);
}

/// Year, month and day of a count of days since 1970-01-01, by the 400-year cycle of the
/// Gregorian calendar with years starting in March.
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * march_month + 2) / 5 + 1) as u32;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn two_digits(out: &mut Vec<u8>, number: u32) {
    out.push(b'0' + (number / 10 % 10) as u8);
    out.push(b'0' + (number % 10) as u8);
}

fn write(out: &mut Vec<u8>, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("a buffer in memory takes every byte");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_agree_with_the_calendar() {
        for days in (-800_000..800_000).step_by(97) {
            let date = crate::org::derived::date_of(days).expect("in range");
            if (0..=9999).contains(&chrono::Datelike::year(&date)) {
                let mut out = Vec::new();
                write_date(&mut out, days.into());
                assert_eq!(String::from_utf8_lossy(&out), date.to_string());
            }
        }
    }

    #[test]
    fn instants_have_no_colon_in_the_zone() {
        assert_eq!(datetime(1_704_067_199), "2023-12-31T23:59:59.000+0000");
    }

    #[test]
    fn strings_are_escaped() {
        let text = "a\"b\\c\n\u{1}株式会社　";
        let mut out = Vec::new();
        write_string(&mut out, text);
        assert_eq!(serde_json::from_slice::<String>(&out).expect("valid JSON"), text);
    }

    #[test]
    fn whole_decimals_keep_their_point() {
        let mut out = Vec::new();
        write_value(&mut out, Kind::Currency, ValueRef::Number(1000.0));
        out.push(b' ');
        write_value(&mut out, Kind::Int, ValueRef::Number(1000.0));
        assert_eq!(out, b"1000.0 1000");
    }
}
