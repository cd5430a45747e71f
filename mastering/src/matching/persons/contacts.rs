//! Mailboxes and telephones of two people.

use super::super::evidence::Level;
use super::super::features::Person;
use super::super::hubs::Hubs;
use crate::normalise::mailbox::Mailbox;
use crate::normalise::person::PersonName;
use crate::normalise::phone::Line;
use crate::normalise::similarity::slips;

/// Two mailboxes at one company belong to two people, unless both are spelled from the name of one. Mailboxes in two
/// places say little: people have private ones.
pub(super) fn email(hubs: &Hubs, a: &Person, b: &Person) -> Option<Level> {
    let (mine, theirs) = (a.email.as_ref()?, b.email.as_ref()?);
    if mine.address == theirs.address {
        return (!hubs.has_email(&mine.address)).then_some(Level::Equal);
    }
    Some(match () {
        () if mine.is_slip_of(theirs) => Level::Similar,
        () if mine.is_at_company_of(theirs) => match is_second_of(a, b, mine, theirs) {
            true => Level::Variant,
            false => Level::Different,
        },
        () if mine.has_user_name_of(theirs) => Level::Partial,
        () => Level::Elsewhere,
    })
}

/// Whether two mailboxes at one company are spelled alike but numbered: john.smith2 is the second John Smith there.
pub(super) fn are_numbered(a: &Person, b: &Person) -> bool {
    let (Some(mine), Some(theirs)) = (&a.email, &b.email) else { return false };
    mine.is_at_company_of(theirs) && !mine.has_number_of(theirs) && mine.has_letters_of(theirs)
}

fn is_second_of(a: &Person, b: &Person, mine: &Mailbox, theirs: &Mailbox) -> bool {
    let fit = |it: &Option<PersonName>| it.as_ref().is_some_and(|it| fits(mine, it) && fits(theirs, it));
    mine.has_number_of(theirs) && (fit(&a.name) || fit(&b.name) || mine.shares_word(theirs))
}

fn fits(mailbox: &Mailbox, name: &PersonName) -> bool {
    let spelling = mailbox.spelling();
    let given = || name.given.readings.iter().map(AsRef::as_ref).chain([""]);
    name.family.readings.iter().any(|family| given().any(|given| spelling.fits(family, given)))
}

/// The best of all pairs of lines.
pub(super) fn phone(hubs: &Hubs, a: &Person, b: &Person) -> Option<Level> {
    let pairs = a.phones.iter().flat_map(|mine| b.phones.iter().map(move |theirs| (mine, theirs)));
    pairs.filter_map(|(mine, theirs)| line(hubs, mine, theirs)).min()
}

/// A land line that rings at several desks is shared; with the same extension it rings at one.
fn line(hubs: &Hubs, a: &Line, b: &Line) -> Option<Level> {
    if a.is_mobile() != b.is_mobile() {
        return None;
    }
    if a.number != b.number {
        let is_slip = a.number.len() == b.number.len() && slips(&a.number, &b.number, 1).is_some();
        return Some(if is_slip { Level::Similar } else { Level::Different });
    }
    if hubs.has_phone(&a.number) {
        return None;
    }
    match (a.is_mobile(), a.extension.as_str(), b.extension.as_str()) {
        (true, _, _) => Some(Level::Equal),
        (false, "", _) | (false, _, "") => Some(Level::Shared),
        (false, mine, theirs) => Some(if mine == theirs { Level::Equal } else { Level::Different }),
    }
}
