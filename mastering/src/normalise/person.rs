//! Names of people: family and given name, script, and how they sound.

use std::sync::Arc;

use smol_str::SmolStr;

use super::kana::{is_ideograph, is_kana};
use super::name_dictionary::{end_of_family_name, family_readings, given_readings};
use super::person_words::Words;
use super::reading::{Readings, loose};

/// Words that open a family name: van der Berg.
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "la", "le", "du", "al", "bin", "st",
];

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

/// The family or the given name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePart {
    /// Its letters; empty when it is not known.
    pub text: SmolStr,
    /// How it may sound, in loose form.
    pub readings: Readings,
    /// What it is written in.
    pub script: Script,
}

/// The name of a person, taken apart for comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Family name; the whole name when it cannot be split.
    pub family: NamePart,
    /// First given name; empty when the name cannot be split.
    pub given: NamePart,
    /// Family and given name together.
    pub whole: SmolStr,
    /// First letter of a second given name.
    pub middle: Option<char>,
    /// Jr, Sr, III and the like.
    pub generation: Option<&'static str>,
    /// Whether the readings were given, not looked up.
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
        let (last, first) = (Words::of(written.last), Words::of(written.first));
        let generation = last.generation.or(first.generation);
        let (family, given, middle) = match (last.words.is_empty(), first.words.is_empty()) {
            (false, false) => both(last.words, first.words),
            (false, true) => split(last),
            (true, false) => only_first(first),
            (true, true) => return None,
        };
        let kana = Kana::of(written);
        Some(Self {
            whole: [family.as_str(), &given].into_iter().collect(),
            has_kana: kana.is_given(),
            family: NamePart::of(family, kana.family, family_readings),
            given: NamePart::of(given, kana.given, given_readings),
            middle,
            generation,
        })
    }

    /// Whether only one part is known. An unsplit kanji name of four characters or more is taken for a whole one.
    pub fn is_half(&self) -> bool {
        self.family.text.is_empty()
            || self.given.text.is_empty()
                && (self.family.script != Script::Kanji || self.whole.chars().count() < 4)
    }

    /// Whether nobody gave the reading of a name in kanji.
    pub fn can_learn(&self) -> bool {
        !self.has_kana && self.family.script == Script::Kanji
    }

    /// Takes over how the owner of a mailbox spells the name, unless that is somebody else's.
    pub fn learn_from(&mut self, spelled: [SmolStr; 2]) {
        if !self.can_learn() {
            return;
        }
        let [a, b] = spelled;
        let is_family = |it: &str| self.family.readings.contain(it);
        let is_given = |it: &str| self.given.readings.contain(it);
        let (family, given) = match () {
            () if is_family(&a) || is_given(&b) => (a, b),
            () if is_family(&b) || is_given(&a) => (b, a),
            () if self.family.readings.is_empty() => (a, b),
            () => return,
        };
        let is_order_known = is_family(&family) || is_given(&given);
        (self.family.readings, self.given.readings) = match is_order_known {
            true => (Readings::Told(family), Readings::Told(given)),
            false => {
                let either: Arc<[SmolStr; 2]> = Arc::new([family, given]);
                (Readings::Either(Arc::clone(&either)), Readings::Either(either))
            }
        };
    }
}

impl NamePart {
    fn of(text: SmolStr, kana: Option<SmolStr>, look_up: impl Fn(&str) -> &'static [&'static str]) -> Self {
        let script = script(&text);
        let readings = match (kana, script) {
            (Some(kana), _) => Readings::Told(kana),
            (None, Script::Kanji) => Readings::Listed(look_up(&text)),
            (None, _) if text.is_empty() => Readings::NONE,
            (None, _) => Readings::Told(loose(&text)),
        };
        Self { text, readings, script }
    }

    /// Whether both may sound alike; `None` when one is not known to sound like anything.
    pub fn sounds_like(&self, other: &Self) -> Option<bool> {
        if self.readings.is_empty() || other.readings.is_empty() {
            return None;
        }
        Some(self.readings.iter().any(|it| other.readings.contain(it)))
    }
}

