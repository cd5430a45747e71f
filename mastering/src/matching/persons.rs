//! The comparisons between people.

use super::evidence::{Comparison, Level};
use super::features::{Organisation, Person};
use super::hubs::Hubs;
use super::organisations;
use super::verdict::{Band, Scale, Verdict};
use crate::normalise::contact::is_mobile;
use crate::normalise::nicknames;
use crate::normalise::person::{PersonName, Script};
use crate::policy::MatchingPolicy;

/// Facts that come from different places: a name and its reading are one.
const IDENTIFIERS: &[&[Comparison]] = &[
    &[Comparison::Email],
    &[Comparison::Name, Comparison::Kana],
    &[Comparison::Phone],
    &[Comparison::Account],
];

/// Without one of these no amount of company evidence makes a match: colleagues share all the rest.
const PERSONAL: &[Comparison] = &[Comparison::Email, Comparison::Name, Comparison::Kana];
/// The same, where the telephone is somebody's own.
const PERSONAL_WITH_MOBILE: &[Comparison] =
    &[Comparison::Email, Comparison::Name, Comparison::Kana, Comparison::Phone];

/// The accounts two people belong to.
#[derive(Clone, Copy)]
pub(super) struct Accounts<'a> {
    pub(super) policy: &'a MatchingPolicy,
    pub(super) of_one: &'a Organisation,
    pub(super) of_other: &'a Organisation,
}

/// Compares two people.
pub(super) fn compare(
    policy: &MatchingPolicy,
    hubs: &Hubs,
    a: &Person,
    b: &Person,
    accounts: Accounts<'_>,
) -> Verdict {
    let shared = a.phones.iter().filter(|it| b.phones.contains(it));
    let mut shared = shared.filter(|it| !(is_mobile(it) && hubs.has_mobile(it))).peekable();
    let has_shared_phone = shared.peek().is_some();
    let has_shared_mobile = shared.any(|it| is_mobile(it));
    let name = name(policy, a.name.as_ref(), b.name.as_ref());
    // Whoever answers one mobile telephone may well have two mailboxes.
    let email = email(hubs, a, b).filter(|it| *it != Level::Different || !has_shared_mobile);
    let mut scale = Scale::new(policy.persons());
    scale.note(Comparison::Email, email);
    scale.note(Comparison::Name, name);
    scale.note(Comparison::Kana, reads_alike(a.name.as_ref(), b.name.as_ref(), name).then_some(Level::Equal));
    scale.note(Comparison::Phone, has_shared_phone.then_some(Level::Equal));
    scale.note(Comparison::Account, accounts.are_one().then_some(Level::Equal));
    scale.verdict(policy, IDENTIFIERS, Some(if has_shared_mobile { PERSONAL_WITH_MOBILE } else { PERSONAL }))
}

/// Two mailboxes at one company belong to two people, unless one looks like a second mailbox of the other's owner.
/// Mailboxes in two places say nothing: people have private ones.
fn email(hubs: &Hubs, a: &Person, b: &Person) -> Option<Level> {
    match (a.email.as_ref()?, b.email.as_ref()?) {
        (a, b) if a.address == b.address => (!hubs.has_email(&a.address)).then_some(Level::Equal),
        (a, b) if !a.is_at_company_of(b) => None,
        (a, b) => Some(if a.resembles(b) { Level::Similar } else { Level::Different }),
    }
}

/// Whether both name somebody, and not the same one.
pub(super) fn names_differ(policy: &MatchingPolicy, a: &Person, b: &Person) -> bool {
    name(policy, a.name.as_ref(), b.name.as_ref()) == Some(Level::Different)
}

impl Accounts<'_> {
    /// Known accounts decide; else the companies' own facts must reach REVIEW.
    fn are_one(self) -> bool {
        match (self.of_one.account, self.of_other.account) {
            (Some(a), Some(b)) => a == b,
            _ => {
                organisations::compare_employers(self.policy, self.of_one, self.of_other).band >= Band::Review
            }
        }
    }
}

