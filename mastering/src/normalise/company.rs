//! Company names: the legal form and its place apart, then the key by which names are compared.

use smol_str::SmolStr;

use super::kana::{is_kana, to_katakana, to_large};
use super::kanji_variants::todays;
use super::legal_forms::{LegalForm, Position, is_form, strip};
use super::placeholders::is_placeholder;
use super::reading;
use super::text::{folded, is_hyphen, is_word_letter};

/// A part of a company, written after its name.
const BRANCHES: &[&str] =
    &["本社", "本店", "支店", "支社", "営業所", "出張所", "事業所", "事業部", "工場", "部", "課", "御中"];

/// A company's name, taken apart for comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyName {
    /// The name without legal form, spaces and punctuation.
    pub key: SmolStr,
    /// The key with small kana made large and long vowels dropped; equal ones are similar, not equal.
    pub loose: SmolStr,
    /// The legal form and where it stands, if one is written.
    pub form: Option<(LegalForm, Position)>,
    /// Where words begin in a key in Latin letters, a bit for each byte. Empty where one begins behind the last bit.
    word_starts: u32,
}

/// Letters of a name that a domain spells, at least: shorter ones are abbreviations that many share.
const LEAST_SPELLED: usize = 5;
/// Letters of an acronym, at least.
const LEAST_INITIALS: u32 = 3;

impl CompanyName {
    /// `None` when the text says nothing.
    pub fn of(text: &str) -> Option<Self> {
        let folded = todays(folded(text));
        if is_placeholder(&folded) {
            return None;
        }
        let (name, form) = strip(without_branch(&folded));
        let name = name.strip_prefix("the ").unwrap_or(name);
        let key = key(name);
        (!key.is_empty()).then(|| Self { loose: loose(&key), word_starts: word_starts(name), key, form })
    }

    /// Whether both legal forms are written and cannot be one, or stand at different ends.
    pub fn form_differs(&self, other: &Self) -> bool {
        let (Some((form, position)), Some((other_form, other_position))) = (self.form, other.form) else {
            return false;
        };
        form.contradicts(other_form) || (form == other_form && position != other_position)
    }

    /// Whether it is the initials of the other: IBM, International Business Machines.
    pub fn is_acronym_of(&self, long: &Self) -> bool {
        let initials = long.word_starts.count_ones();
        let starts = (0..u32::BITS as usize).filter(|it| long.word_starts >> it & 1 == 1);
        initials >= LEAST_INITIALS
            && self.key.len() == initials as usize
            && self.key.bytes().eq(starts.map(|it| long.key.as_bytes()[it]))
    }

    /// Whether a domain is spelled from the name: kaneko-seeds.jp from Kaneko Seeds, kagome.co.jp from カゴメ.
    pub fn is_spelled_by(&self, domain: &str) -> bool {
        let label = domain.split('.').next().unwrap_or_default().replace('-', "");
        let has_sound = self.key.is_ascii() || self.is_kana();
        has_sound && label.len() >= LEAST_SPELLED && reading::loose(&self.key) == reading::loose(&label)
    }

    /// Whether it is written in kana only, so that it may be the reading of another name.
    pub fn is_kana(&self) -> bool {
        self.key.chars().all(is_kana)
    }
}

/// 株式会社 中村屋本店 keeps its 本店: what stands before the last space is no name.
fn without_branch(name: &str) -> &str {
    match name.rsplit_once(' ') {
        Some((company, part)) if BRANCHES.iter().any(|it| part.ends_with(it)) && !is_form(company) => {
            without_branch(company)
        }
        _ => name.strip_suffix("御中").unwrap_or(name),
    }
}

/// After a kana a hyphen is a long vowel typed with the wrong key; anywhere else it is punctuation.
fn key(name: &str) -> SmolStr {
    let mut key = String::with_capacity(name.len());
    for character in name.chars() {
        if is_word_letter(character) && character != 'ー' {
            key.push(character);
        } else if is_hyphen(character) && key.chars().next_back().is_some_and(is_kana) {
            key.push('ー');
        } else if character == '&' {
            key.push_str("and");
        }
    }
    key.into()
}

