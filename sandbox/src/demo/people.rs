//! Invented people in kanji, kana and romaji, and the contacts among them.

use std::collections::HashSet;

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

/// Mailbox names in use, by company: nobody at one company is spelled like another there, or it
/// would be anyone's guess who is whom.
#[derive(Debug, Default)]
pub(super) struct Taken(HashSet<(usize, String)>);

impl Taken {
    /// The names of people who are there already.
    pub(super) fn by(people: &[Person]) -> Taken {
        Taken(people.iter().map(|it| (it.company, spelling(it.family, it.given))).collect())
    }

    /// Takes a name; `false` when it was taken.
    pub(super) fn take(&mut self, company: usize, family: &Name, given: &Name) -> bool {
        self.0.insert((company, spelling(family, given)))
    }
}

/// Throws a person at a company, other than all those there.
pub(super) fn person(dice: &mut Dice, taken: &mut Taken, companies: &[Company], company: usize) -> Person {
    loop {
        let family = &FAMILY[dice.weighted(FAMILY.iter().map(|it| it.2))];
        let given = &GIVEN[dice.weighted(GIVEN.iter().map(|it| it.2))];
        // Thousands of names for a few hundred people: some throw succeeds, unless the org is far
        // beyond its scale, where a namesake is the lesser evil.
        if taken.take(company, family, given) || dice.percent(2) {
            return named(dice, companies, company, family, given);
        }
    }
}

/// The contacts of a demo org, in the order of their numbers.
pub(super) fn contacts(companies: &[Company], seed: u64) -> Vec<Person> {
    let mut dice = dice(seed, Stream::Contacts);
    let mut taken = Taken::default();
    // Everyone gets one, larger companies more.
    (0..CONTACTS)
        .map(|place| {
            let company = if place < companies.len() { place } else { dice.index(companies.len()) };
            person(&mut dice, &mut taken, companies, company)
        })
        .collect()
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

fn spelling(family: &Name, given: &Name) -> String {
    format!("{}.{}", letters(given.1), letters(family.1))
}

/// `taro.yamada@`, `yamada-taro@` or `yamada.taro12@`.
fn mailbox(dice: &mut Dice, family: &Name, given: &Name, domain: &str) -> String {
    let (last, first) = (letters(family.1), letters(given.1));
    match dice.below(3) {
        0 => format!("{first}.{last}@{domain}"),
        1 => format!("{last}-{first}@{domain}"),
        _ => format!("{last}.{first}{}@{domain}", 10 + dice.below(90)),
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
