//! Texts that a spreadsheet would take for a formula: written with a quote in front of them, which makes them texts, and read
//! without it. So what somebody entered as their name calculates nothing on the desk of whoever opens the sheet, and a telephone
//! keeps its plus.

/// What a formula begins with, in full width too.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The text as a cell holds it.
pub(super) fn quoted(text: &str) -> String {
    match is_like_formula(text) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// The text that a cell holds.
pub(super) fn unquoted(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|it| is_like_formula(it)).unwrap_or(cell)
}

/// Whether a formula follows, also behind quotes that are the text's own: each gets one more, and keeps its own.
fn is_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, cell: &str) {
        assert_eq!(quoted(text), cell);
        assert_eq!(unquoted(cell), text);
    }

    #[test]
    fn formulas_become_texts_and_come_back() {
        check("=HYPERLINK(\"http://evil.example\")", "'=HYPERLINK(\"http://evil.example\")");
        check("+81-3-1234-5678", "'+81-3-1234-5678");
        check("-1", "'-1");
        check("@SUM(1)", "'@SUM(1)");
        check("＝１＋１", "'＝１＋１");
        check("'=1", "''=1");
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in ["", "極洋", "1200000", "03-1234-5678", "'s-Hertogenbosch", "a=b", "'"] {
            check(text, text);
        }
    }

    #[test]
    fn what_people_write_without_a_quote_is_read_as_well() {
        assert_eq!(unquoted("+81-3-1234-5678"), "+81-3-1234-5678");
    }
}
