//! Telephone numbers, postal codes, mail addresses and web sites.

use super::text::{compatible, folded};

/// The number in E.164, such as `+81312345678`; numbers without a country are Japanese. `None` if it is none.
///
/// An extension or a second number is left away, see [`extension`].
pub fn phone(text: &str) -> Option<String> {
    let compatible = compatible(text);
    let (first, _) = split_first_number(&compatible);
    let digits: String = first.chars().filter(char::is_ascii_digit).collect();
    let national = match first.trim_start().starts_with('+') {
        true => return international(&digits),
        false => digits.as_str(),
    };
    // The ways out of Japan and of North America, as typed by callers.
    if let Some(abroad) = national.strip_prefix("010").filter(|it| it.len() > 10) {
        return international(abroad);
    }
    if let Some(abroad) = national.strip_prefix("00") {
        return international(abroad);
    }
    match (national.strip_prefix('0'), national.len()) {
        (Some(rest), 10 | 11) => plausible(format!("+81{rest}")),
        // A spreadsheet took the leading zero away.
        (None, 9) => plausible(format!("+81{national}")),
        (None, 10) if national.starts_with(['7', '8', '9']) => plausible(format!("+81{national}")),
        (None, 11 | 12) if national.starts_with("81") => international(national),
        _ => None,
    }
}

fn international(digits: &str) -> Option<String> {
    let digits = digits.trim_start_matches('0');
    // "+81 (0)3-…" carries the zero that is only dialled inside the country.
    match digits.strip_prefix("81") {
        Some(rest) => plausible(format!("+81{}", rest.strip_prefix('0').unwrap_or(rest))),
        None => plausible(format!("+{digits}")),
    }
}

/// Refuses what nobody can call: wrong length, one repeated digit, or the digits in order.
fn plausible(number: String) -> Option<String> {
    let national = number.strip_prefix("+81").unwrap_or(&number[1..]);
    let is_placeholder = national.bytes().all(|it| Some(it) == national.bytes().next())
        || number.ends_with("1234567890")
        || national == "123456789"
        || number.ends_with("5555555555");
    ((8..=15).contains(&(number.len() - 1)) && !is_placeholder).then_some(number)
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

/// Whether the number can belong to one person: a Japanese mobile number.
pub fn is_mobile(e164: &str) -> bool {
    ["+8160", "+8170", "+8180", "+8190"].iter().any(|it| e164.starts_with(it))
}

/// Whether the number is free of charge or routed (0120, 0570): it says nothing about who answers.
///
/// 0800 is not among them: invented mobile numbers begin so too (080-0…), and as a land line it does little harm.
pub fn is_service(e164: &str) -> bool {
    ["+81120", "+81570"].iter().any(|it| e164.starts_with(it))
}

/// Seven digits of a Japanese postal code, or a foreign one without spaces. `None` if it is none.
pub fn postal_code(text: &str) -> Option<String> {
    let kept: String = folded(text).chars().filter(|it| it.is_ascii_alphanumeric()).collect();
    let is_placeholder = kept.bytes().all(|it| it == b'0');
    (kept.len() >= 3 && !is_placeholder).then_some(kept)
}

/// A mail address without regard to case, width and wrapping. `None` if it is none.
pub fn email(text: &str) -> Option<String> {
    let folded = folded(text);
    let bare = folded.trim_start_matches("mailto:").trim_matches(['<', '>', '"', ' ', '\'']);
    let bare = bare.trim_end_matches('.');
    let (local, domain) = bare.rsplit_once('@')?;
    let is_address = !local.is_empty() && domain.contains('.') && !bare.contains(' ');
    is_address.then(|| bare.to_owned())
}

/// Host and path of a web site without scheme, `www.`, query and last slash.
pub fn website(text: &str) -> String {
    let folded = folded(text);
    let bare = folded.split_once("://").map_or(folded.as_str(), |(_, it)| it);
    let bare = bare.split(['?', '#']).next().unwrap_or(bare);
    bare.trim_start_matches("www.").trim_end_matches('/').to_owned()
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
            "03-1234-5670 / 090-1111-2222",
            "312345670",
        ] {
            assert_eq!(phone(spelling).as_deref(), Some("+81312345670"), "{spelling}");
        }
        assert_eq!(phone("+1 415 555 2671").as_deref(), Some("+14155552671"));
    }

    #[test]
    fn a_number_that_nobody_can_call_is_missing() {
        for placeholder in ["000-0000-0000", "1234567890", "03-1234", "なし", "", "9999999999"] {
            assert_eq!(phone(placeholder), None, "{placeholder}");
        }
    }

    #[test]
    fn addresses_are_compared_without_case_and_wrapping() {
        assert_eq!(email(" <Taro@Example.CO.JP> ").as_deref(), Some("taro@example.co.jp"));
        assert_eq!(email("taro at example"), None);
        assert_eq!(postal_code("〒100-0005").as_deref(), Some("1000005"));
        assert_eq!(website("https://www.Example.co.jp/?utm=1"), "example.co.jp");
    }
}
