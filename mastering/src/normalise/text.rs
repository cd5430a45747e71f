//! Width, case, spaces, punctuation, long vowels and hyphens.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Compatibility form (NFKC): full-width Latin, half-width katakana and squared signs become ordinary letters.
pub fn compatible(text: &str) -> Cow<'_, str> {
    // Asking costs a fraction of normalising, and most texts are in this form already.
    match text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfkc().collect()),
    }
}

/// Compatibility form with single spaces, trimmed, without control and zero-width characters. Case is kept.
pub fn spaced(text: &str) -> String {
    let compatible = compatible(text);
    let mut spaced = String::with_capacity(compatible.len());
    let mut is_space_due = false;
    for character in compatible.chars() {
        if character.is_whitespace() {
            is_space_due = !spaced.is_empty();
        } else if !is_invisible(character) {
            if std::mem::take(&mut is_space_due) {
                spaced.push(' ');
            }
            spaced.push(character);
        }
    }
    spaced
}

/// [`spaced`], without regard to case.
pub fn folded(text: &str) -> String {
    let mut spaced = spaced(text);
    match spaced.is_ascii() {
        true => spaced.make_ascii_lowercase(),
        false => spaced = spaced.to_lowercase().replace('ß', "ss"),
    }
    spaced
}

/// Whether nobody sees the character: controls, zero-width spaces and joiners, byte order mark.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Whether the character stands for a hyphen, a dash or, between digits, a long vowel used as one.
pub fn is_hyphen(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー' | '～' | '〜' | '~' | '\u{fe63}' | 'ｰ'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_spaces_do_not_count() {
        assert_eq!(spaced("　ＡＢＣ　１２３ "), "ABC 123");
        assert_eq!(spaced("ｶﾌﾞｼｷ\u{200b}ｶﾞｲｼｬ"), "カブシキガイシャ");
        assert_eq!(spaced("㈱極洋"), "(株)極洋");
    }

    #[test]
    fn case_counts_only_when_asked() {
        assert_eq!(spaced("Acme"), "Acme");
        assert_eq!(folded("ＡCME  Straße"), "acme strasse");
    }
}
