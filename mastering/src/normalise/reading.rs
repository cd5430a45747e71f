//! How a name sounds: one loose key for kana and every style of romaji.
//!
//! Hepburn, Kunrei, passport and word-processor spellings meet in it, so it makes candidates and weak evidence only.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use wana_kana::ConvertJapanese;

use super::kana::is_kana;

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

/// The loose key of one part of a name in kana or romaji, in compatibility form.
pub fn loose(part: &str) -> String {
    let romaji = match part.chars().any(is_kana) {
        true => part.replace('ー', "").to_romaji(),
        false => part.to_owned(),
    };
    // Macrons fall away with the other marks, as do the apostrophe of Shin'ichi and the hyphen of Jun-ichi.
    let letters: String = romaji
        .nfd()
        .filter(|&it| !is_combining_mark(it) && it.is_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    shortened(&SOUNDS.iter().fold(letters, |text, (style, kept)| match text.contains(style) {
        true => text.replace(style, kept),
        false => text,
    }))
}

/// Long vowels made short: ou, oo, uu, and the oh of Itoh and Ohno.
fn shortened(letters: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let mut short = String::with_capacity(letters.len());
    for (place, &letter) in letters.iter().enumerate() {
        let next = letters.get(place + 1);
        let follows_o = short.ends_with('o');
        let is_silent_h = letter == 'h' && follows_o && next.is_none_or(|it| !"aiueoy".contains(*it));
        let is_long = (letter == 'u' && follows_o) || ("aiueo".contains(letter) && short.ends_with(letter));
        if !is_silent_h && !is_long {
            short.push(letter);
        }
    }
    short
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
