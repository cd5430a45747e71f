//! Names of people: order, script, honorifics and reading.

use super::kana::{is_ideograph, is_kana, to_katakana};
use super::kanji_variants::in_todays_form;
use super::placeholders::is_placeholder;
use super::reading::loose;
use super::text::folded;

const HONORIFICS: &[&str] = &["様", "さま", "さん", "殿", "氏", "先生"];
const TITLES: &[&str] = &["mr", "mrs", "ms", "miss", "dr", "prof", "phd", "mba", "cpa", "esq"];
/// Identity, not decoration: father and son are two people.
const GENERATIONS: &[&str] = &["jr", "sr", "ii", "iii", "iv"];

/// Script of a name. Names in different scripts cannot be compared letter by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Kanji, with or without kana.
    Kanji,
    /// Hiragana or katakana only.
    Kana,
    /// Latin and others.
    Latin,
}

/// The name of a person, taken apart for comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Family name; the whole name when it is not split.
    pub family: String,
    /// Given name; empty when the name is not split.
    pub given: String,
    /// Family and given name together.
    pub whole: String,
    /// Jr, Sr, III and the like.
    pub generation: Option<&'static str>,
    /// Script of the whole.
    pub script: Script,
    /// Loose reading, its parts in the order of the alphabet; from the kana, or from the name where it shows its sound.
    pub reading: Option<String>,
    /// Whether the reading was given apart from the name.
    pub has_kana: bool,
}

/// The four fields of a name, as written.
#[derive(Debug, Clone, Copy, Default)]
pub struct WrittenName<'a> {
    /// Last name, or the whole name.
    pub last: Option<&'a str>,
    /// First name.
    pub first: Option<&'a str>,
    /// Reading of the last name.
    pub last_kana: Option<&'a str>,
    /// Reading of the first name.
    pub first_kana: Option<&'a str>,
}

impl PersonName {
    /// `None` when nobody is named.
    pub fn of(written: WrittenName<'_>) -> Option<Self> {
        let mut generation = None;
        let mut clean = |text: Option<&str>| text.and_then(|it| words(it, &mut generation));
        let (last, first) = (clean(written.last), clean(written.first));
        let (family, given) = match (last, first) {
            (Some(last), Some(first)) => (last.concat(), first.concat()),
            (Some(whole), None) => split(&whole, written.last),
            (None, Some(whole)) => split(&whole, written.first),
            (None, None) => return None,
        };
        let whole = format!("{family}{given}");
        let script = script(&whole);
        let kana = reading(written.last_kana, written.first_kana);
        let has_kana = kana.is_some();
        let shown = || (script != Script::Kanji).then(|| reading(Some(&family), Some(&given))).flatten();
        Some(Self { reading: kana.or_else(shown), family, given, whole, generation, script, has_kana })
    }

    /// Given name before family name.
    pub fn turned(&self) -> String {
        format!("{}{}", self.given, self.family)
    }
}

