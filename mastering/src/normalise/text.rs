//! Width, case, spaces, punctuation, long vowels and hyphens.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Compatibility form (NFKC): full-width Latin, half-width katakana and squared signs become ordinary letters.
pub fn compatible(text: &str) -> Cow<'_, str> {
    // Tables are slow, and most texts need none. Asking one costs a fraction of normalising.
    match () {
        () if is_plain(text) => Cow::Borrowed(text),
        () if text.chars().map(narrow).all(is_plain_letter) => Cow::Owned(text.chars().map(narrow).collect()),
        () if is_nfkc_quick(text.chars()) == IsNormalized::Yes => Cow::Borrowed(text),
        () => Cow::Owned(text.nfkc().collect()),
    }
}

/// Whether the text consists of letters that look like what they are.
pub(super) fn is_plain(text: &str) -> bool {
    text.is_ascii() || text.chars().all(is_plain_letter)
}

/// Whether the letter is in compatibility form and has neither case nor marks, or is ASCII: with kana and common ideographs
/// that is most of what people type, and seen without a table.
fn is_plain_letter(letter: char) -> bool {
    letter.is_ascii() || matches!(letter, 'ぁ'..='ゖ' | 'ァ'..='ー' | '々' | '\u{4e00}'..='\u{9fff}')
}

/// Whether the letter is part of a word: a letter or a digit of any script.
pub fn is_word_letter(letter: char) -> bool {
    matches!(letter, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '々' | '\u{4e00}'..='\u{9fff}') || letter.is_alphanumeric()
}

/// The ASCII letter of a full-width one; anything else is itself.
fn narrow(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        _ => letter,
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
pub fn folded(text: &str) -> Cow<'_, str> {
    if is_folded(text) {
        return Cow::Borrowed(text);
    }
    let mut spaced = spaced(text);
    match is_plain(&spaced) {
        true => spaced.make_ascii_lowercase(),
        false => spaced = spaced.to_lowercase().replace('ß', "ss"),
    }
    Cow::Owned(spaced)
}

/// Whether folding would find nothing to do, as far as that is seen at once.
fn is_folded(text: &str) -> bool {
    let mut last = ' ';
    let is_settled = |letter| match letter {
        ' ' => std::mem::replace(&mut last, letter) != ' ',
        _ => {
            last = letter;
            is_plain_letter(letter) && !letter.is_ascii_uppercase() && !letter.is_ascii_control()
        }
    };
    text.chars().all(is_settled) && last != ' '
}

/// Latin letters without marks, and those that no decomposition unfolds: Sørensen, Łukasz. Do not ask about kana: there
/// the mark makes another letter.
pub fn without_marks(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_plain(&text) {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.nfd().filter(|&it| !is_combining_mark(it) || is_voicing(it)) {
        match character {
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            'ı' => plain.push('i'),
            _ => plain.push(character),
        }
    }
    Cow::Owned(plain.nfc().collect())
}

/// The marks that turn カ into ガ and ハ into パ.
fn is_voicing(character: char) -> bool {
    matches!(character, '\u{3099}' | '\u{309a}')
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
    fn marks_fall_away_from_latin_letters_only() {
        assert_eq!(without_marks("müller søren łukasz itō".into()), "muller soren lukasz ito");
        assert_eq!(without_marks("ガパ山 é".into()), "ガパ山 e");
        assert_eq!(without_marks("ガパ山".into()), "ガパ山");
    }

    #[test]
    fn case_counts_only_when_asked() {
        assert_eq!(spaced("Acme"), "Acme");
        assert_eq!(folded("ＡCME  Straße"), "acme strasse");
        for text in ["acme", "a b", "極洋 ビル"] {
            assert!(matches!(folded(text), Cow::Borrowed(it) if it == text), "{text}");
        }
        for (text, expected) in
            [(" a", "a"), ("a ", "a"), ("a  b", "a b"), ("", ""), ("a\tb", "a b"), ("a\u{1}b", "ab")]
        {
            assert_eq!(folded(text), expected, "{text:?}");
        }
    }
}