/// The readings given apart from the name.
struct Kana {
    family: Option<SmolStr>,
    given: Option<SmolStr>,
}

impl Kana {
    fn of(written: WrittenName<'_>) -> Self {
        let sounds = |text| -> Vec<SmolStr> {
            let sounds = Words::of(text).words.into_iter().map(|it| loose(&it));
            sounds.filter(|it| !it.is_empty()).collect()
        };
        let (last, first) = (sounds(written.last_kana), sounds(written.first_kana));
        match (last.as_slice(), first.as_slice()) {
            ([family, given], []) | ([], [family, given]) => {
                Self { family: Some(family.clone()), given: Some(given.clone()) }
            }
            _ => {
                let whole = |it: &[SmolStr]| (!it.is_empty()).then(|| concat(it));
                Self { family: whole(&last), given: whole(&first) }
            }
        }
    }

    fn is_given(&self) -> bool {
        self.family.is_some() || self.given.is_some()
    }
}

type Parts = (SmolStr, SmolStr, Option<char>);

/// A name in two fields. Only Latin names have second given names.
fn both(last: Vec<SmolStr>, first: Vec<SmolStr>) -> Parts {
    let family = concat(&last);
    let (given, middle) = given(&first);
    // Some type the whole name into one field and a part of it into the other: 山田 太郎 | 太郎.
    match family.strip_suffix(given.as_str()) {
        Some(rest) if !rest.is_empty() && script(&family) != Script::Latin => (rest.into(), given, middle),
        _ if is_turned(&family, &given) => (given, family, None),
        _ => (family, given, middle),
    }
}

/// 太郎 | 山田: each is known as what the other should be, and not as what it stands for.
fn is_turned(family: &str, given: &str) -> bool {
    family_readings(family).is_empty()
        && !family_readings(given).is_empty()
        && !given_readings(family).is_empty()
}

/// The first given name and the first letter of the second.
fn given(words: &[SmolStr]) -> (SmolStr, Option<char>) {
    match words {
        [first, second, ..] if script(first) == Script::Latin => (first.clone(), second.chars().next()),
        _ => (concat(words), None),
    }
}

/// A whole name in one field. Latin names end in the family name unless a comma turns them; should that be wrong,
/// comparing tries both orders. A name in kanji without a space is split by the dictionary.
fn split(whole: Words) -> Parts {
    let words = whole.words;
    let is_latin = words.iter().all(|it| script(it) == Script::Latin);
    match words.as_slice() {
        [only] => {
            let end = if is_latin { None } else { end_of_family_name(only) };
            let (family, given) = only.split_at(end.unwrap_or(only.len()));
            (family.into(), given.into(), None)
        }
        [first, rest @ ..] if is_latin && !whole.is_turned => {
            let particle = rest.iter().position(|it| PARTICLES.contains(&it.as_str()));
            let start = particle.unwrap_or(rest.len().saturating_sub(1));
            let middle = rest[..start].first().and_then(|it| it.chars().next());
            (concat(&rest[start..]), first.clone(), middle)
        }
        [family, rest @ ..] => {
            let (given, middle) = given(rest);
            (family.clone(), given, middle)
        }
        [] => (SmolStr::default(), SmolStr::default(), None),
    }
}

/// A first name alone, unless the field holds the whole name.
fn only_first(first: Words) -> Parts {
    let (family, given, middle) = split(first);
    if given.is_empty() { (given, family, middle) } else { (family, given, middle) }
}

fn concat(words: &[SmolStr]) -> SmolStr {
    words.iter().map(SmolStr::as_str).collect()
}

