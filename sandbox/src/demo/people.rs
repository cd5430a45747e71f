//! Invented people in kanji, kana and romaji, and the contacts among them.

use super::companies::Company;
use super::companies_text::romaji;
use super::dice;
use super::dice::{Dice, Stream};
use super::names::{FAMILY, GIVEN, Name, TITLES};

/// How many contacts the demo's accounts have.
const CONTACTS: usize = 1_500;

/// Somebody at a company.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) family: &'static Name,
    pub(super) given: &'static Name,
    pub(super) title: &'static str,
    pub(super) department: &'static str,
    /// Place of the company in the sample.
    pub(super) company: usize,
    pub(super) mailbox: String,
    pub(super) mobile: String,
}

/// Throws a person at a company.
pub(super) fn person(dice: &mut Dice, companies: &[Company], company: usize) -> Person {
    let family = &FAMILY[dice.weighted(FAMILY.iter().map(|it| it.2))];
    let given = &GIVEN[dice.weighted(GIVEN.iter().map(|it| it.2))];
    named(dice, companies, company, family, given)
}

/// Throws the rest of a person whose name is given.
pub(super) fn named(
    dice: &mut Dice,
    companies: &[Company],
    company: usize,
    family: &'static Name,
    given: &'static Name,
) -> Person {
    let (title, department) = dice.pick(TITLES);
    let mailbox = mailbox(dice, family, given, &companies[company].domain);
    Person { family, given, title, department, company, mailbox, mobile: mobile(dice) }
}

/// The contacts of a demo org, in the order of their numbers.
pub(super) fn contacts(companies: &[Company], seed: u64) -> Vec<Person> {
    let mut dice = dice(seed, Stream::Contacts);
    // Everyone gets one, larger companies more.
    (0..CONTACTS)
        .map(|place| {
            let company = if place < companies.len() { place } else { dice.index(companies.len()) };
            person(&mut dice, companies, company)
        })
        .collect()
}

/// `taro.yamada@`, `t-yamada@` or `yamada123@`, as the company's habit may be.
fn mailbox(dice: &mut Dice, family: &Name, given: &Name, domain: &str) -> String {
    let (last, first) = (letters(family.1), letters(given.1));
    let initial = &first[..1];
    // The number keeps the mailboxes of namesakes apart.
    let number = dice.below(10_000);
    match number % 3 {
        0 => format!("{first}.{last}{}@{domain}", number / 100),
        1 => format!("{initial}-{last}{number}@{domain}"),
        _ => format!("{last}{number}@{domain}"),
    }
}

/// No mobile number has a 0 after its first three digits.
fn mobile(dice: &mut Dice) -> String {
    let prefix = ["070", "080", "090"][dice.index(3)];
    format!("{prefix}-0{:03}-{:04}", dice.below(1000), dice.below(10_000))
}

/// Romaji in lower case, letters only.
pub(super) fn letters(katakana: &str) -> String {
    let mut letters = romaji(katakana).to_lowercase();
    letters.retain(|it| it.is_ascii_alphabetic());
    letters
}