/// The words of a name without titles and middle initials. `None` when nothing is said.
fn words(text: &str, generation: &mut Option<&'static str>) -> Option<Vec<String>> {
    let folded: String = folded(text).chars().map(in_todays_form).collect();
    if is_placeholder(&folded) {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    for word in
        folded.split([' ', ',', '　']).map(|it| it.trim_matches(['.', '(', ')'])).filter(|it| !it.is_empty())
    {
        // Ii is a family name too; a generation never stands first.
        match GENERATIONS.iter().find(|it| **it == word && !words.is_empty()) {
            Some(&it) => *generation = Some(it),
            None if TITLES.contains(&word) || HONORIFICS.contains(&word) => {}
            None => words.push(plain(word)),
        }
    }
    if let Some(last) = words.last_mut() {
        *last = without_honorific(last).to_owned();
    }
    if !is_turned(text) {
        // A middle initial comes and goes; one that stands first is all there is of the given name.
        let mut place = 0..;
        words.retain(|it| place.next() == Some(0) || !it.is_ascii() || it.len() > 1);
    }
    words.retain(|it| !it.is_empty());
    (!words.is_empty()).then_some(words)
}

/// Letters only; kana as katakana.
fn plain(word: &str) -> String {
    let letters = word.chars().filter(|&it| it.is_alphanumeric() || it == 'ー');
    match word.chars().all(|it| is_kana(it) || it == '・') {
        true => letters.map(to_katakana).collect(),
        false => letters.collect(),
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

/// Family and given name of a whole name in one field. Latin names end in the family name unless a comma turns them;
/// should that be wrong, comparing tries both orders.
fn split(words: &[String], written: Option<&str>) -> (String, String) {
    match words {
        [given @ .., family] if !written.is_some_and(is_turned) && script(family) == Script::Latin => {
            (family.clone(), given.concat())
        }
        [family, given @ ..] => (family.clone(), given.concat()),
        [] => (String::new(), String::new()),
    }
}

/// Whether a comma puts the family name first.
fn is_turned(written: &str) -> bool {
    written.contains([',', '，'])
}

fn script(name: &str) -> Script {
    match (name.chars().any(is_ideograph), name.chars().any(is_kana)) {
        (true, _) => Script::Kanji,
        (false, true) => Script::Kana,
        (false, false) => Script::Latin,
    }
}

/// The order of a reading is unreliable in romaji, so its parts are sorted.
fn reading(family: Option<&str>, given: Option<&str>) -> Option<String> {
    let folded = [family, given].into_iter().flatten().map(folded).filter(|it| !is_placeholder(it));
    let mut parts: Vec<String> = folded
        .flat_map(|it| it.split(' ').map(loose).collect::<Vec<_>>())
        .filter(|it| !it.is_empty())
        .collect();
    parts.sort();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(last: &str, first: &str) -> PersonName {
        PersonName::of(WrittenName { last: Some(last), first: Some(first), ..WrittenName::default() })
            .unwrap()
    }

    #[test]
    fn spellings_of_one_name_have_one_form() {
        for (last, first) in [
            ("山田", "太郎"),
            ("山田　太郎", ""),
            ("山田太郎", "-"),
            ("山田", "太郎 様"),
            ("山田 太郎さん", ""),
        ] {
            assert_eq!(name(last, first).whole, "山田太郎", "{last}|{first}");
        }
        assert_eq!(name("髙橋", "太郎").whole, name("高橋", "太郎").whole);
        assert_eq!(name("やまだ", "たろう").whole, name("ﾔﾏﾀﾞ", "ﾀﾛｳ").whole);
        assert_eq!(name("Smith", "Dr. John Q.").whole, name("SMITH", "John").whole);
        assert_eq!(name("John Quincy Smith", ""), name("Smith", "John Quincy"));
        assert_eq!(name("Smith, John", ""), name("Smith", "John"));
        assert_eq!(name("Taro", "Yamada").turned(), name("Yamada", "Taro").whole);
    }

    #[test]
    fn a_reading_does_not_depend_on_script_or_order() {
        assert_eq!(name("Yamada", "Taro").reading, name("タロウ", "ヤマダ").reading);
        assert_eq!(name("山田", "太郎").reading, None);
        let kana = WrittenName {
            last: Some("山田"),
            first: Some("太郎"),
            last_kana: Some("ヤマダ"),
            first_kana: Some("タロウ"),
        };
        assert_eq!(PersonName::of(kana).unwrap().reading, name("Taro", "Yamada").reading);
    }

    #[test]
    fn generations_are_kept_apart() {
        assert_eq!(name("Smith Jr.", "John").generation, Some("jr"));
        assert_eq!(name("Smith Jr.", "John").whole, name("Smith", "John").whole);
    }

    #[test]
    fn nobody_is_nobody() {
        let nobody = WrittenName { last: Some("不明"), first: Some("-"), ..WrittenName::default() };
        assert_eq!(PersonName::of(nobody), None);
    }
}