/// Where words begin in the key of a name in Latin letters. "&" stands for a word of its own, which no acronym counts.
fn word_starts(name: &str) -> u32 {
    let (mut starts, mut length, mut is_within) = (0, 0, false);
    for character in name.chars() {
        let is_letter = is_word_letter(character);
        if is_letter && !is_within {
            if !character.is_ascii() || length >= u32::BITS {
                return 0;
            }
            starts |= 1 << length;
        }
        is_within = is_letter || character == '\'';
        length += match character {
            '&' => 3,
            _ if is_letter => 1,
            _ => 0,
        };
    }
    starts
}

fn loose(key: &str) -> SmolStr {
    key.chars().filter(|&it| it != 'ー').map(to_katakana).map(to_large).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> CompanyName {
        CompanyName::of(text).unwrap()
    }

    #[test]
    fn spellings_of_one_company_have_one_key() {
        for spelling in
            ["株式会社極洋", "㈱極洋", "（株）極洋", "㍿ 極 洋", "株式會社　極洋", "極洋", "㈱極洋　東京支店"]
        {
            assert_eq!(name(spelling).key, "極洋", "{spelling}");
        }
        assert_eq!(name("ＡＢＣ・デ-タ Co., Ltd.").key, name("abcデータ").key);
        assert_eq!(name("Procter & Gamble Inc.").key, name("procter and gamble").key);
        assert_eq!(name("株式会社 中村屋本店").key, name("㈱中村屋本店").key);
        assert_eq!(name("髙島屋").key, name("高島屋").key);
    }

    #[test]
    fn small_kana_and_long_vowels_are_similar_only() {
        assert_ne!(name("キャノン").key, name("キヤノン").key);
        assert_eq!(name("キャノン").loose, name("キヤノン").loose);
        assert_eq!(name("日本コンピュータ").loose, name("日本コンピューター").loose);
    }

    #[test]
    fn the_place_of_the_form_counts_when_both_are_written() {
        assert!(name("アシスト株式会社").form_differs(&name("株式会社アシスト")));
        assert!(name("有限会社アシスト").form_differs(&name("株式会社アシスト")));
        assert!(!name("アシスト").form_differs(&name("株式会社アシスト")));
        assert!(!name("ABC Co., Ltd.").form_differs(&name("株式会社ABC")));
    }

    #[test]
    fn an_acronym_has_the_initials_of_its_name() {
        let is_acronym = |short: &str, long: &str| name(short).is_acronym_of(&name(long));
        assert!(is_acronym("IBM", "International Business Machines Corp."));
        assert!(is_acronym("I.B.M. Inc.", "International-Business Machines"));
        assert!(!is_acronym("IBM", "International Business"));
        assert!(!is_acronym("HP", "Hewlett Packard"));
        assert!(!is_acronym("IBM", "IBM"));
        assert!(!is_acronym("極洋", "極 洋"));
        let long = "Association of Very Long Company Names and Words";
        assert!(!is_acronym("AOVLCNAW", long));
    }

    #[test]
    fn a_domain_may_spell_the_name() {
        let is_spelled = |company: &str, domain| name(company).is_spelled_by(domain);
        assert!(is_spelled("KANEKO SEEDS CO., LTD.", "kanekoseeds.jp"));
        assert!(is_spelled("Kaneko Seeds", "kaneko-seeds.co.jp"));
        assert!(is_spelled("カゴメ株式会社", "kagome.co.jp"));
        assert!(is_spelled("Itoh Shoten", "ito-shoten.co.jp"));
        assert!(!is_spelled("極洋", "kyokuyo.co.jp"));
        assert!(!is_spelled("NTT", "ntt.co.jp"));
        assert!(!is_spelled("Kaneko", "kanekoseeds.jp"));
    }

    #[test]
    fn a_placeholder_is_no_company() {
        for text in ["[not provided]", "N/A", "個人", "ー", "---"] {
            assert_eq!(CompanyName::of(text), None, "{text}");
        }
    }
}