fn script(name: &str) -> Script {
    match (name.chars().any(is_ideograph), name.chars().any(is_kana)) {
        (true, _) => Script::Kanji,
        (false, true) => Script::Kana,
        (false, false) => Script::Latin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(last: &str, first: &str) -> PersonName {
        PersonName::of(WrittenName { last: Some(last), first: Some(first), ..WrittenName::default() })
            .unwrap()
    }

    #[track_caller]
    fn check(last: &str, first: &str, family: &str, given: &str) {
        let name = name(last, first);
        assert_eq!((name.family.text.as_str(), name.given.text.as_str()), (family, given), "{last}|{first}");
    }

    #[test]
    fn spellings_of_one_japanese_name_have_one_form() {
        for (last, first) in [
            ("山田", "太郎"),
            ("山田　太郎", ""),
            ("山田太郎", "-"),
            ("", "山田太郎"),
            ("山田太郎", "太郎"),
            ("太郎", "山田"),
            ("山田", "太郎 様"),
            ("山田 太郎さん", ""),
            ("山田 太郎（営業部）", ""),
        ] {
            check(last, first, "山田", "太郎");
        }
        check("髙橋", "太郎", "高橋", "太郎");
        check("やまだ", "たろう", "ヤマダ", "タロウ");
        check("ﾔﾏﾀﾞ ﾀﾛｳ", "", "ヤマダ", "タロウ");
        check("田中", "三四郎", "田中", "三四郎");
        check("", "太郎", "", "太郎");
    }

    #[test]
    fn spellings_of_one_latin_name_have_one_form() {
        for (last, first) in [
            ("Smith", "Dr. John Q."),
            ("SMITH", "John"),
            ("John Quincy Smith", ""),
            ("Smith, John", ""),
            ("Smith, John, PhD", ""),
            ("John Smith, Jr.", ""),
            ("Smith", "John (Jack)"),
        ] {
            check(last, first, "smith", "john");
        }
        check("Müller", "Zoë", "muller", "zoe");
        check("Łukasz Sørensen", "", "sorensen", "lukasz");
        check("Ludwig van der Berg", "", "vanderberg", "ludwig");
        check("O'Brien", "Mary-Ann", "obrien", "maryann");
        assert_eq!(name("Smith", "John Q.").middle, Some('q'));
        assert_eq!(name("John Quincy Smith", "").middle, Some('q'));
    }

    #[test]
    fn a_reading_does_not_depend_on_script() {
        let latin = name("Yamada", "Taro");
        assert_eq!(latin.family.readings, name("ヤマダ", "タロウ").family.readings);
        assert_eq!(latin.given.sounds_like(&name("山田", "太郎").given), Some(true));
        assert_eq!(latin.given.sounds_like(&name("山田", "花子").given), Some(false));
        assert_eq!(latin.family.sounds_like(&name("極洋", "花子").family), None);
        let kana = WrittenName {
            last: Some("東海林"),
            last_kana: Some("トウカイリン タロウ"),
            ..WrittenName::default()
        };
        let told = Readings::Told(loose("トウカイリン"));
        assert_eq!(PersonName::of(kana).unwrap().family.readings, told);
    }

    #[test]
    fn a_mailbox_tells_how_its_owner_sounds() {
        let spelled = || [loose("hiroko"), loose("sato")];
        let mut known = name("佐藤", "裕子");
        known.learn_from(spelled());
        assert_eq!(
            (known.family.readings, known.given.readings),
            (Readings::Told(loose("sato")), Readings::Told(loose("hiroko")))
        );
        let mut other = name("鈴木", "一郎");
        other.learn_from(spelled());
        assert_eq!(other.family.readings, Readings::Told(loose("suzuki")));
    }

    #[test]
    fn generations_are_kept_apart() {
        for written in ["Smith Jr.", "Smith, Junior"] {
            assert_eq!(name(written, "John").generation, Some("jr"), "{written}");
        }
        assert_eq!(name("John Smith III", "").generation, Some("iii"));
    }

    #[test]
    fn nobody_is_nobody() {
        let nobody = WrittenName { last: Some("不明"), first: Some("-"), ..WrittenName::default() };
        assert_eq!(PersonName::of(nobody), None);
    }
}
