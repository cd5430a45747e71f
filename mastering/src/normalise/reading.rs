//! How a name sounds: one loose key for kana and every style of romaji.
//!
//! Hepburn, Kunrei, passport and word-processor spellings meet in it, so it makes candidates and weak evidence only.

use std::borrow::Cow;
use std::sync::Arc;

use smol_str::SmolStr;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use wana_kana::ConvertJapanese;

use super::kana::is_kana;
use super::similarity::letter_set;

/// Spellings of one sound, and the one we keep. Longer ones come first.
const SOUNDS: &[(&str, &str)] = &[
    ("sya", "sha"),
    ("syu", "shu"),
    ("syo", "sho"),
    ("tya", "cha"),
    ("tyu", "chu"),
    ("tyo", "cho"),
    ("zya", "ja"),
    ("zyu", "ju"),
    ("zyo", "jo"),
    ("jya", "ja"),
    ("jyu", "ju"),
    ("jyo", "jo"),
    ("cya", "cha"),
    ("cyo", "cho"),
    ("tsu", "tu"),
    ("shi", "si"),
    ("chi", "ti"),
    ("fu", "hu"),
    ("ji", "zi"),
    ("dzu", "zu"),
    ("di", "zi"),
    ("mb", "nb"),
    ("mp", "np"),
    ("mm", "nm"),
    ("wo", "o"),
];

/// How a part of a name may sound.
#[derive(Debug, Clone)]
pub enum Readings {
    /// All that the dictionary knows; often none.
    Listed(&'static [&'static str]),
    /// Somebody told it, or the letters do.
    Told(SmolStr),
    /// One of the two parts that a mailbox spells, nobody knows which.
    Either(Arc<[SmolStr; 2]>),
}

impl Readings {
    pub(super) const NONE: Self = Self::Listed(&[]);

    /// Every reading.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (listed, told): (&[&str], &[SmolStr]) = match self {
            Self::Listed(listed) => (listed, &[]),
            Self::Told(reading) => (&[], std::slice::from_ref(reading)),
            Self::Either(readings) => (&[], readings.as_slice()),
        };
        listed.iter().copied().chain(told.iter().map(SmolStr::as_str))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Listed([]))
    }

    /// Whether it may sound so.
    pub fn contain(&self, reading: &str) -> bool {
        self.iter().any(|it| is_same(it, reading))
    }
}

/// Whether two readings are one. Nearly all differ in length or in their last letter, which is seen without comparing.
fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.as_bytes().last() == b.as_bytes().last() && a == b
}

impl PartialEq for Readings {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Readings {}

/// The loose key of one part of a name in kana or romaji, in compatibility form.
pub fn loose(part: &str) -> SmolStr {
    let romaji = match part.chars().any(is_kana) {
        true => Cow::Owned(part.replace('ー', "").to_romaji()),
        false => Cow::Borrowed(part),
    };
    shortened(&in_one_style(letters(&romaji))).into()
}

/// Small letters without marks: macrons fall away, as do the apostrophe of Shin'ichi and the hyphen of Jun-ichi.
fn letters(romaji: &str) -> String {
    if romaji.is_ascii() {
        let mut letters = String::with_capacity(romaji.len());
        letters.extend(romaji.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()));
        return letters;
    }
    let letters = romaji.nfd().filter(|&it| !is_combining_mark(it) && it.is_alphanumeric());
    letters.collect::<String>().to_lowercase()
}

fn in_one_style(mut text: String) -> String {
    let mut present = letter_set(&text);
    for (style, kept) in SOUNDS {
        // Most styles have a letter that the word has not, and need not be searched for.
        if letter_set(style) & !present == 0 && text.contains(style) {
            text = text.replace(style, kept);
            present |= letter_set(kept);
        }
    }
    text
}

/// Long vowels made short: ou, oo, uu, and the oh of Itoh and Ohno.
fn shortened(letters: &str) -> String {
    let mut short = String::with_capacity(letters.len());
    let mut rest = letters.chars().peekable();
    while let Some(letter) = rest.next() {
        let follows_o = short.ends_with('o');
        let is_silent_h =
            letter == 'h' && follows_o && rest.peek().is_none_or(|&it| !is_vowel(it) && it != 'y');
        let is_long = (letter == 'u' && follows_o) || (is_vowel(letter) && short.ends_with(letter));
        if !is_silent_h && !is_long {
            short.push(letter);
        }
    }
    short
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'i' | 'u' | 'e' | 'o')
}

#[cfg(test)]
mod tests {
    use super::loose;

    #[test]
    fn every_style_of_a_reading_meets() {
        for (a, b) in [
            ("イトウ", "Itoh"),
            ("イトウ", "Itō"),
            ("おおの", "Ohno"),
            ("シンバシ", "Shimbashi"),
            ("つちや", "Tutiya"),
            ("ジュンイチ", "Jun'ichi"),
            ("ショウジ", "Syozi"),
            ("ゆうこ", "Yuko"),
            ("タロー", "tarou"),
            ("フジイ", "Huzii"),
        ] {
            assert_eq!(loose(a), loose(b), "{a} {b}");
        }
    }

    #[test]
    fn different_readings_stay_different() {
        assert_ne!(loose("ヤマダ"), loose("ヤマモト"));
        assert_ne!(loose("ケンジ"), loose("ケンイチ"));
    }
}
