//! The words of a person's name, without what is no part of it: honorifics, titles, punctuation, marks.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::kana::{is_kana, to_katakana};
use super::kanji_variants::todays;
use super::placeholders::is_placeholder;
use super::text::{folded, is_plain, is_word_letter, without_marks};

const HONORIFICS: &[&str] = &["様", "さま", "さん", "殿", "氏", "先生"];
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "phd", "md", "mba", "cpa", "esq", "pe", "cfa",
    "pmp",
];
/// Identity, not decoration: father and son are two people.
const GENERATIONS: &[(&str, &str)] = &[
    ("jr", "jr"),
    ("junior", "jr"),
    ("sr", "sr"),
    ("senior", "sr"),
    ("ii", "ii"),
    ("2nd", "ii"),
    ("iii", "iii"),
    ("3rd", "iii"),
    ("iv", "iv"),
];

/// The words of one field of a name. Empty when nothing is said.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) words: Vec<SmolStr>,
    pub(super) generation: Option<&'static str>,
    /// Whether a comma puts the family name first.
    pub(super) is_turned: bool,
}

impl Words {
    pub(super) fn of(text: Option<&str>) -> Self {
        let mut found = Self::default();
        let Some(text) = text else { return found };
        let folded = todays(folded(text));
        if is_placeholder(&folded) {
            return found;
        }
        let bare = without_remark(&folded);
        for word in bare.split([' ', ',', '　']).map(|it| it.trim_matches(['.', '\''])) {
            found.add(word);
        }
        found.is_turned = is_turned(bare);
        if let Some(last) = found.words.last_mut() {
            *last = without_honorific(last).into();
        }
        found.words.retain(|it| !it.is_empty());
        found
    }

    fn add(&mut self, word: &str) {
        // Nearly every word is bare already.
        let bare: Cow<'_, str> = if word.contains('.') { word.replace('.', "").into() } else { word.into() };
        // Ii is a family name too; a generation never stands first.
        let generation = GENERATIONS.iter().find(|it| it.0 == bare && !self.words.is_empty());
        match generation {
            Some(&(_, it)) => self.generation = Some(it),
            None if TITLES.contains(&&*bare) || HONORIFICS.contains(&&*bare) => {}
            None => self.words.push(plain(word)),
        }
    }
}

/// Whether a comma stands before a word that is more than a generation or a degree.
fn is_turned(name: &str) -> bool {
    let Some((_, rest)) = name.split_once([',', '，']) else { return false };
    let bare = rest.replace('.', "");
    let is_suffix = |it: &str| TITLES.contains(&it) || GENERATIONS.iter().any(|suffix| suffix.0 == it);
    bare.split([' ', ',']).any(|it| !it.is_empty() && !is_suffix(it))
}

/// The name before a remark in brackets: a department, a nickname.
fn without_remark(name: &str) -> &str {
    match name.find(['(', '[', '"']) {
        Some(start) if start > 0 => name[..start].trim_end(),
        _ => name.trim_matches(['(', ')', '[', ']', '"']),
    }
}

/// Letters only; kana as katakana, Latin without marks.
fn plain(word: &str) -> SmolStr {
    let letters = word.chars().filter(|&it| is_word_letter(it) || it == 'ー');
    match word.chars().all(|it| is_kana(it) || it == '・') {
        true => letters.map(to_katakana).collect(),
        false if is_plain(word) => letters.collect(),
        false => SmolStr::new(without_marks(letters.collect::<String>().into())),
    }
}

fn without_honorific(word: &str) -> &str {
    let Some((honorific, bare)) = HONORIFICS.iter().find_map(|it| Some((*it, word.strip_suffix(it)?))) else {
        return word;
    };
    // 鵜殿 and 源氏 are names; 林様 is not.
    let may_belong_to_name = matches!(honorific, "殿" | "氏") && bare.chars().count() < 2;
    if may_belong_to_name { word } else { bare }
}
