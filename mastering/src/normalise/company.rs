//! Company names: the legal form and its place apart, then the key by which names are compared.

use smol_str::SmolStr;

use super::kana::{is_kana, to_katakana, to_large};
use super::kanji_variants::todays;
use super::legal_forms::{LegalForm, Position, is_form, strip};
use super::placeholders::is_placeholder;
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
}

impl CompanyName {
    /// `None` when the text says nothing.
    pub fn of(text: &str) -> Option<Self> {
        let folded = todays(folded(text));
        if is_placeholder(&folded) {
            return None;
        }
        let (name, form) = strip(without_branch(&folded));
        let key = key(name.strip_prefix("the ").unwrap_or(name));
        (!key.is_empty()).then(|| Self { loose: loose(&key), key, form })
    }

    /// Whether both legal forms are written and cannot be one, or stand at different ends.
    pub fn form_differs(&self, other: &Self) -> bool {
        let (Some((form, position)), Some((other_form, other_position))) = (self.form, other.form) else {
            return false;
        };
        form.contradicts(other_form) || (form == other_form && position != other_position)
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
    fn a_placeholder_is_no_company() {
        for text in ["[not provided]", "N/A", "個人", "ー", "---"] {
            assert_eq!(CompanyName::of(text), None, "{text}");
        }
    }
}
