//! Streets and house numbers: one form for 一丁目2番3号, １－２－３ and 1-2-3, for Street and St.
//!
//! Building, floor and unit are left away: they come and go.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::kana::{is_ideograph, is_kana, to_katakana};
use super::kanji_variants::todays;
use super::text::{folded, is_hyphen, is_word_letter, without_marks};

/// Kinds of streets, and their short form. What follows them is a building.
const KINDS: &[(&str, &str)] = &[
    ("street", "st"),
    ("str", "st"),
    ("st", "st"),
    ("road", "rd"),
    ("rd", "rd"),
    ("avenue", "av"),
    ("ave", "av"),
    ("av", "av"),
    ("boulevard", "blvd"),
    ("blvd", "blvd"),
    ("drive", "dr"),
    ("dr", "dr"),
    ("lane", "ln"),
    ("ln", "ln"),
    ("court", "ct"),
    ("crt", "ct"),
    ("ct", "ct"),
    ("place", "pl"),
    ("pl", "pl"),
    ("square", "sq"),
    ("sq", "sq"),
    ("terrace", "tce"),
    ("tce", "tce"),
    ("crescent", "cres"),
    ("cres", "cres"),
    ("circuit", "cct"),
    ("cct", "cct"),
    ("highway", "hwy"),
    ("hwy", "hwy"),
    ("parkway", "pkwy"),
    ("pkwy", "pkwy"),
    ("close", "cl"),
    ("cl", "cl"),
    ("way", "way"),
];

/// Words that stand before a name, and their short form.
const SHORT: &[(&str, &str)] = &[
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
    ("northeast", "ne"),
    ("northwest", "nw"),
    ("southeast", "se"),
    ("southwest", "sw"),
    ("saint", "st"),
    ("mount", "mt"),
];

/// Words after which a unit or a floor is named.
const UNITS: &[&str] = &[
    "suite",
    "ste",
    "unit",
    "apt",
    "apartment",
    "floor",
    "fl",
    "room",
    "rm",
    "level",
    "bldg",
    "building",
    "#",
];

/// A street address, taken apart for comparing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Street {
    /// House or block number, such as `12` or `1-2-3`; empty when there is none.
    pub number: SmolStr,
    /// Street or town, without spaces.
    pub name: SmolStr,
}

impl Street {
    /// `None` when nothing is left.
    pub fn of(text: &str) -> Option<Self> {
        let folded = todays(folded(text));
        let is_japanese = folded.chars().any(|it| is_ideograph(it) || is_kana(it));
        let street = if is_japanese { japanese(&folded) } else { latin(folded) };
        (!street.number.is_empty() || !street.name.is_empty()).then_some(street)
    }
}

fn latin(folded: Cow<'_, str>) -> Street {
    let mut plain = without_marks(folded);
    if plain.contains(['.', '#']) {
        plain = plain.replace("p.o.", "po").replace('#', " # ").into();
    }
    let mut words = plain.split([' ', ',', '.', ';']).filter(|it| !it.is_empty());
    let (mut number, mut name) = ("", String::new());
    while let Some(word) = words.next() {
        if UNITS.contains(&word) {
            // "Suite 400"; "4th floor" has told its number already.
            words.next();
        } else if number.is_empty() && word.starts_with(|it: char| it.is_ascii_digit()) && !is_ordinal(word) {
            number = word;
        } else {
            let (start, kind) = kind_of(word);
            let is_end = kind.is_some() && !(start.is_empty() && name.is_empty());
            let start = SHORT.iter().find(|it| it.0 == start).map_or(start, |it| it.1);
            let letters = start.chars().chain(kind.unwrap_or_default().chars());
            name.extend(letters.filter(|it| it.is_alphanumeric()));
            if is_end {
                break;
            }
        }
    }
    Street { number: number.into(), name: name.into() }
}

/// The kind of street that a word names, also where it was typed together with the word before it.
fn kind_of(word: &str) -> (&str, Option<&str>) {
    let whole = KINDS.iter().find(|it| it.0 == word).map(|it| ("", Some(it.1)));
    let joined = || {
        let (long, short) = KINDS.iter().find(|(long, _)| long.len() >= 4 && word.ends_with(long))?;
        Some((&word[..word.len() - long.len()], Some(*short)))
    };
    whole.or_else(joined).unwrap_or((word, None))
}

/// 5th Avenue is a name.
fn is_ordinal(word: &str) -> bool {
    let digits = word.trim_start_matches(|it: char| it.is_ascii_digit());
    digits.len() < word.len() && matches!(digits, "st" | "nd" | "rd" | "th")
}