/// `None` when a name is missing, not whole, or in a script that cannot be compared letter by letter.
fn name(policy: &MatchingPolicy, a: Option<&PersonName>, b: Option<&PersonName>) -> Option<Level> {
    let (a, b) = (a?, b?);
    if a.generation != b.generation && a.generation.is_some() && b.generation.is_some() {
        return Some(Level::Different);
    }
    if a.script != b.script {
        return None;
    }
    if is_half(a) || is_half(b) {
        // A family name alone says little: 佐藤 and 佐藤 are 1.9 million people. 佐藤 and 鈴木 花子 are two.
        let is_part = a.whole.contains(&b.whole) || b.whole.contains(&a.whole);
        return (!is_part).then_some(Level::Different);
    }
    let is_equal = a.whole == b.whole || a.whole == b.turned() || a.turned() == b.whole;
    Some(match is_equal {
        true => Level::Equal,
        false if is_similar(policy, a, b) => Level::Similar,
        false => Level::Different,
    })
}

/// Whether only a family name is known. An unsplit kanji name of four characters or more is taken for a whole one.
fn is_half(name: &PersonName) -> bool {
    name.given.is_empty() && (name.script != Script::Kanji || name.whole.chars().count() < 4)
}

fn is_similar(policy: &MatchingPolicy, a: &PersonName, b: &PersonName) -> bool {
    have_one_reading(a, b) || is_initial(a, b) || is_initial(b, a) || is_spelling(policy, a, b)
}

/// Whether both readings are whole and equal. The reading of a family name alone is shared by many.
fn have_one_reading(a: &PersonName, b: &PersonName) -> bool {
    a.reading == b.reading && a.reading.as_ref().is_some_and(|it| it.contains(' '))
}

/// "J. Yamada" may be Jiro Yamada.
fn is_initial(short: &PersonName, long: &PersonName) -> bool {
    let mut letters = short.given.chars();
    match (letters.next(), letters.next()) {
        (Some(initial), None) if initial.is_ascii_alphabetic() => {
            short.family == long.family && long.given.starts_with(initial)
        }
        _ => false,
    }
}

/// A slip, a nickname or a part left out. In kanji one letter makes another name.
fn is_spelling(policy: &MatchingPolicy, a: &PersonName, b: &PersonName) -> bool {
    let family = |a: &str, b: &str| is_alike(policy, a, b) || is_part(a, b);
    let given = |a: &str, b: &str| family(a, b) || nicknames::are_of_one_name(a, b);
    // Both parts must be alike: relatives and namesakes share one of them whole.
    let is_in_order = || family(&a.family, &b.family) && given(&a.given, &b.given);
    let is_turned = || family(&a.family, &b.given) && family(&a.given, &b.family);
    a.script != Script::Kanji && (is_in_order() || is_turned())
}

/// Equal, or one slip in a long enough part: Lee and Leo are two.
fn is_alike(policy: &MatchingPolicy, a: &str, b: &str) -> bool {
    let is_long = |it: &str| it.chars().count() >= 4;
    a == b || (is_long(a) && is_long(b) && strsim::jaro_winkler(a, b) >= policy.name_similarity)
}

/// Whether one is the other with something added: a middle name, or a second family name (Siad, Siad-Mitchell).
fn is_part(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.chars().count() >= 3 && short.is_ascii() && (long.starts_with(short) || long.ends_with(short))
}

/// Equal readings, where they say more than the names have said already.
fn reads_alike(a: Option<&PersonName>, b: Option<&PersonName>, name: Option<Level>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    let adds = match name {
        Some(Level::Different) => false,
        Some(_) => a.has_kana && b.has_kana,
        None => a.script != b.script,
    };
    adds && have_one_reading(a, b)
}

#[cfg(test)]
#[path = "persons_tests.rs"]
mod tests;
