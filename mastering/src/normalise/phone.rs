//! Telephone numbers: one form for every way to write one, and what kind of line it is.

use smol_str::SmolStr;

use super::text::compatible;

/// A line at which somebody can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// E.164, such as `+81312345678`.
    pub number: SmolStr,
    /// Digits of the extension; empty when there is none.
    pub extension: SmolStr,
}

impl Line {
    /// Whether it can belong to one person: a Japanese mobile number.
    pub fn is_mobile(&self) -> bool {
        is_mobile(&self.number)
    }
}

/// The lines in a field: a number with an extension, or two numbers. `calling_code` is that of the record's country.
///
/// Numbers that say nothing about who answers are left away.
pub fn lines(text: &str, calling_code: Option<&str>) -> Vec<Line> {
    let compatible = compatible(text);
    let (first, rest) = split_first_number(&compatible);
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let second = if digits.len() >= 9 { number(split_first_number(rest).0, calling_code) } else { None };
    let extension = if digits.len() < 9 { digits.into() } else { SmolStr::default() };
    let first = number(first, calling_code).map(|it| Line { number: it.into(), extension });
    let second = second.map(|it| Line { number: it.into(), extension: SmolStr::default() });
    first.into_iter().chain(second).filter(|it| !is_service(&it.number)).collect()
}

/// The number in E.164, such as `+81312345678`; numbers without a country are Japanese, unless they look North American.
/// `None` if it is none.
///
/// An extension or a second number is left away, see [`extension`].
pub fn phone(text: &str) -> Option<String> {
    number(split_first_number(&compatible(text)).0, None)
}

/// The digits after the first number: an extension, or a second number.
pub fn extension(text: &str) -> String {
    let compatible = compatible(text);
    let (_, rest) = split_first_number(&compatible);
    rest.chars().filter(char::is_ascii_digit).collect()
}

/// The first number, and whatever second number, extension or remark follows it.
fn split_first_number(text: &str) -> (&str, &str) {
    let start = text.find(|it: char| it.is_ascii_digit() || it == '+').unwrap_or(text.len());
    let number = &text[start..];
    let end = number.find(['/', '内', ';', ',', '、', 'e', 'E', 'x', 'X', '#']);
    number.split_at(end.unwrap_or(number.len()))
}

fn number(written: &str, calling_code: Option<&str>) -> Option<String> {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    if written.trim_start().starts_with('+') {
        return international(&digits);
    }
    // The ways out of Japan, North America and elsewhere, as typed by callers.
    for exit in ["010", "011", "00"] {
        if let Some(abroad) = digits.strip_prefix(exit).filter(|it| it.len() > 9 && !it.starts_with('0')) {
            return international(abroad);
        }
    }
    match calling_code {
        Some("81") => japanese(&digits),
        Some("1") => north_american(&digits).or_else(|| japanese(&digits)),
        Some(code) => plausible(format!("+{code}{}", digits.strip_prefix('0').unwrap_or(&digits))),
        None if is_in_threes(written) => north_american(&digits).or_else(|| japanese(&digits)),
        None => japanese(&digits).or_else(|| north_american(&digits)),
    }
}

fn japanese(digits: &str) -> Option<String> {
    match (digits.strip_prefix('0'), digits.len()) {
        (Some(rest), 10 | 11) => plausible(format!("+81{rest}")),
        // A spreadsheet took the leading zero away.
        (None, 9) => plausible(format!("+81{digits}")),
        (None, 10) if ["70", "80", "90"].iter().any(|it| digits.starts_with(it)) => {
            plausible(format!("+81{digits}"))
        }
        (None, 11 | 12) if digits.starts_with("81") => international(digits),
        _ => None,
    }
}

fn north_american(digits: &str) -> Option<String> {
    let national = match digits.len() {
        11 => digits.strip_prefix('1')?,
        _ => digits,
    };
    let is_valid = national.len() == 10 && !national.starts_with(['0', '1']);
    if is_valid { plausible(format!("+1{national}")) } else { None }
}

/// Whether the digits stand as in (415) 555-2671.
fn is_in_threes(written: &str) -> bool {
    let groups = written.split(|it: char| !it.is_ascii_digit()).map(str::len).filter(|it| *it > 0);
    let groups: Vec<usize> = groups.collect();
    groups.ends_with(&[3, 3, 4]) || groups.ends_with(&[3, 7])
}