fn japanese(folded: &str) -> Street {
    let numbered = with_plain_numbers(folded);
    let start = numbered.find(|it: char| it.is_ascii_digit()).unwrap_or(numbered.len());
    let (name, rest) = numbered.split_at(start);
    let end = rest.find(|it: char| !it.is_ascii_digit() && it != '-').unwrap_or(rest.len());
    Street { number: rest[..end].trim_matches('-').into(), name: town(name) }
}

/// The name of a town, without what comes and goes: spaces, 大字, 字, and the ways to write the ga of 霞ヶ関.
pub fn town(name: &str) -> SmolStr {
    let bare = if name.contains('字') { name.replace("大字", "").into() } else { Cow::Borrowed(name) };
    let letters = bare.chars().filter(|it| *it != '字' && is_word_letter(*it));
    letters
        .map(to_katakana)
        .map(|it| match it {
            'ヶ' | 'ケ' | 'ガ' => 'ケ',
            'ッ' => 'ツ',
            '之' | 'の' | 'ノ' => 'ノ',
            _ => it,
        })
        .collect()
}

/// 一丁目2番地3号 as 1-2-3. A numeral in kanji counts only before a unit: 三条 and 六本木 are names.
fn with_plain_numbers(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    let mut place = 0;
    while place < letters.len() {
        let rest = &letters[place..];
        let is_after_digit = plain.ends_with(|it: char| it.is_ascii_digit());
        if let Some((value, length)) = numeral(rest).filter(|it| unit(&rest[it.1..]).is_some()) {
            plain.push_str(&value.to_string());
            place += length;
        } else if let Some(length) = unit(rest).filter(|_| is_after_digit) {
            plain.push('-');
            place += length;
        } else if is_after_digit && (is_hyphen(rest[0]) || rest[0] == 'の' || rest[0] == 'ノ') {
            plain.push('-');
            place += 1;
        } else {
            plain.push(rest[0]);
            place += 1;
        }
    }
    plain
}

/// How long the unit is with which the text begins, in letters.
fn unit(text: &[char]) -> Option<usize> {
    const UNITS: [&[char]; 4] = [&['丁', '目'], &['番', '地'], &['番'], &['号']];
    UNITS.iter().find(|it| text.starts_with(it)).map(|it| it.len())
}

/// The number that kanji up to ninety-nine spell, and how many letters it takes.
fn numeral(text: &[char]) -> Option<(usize, usize)> {
    let digit = |it: &char| "〇一二三四五六七八九".chars().position(|digit| digit == *it);
    let length = text.iter().take_while(|it| digit(it).is_some() || **it == '十').count();
    let (mut value, mut last) = (0, None);
    for letter in &text[..length] {
        match digit(letter) {
            Some(it) => last = Some(last.unwrap_or(0) * 10 + it),
            None => value += 10 * last.take().unwrap_or(1),
        }
    }
    (length > 0).then(|| (value + last.unwrap_or(0), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, number: &str, name: &str) {
        let street = Street::of(text).unwrap();
        assert_eq!((street.number.as_str(), street.name.as_str()), (number, name), "{text}");
    }

    #[test]
    fn a_block_number_has_one_form() {
        for text in [
            "丸の内1丁目2番3号",
            "丸の内1-2-3",
            "丸の内１－２－３",
            "丸の内一丁目2-3",
            "丸の内1丁目2番地3",
            "丸の内１ー２ー３ 丸の内ビル5階",
            "大字丸の内一丁目二番三号",
        ] {
            check(text, "1-2-3", "丸ノ内");
        }
        check("前橋市古市町一丁目５０番地１２", "1-50-12", "前橋市古市町");
        check("十二丁目", "12", "");
    }

    #[test]
    fn a_numeral_in_a_name_stays() {
        check("六本木6-10-1", "6-10-1", "六本木");
        check("商工センター六丁目1", "6-1", "商工センター");
        check("霞が関3-2-1", "3-2-1", "霞ケ関");
        check("霞ヶ関三丁目2-1", "3-2-1", "霞ケ関");
        check("三条町10", "10", "三条町");
    }

    #[test]
    fn a_latin_street_has_one_form() {
        for text in [
            "12 North Main Street",
            "12 N. Main St.",
            "12 n main st, Suite 400",
            "12 N Main St #5",
            "12 North Main St Acme Tower",
        ] {
            check(text, "12", "nmainst");
        }
        for text in ["7 Pridham Street", "7 pridhamstreet"] {
            check(text, "7", "pridhamst");
        }
        check("350 5th Avenue, Floor 3", "350", "5thav");
        check("P.O. Box 77", "77", "pobox");
        assert_eq!(Street::of("--"), None);
    }
}
