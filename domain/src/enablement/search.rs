//! Finding texts in Japanese and English by what they contain.
//!
//! Japanese puts no spaces between words, so a text is known by its pairs of neighbouring characters: 提案書 stands in every
//! text that has 提案 and 案書 next to each other. Pairs find candidates; only the whole word says that it is there.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

/// Words of a search. More make no search clearer.
const MOST_WORDS: usize = 8;
/// Longest word of a search, in characters.
const LONGEST_WORD: usize = 64;

/// A text as it is compared: NFKC, in lower case, with single spaces.
pub fn fold(text: &str) -> String {
    let folded = text.nfkc().collect::<String>().to_lowercase();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a folded text is found by: its characters, and its pairs of neighbouring ones.
pub fn terms(folded: &str) -> BTreeSet<String> {
    let singles = folded.split(' ').flat_map(|word| word.chars().map(String::from));
    singles.chain(folded.split(' ').flat_map(pairs)).collect()
}

fn pairs(word: &str) -> impl Iterator<Item = String> {
    word.chars().zip(word.chars().skip(1)).map(|(one, next)| String::from_iter([one, next]))
}

/// What somebody searches for: every word must be in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWords(Vec<String>);

/// Nothing to search for, or too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("search for 1 to {MOST_WORDS} words of at most {LONGEST_WORD} characters each")]
pub struct InvalidSearch;

impl std::str::FromStr for SearchWords {
    type Err = InvalidSearch;

    fn from_str(text: &str) -> Result<Self, InvalidSearch> {
        let folded = fold(text);
        let words: Vec<String> = folded.split(' ').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let is_short = |it: &String| it.chars().count() <= LONGEST_WORD;
        match (1..=MOST_WORDS).contains(&words.len()) && words.iter().all(is_short) {
            true => Ok(Self(words)),
            false => Err(InvalidSearch),
        }
    }
}

impl SearchWords {
    /// The words, folded.
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// What a text must be known by to have every word: the pairs of each, or its only character.
    pub fn terms(&self) -> BTreeSet<String> {
        let of_word = |word: &String| match word.chars().count() {
            1 => vec![word.clone()],
            _ => pairs(word).collect(),
        };
        self.0.iter().flat_map(of_word).collect()
    }

    /// Whether a folded text has every word.
    pub fn are_in(&self, folded: &str) -> bool {
        self.0.iter().all(|it| folded.contains(it.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the pairs alone would find it, and whether it is there.
    fn search(text: &str, query: &str) -> (bool, bool) {
        let (folded, words) = (fold(text), query.parse::<SearchWords>().unwrap());
        let is_known = words.terms().is_subset(&terms(&folded));
        (is_known, words.are_in(&folded))
    }

    #[test]
    fn a_word_is_found_inside_a_sentence() {
        let text = "新しいＡＢＣ提案書のテンプレートです。Sales Kit 2026";
        for query in ["提案書", "提案", "書", "abc", "テンプレート", "ﾃﾝﾌﾟﾚｰﾄ", "kit sales", "。", "6", "2026"]
        {
            assert_eq!(search(text, query), (true, true), "{query}");
        }
    }

    #[test]
    fn pairs_that_do_not_touch_are_not_the_word() {
        assert_eq!(search("提案は案書ではない", "提案書"), (true, false));
        assert_eq!(search("提案", "提案書"), (false, false));
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        for query in ["", " \u{3000} ", "a b c d e f g h i", &"長".repeat(65)] {
            assert_eq!(query.parse::<SearchWords>(), Err(InvalidSearch));
        }
    }
}