fn international(digits: &str) -> Option<String> {
    let digits = digits.trim_start_matches('0');
    // "+81 (0)3-…" and "+44 (0)20…" carry the zero that is only dialled inside the country.
    for code in ["81", "44", "61", "49", "33", "64"] {
        if let Some(rest) = digits.strip_prefix(code) {
            return plausible(format!("+{code}{}", rest.strip_prefix('0').unwrap_or(rest)));
        }
    }
    plausible(format!("+{digits}"))
}

/// Refuses what nobody can call: wrong length, one repeated digit, or the digits in order.
fn plausible(number: String) -> Option<String> {
    let national = ["+81", "+1"].iter().find_map(|it| number.strip_prefix(it)).unwrap_or(&number[1..]);
    let is_placeholder = national.bytes().all(|it| Some(it) == national.bytes().next())
        || number.ends_with("1234567890")
        || number.ends_with("2345678901")
        || national == "123456789"
        || number.ends_with("5555555555");
    ((8..=15).contains(&(number.len() - 1)) && !is_placeholder).then_some(number)
}

/// Whether the number can belong to one person: a Japanese mobile number.
pub fn is_mobile(e164: &str) -> bool {
    ["+8160", "+8170", "+8180", "+8190"].iter().any(|it| e164.starts_with(it))
}

/// Whether the number is free of charge or routed (0120, 0570, 1-800): it says nothing about who answers.
///
/// 0800 is not among them: invented mobile numbers begin so too (080-0…), and as a land line it does little harm.
pub fn is_service(e164: &str) -> bool {
    const SERVICES: [&str; 9] =
        ["+81120", "+81570", "+1800", "+1888", "+1877", "+1866", "+1855", "+1844", "+1833"];
    SERVICES.iter().any(|it| e164.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_has_one_form() {
        for spelling in [
            "03-1234-5670",
            "0312345670",
            "(03)1234-5670",
            "０３－１２３４－５６７０",
            "+81 3 1234 5670",
            "+81 (0)3-1234-5670",
            "81-3-1234-5670",
            "010-81-3-1234-5670",
            "TEL:03-1234-5670（内線123）",
            "℡ 03-1234-5670",
            "'03-1234-5670",
            "03-1234-5670 / 090-1111-2222",
            "312345670",
        ] {
            assert_eq!(phone(spelling).as_deref(), Some("+81312345670"), "{spelling}");
        }
    }

    #[test]
    fn numbers_of_other_countries_are_told_by_form_or_country() {
        for spelling in
            ["+1 415 555 2671", "(415) 555-2671", "415.555.2671", "1-415-555-2671", "415-555-2671 x12"]
        {
            assert_eq!(phone(spelling).as_deref(), Some("+14155552671"), "{spelling}");
        }
        let number = |text, code| lines(text, Some(code)).into_iter().next().map(|it| it.number);
        assert_eq!(number("4155552671", "1").as_deref(), Some("+14155552671"));
        assert_eq!(number("020 7946 0958", "44").as_deref(), Some("+442079460958"));
        assert_eq!(phone("9012345678").as_deref(), Some("+819012345678"));
    }

    #[test]
    fn extensions_and_second_numbers_are_told_apart() {
        let of = |text| -> Vec<(String, String)> {
            lines(text, None).into_iter().map(|it| (it.number.into(), it.extension.into())).collect()
        };
        assert_eq!(of("03-1234-5670 (内線12)"), [("+81312345670".to_owned(), "12".to_owned())]);
        let two: Vec<String> = of("03-1234-5670 / 090-1111-2222").into_iter().map(|it| it.0).collect();
        assert_eq!(two, ["+81312345670", "+819011112222"]);
        assert_eq!(of("0120-828-828"), []);
    }

    #[test]
    fn a_number_that_nobody_can_call_is_missing() {
        for placeholder in
            ["000-0000-0000", "1234567890", "555-555-5555", "03-1234", "なし", "", "9999999999"]
        {
            assert_eq!(phone(placeholder), None, "{placeholder}");
        }
    }
}
