//! The comparisons between people. Points are log-odds: every ten make it ten times likelier that two records are one.

mod contacts;
mod names;
mod sign;
mod workplace;

use super::evidence::{Comparison, Level, Reservation, Veto};
use super::features::{Features, Organisation, Person};
use super::hubs::Hubs;
use super::verdict::{Band, Scale, Verdict, percent};
use crate::policy::MatchingPolicy;
use names::NameLevels;

pub(super) use sign::NameSign;

/// The levels of one pair, before anything is weighed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Levels {
    names: NameLevels,
    email: Option<Level>,
    phone: Option<Level>,
    company: Option<Level>,
    street: Option<Level>,
    place: Option<Level>,
    /// Two people of one name, each with a mailbox of the same company.
    are_namesakes: bool,
    /// Only names and addresses are known of both.
    is_thin: bool,
}

/// A person with the company the record names.
#[derive(Clone, Copy)]
pub(super) struct Somebody<'a> {
    pub(super) person: &'a Person,
    pub(super) company: &'a Organisation,
}

impl<'a> Somebody<'a> {
    pub(super) fn of(features: &'a Features) -> Option<Self> {
        Some(Self { person: features.person.as_ref()?, company: &features.organisation })
    }

    /// Whether only name and address are known: then the address is a home for all we can tell.
    fn is_thin(self) -> bool {
        let (person, company) = (self.person, self.company);
        person.email.is_none()
            && person.phones.is_empty()
            && company.names.is_empty()
            && company.domains.is_empty()
            && company.account.is_none()
    }
}

impl Levels {
    pub(super) fn of(policy: &MatchingPolicy, hubs: &Hubs, a: Somebody<'_>, b: Somebody<'_>) -> Self {
        let names = NameLevels::of(a.person.name.as_ref(), b.person.name.as_ref());
        Self::with_names(names, policy, hubs, a, b)
    }

    fn with_names(
        names: NameLevels,
        policy: &MatchingPolicy,
        hubs: &Hubs,
        a: Somebody<'_>,
        b: Somebody<'_>,
    ) -> Self {
        let phone = contacts::phone(hubs, a.person, b.person);
        let email = contacts::email(hubs, a.person, b.person);
        // Whoever answers one mobile telephone may well have two mailboxes.
        let is_excused = email == Some(Level::Different) && phone == Some(Level::Equal);
        let is_unlike = email == Some(Level::Different) && !is_excused;
        Self {
            are_namesakes: is_unlike && contacts::are_numbered(a.person, b.person),
            names,
            email: email.filter(|_| !is_excused),
            phone,
            company: workplace::company(policy, a.company, b.company),
            street: workplace::street(&a.person.address, &b.person.address),
            place: workplace::place(&a.person.address, &b.person.address),
            is_thin: a.is_thin() && b.is_thin(),
        }
    }

    /// Every comparison with its level, in the order in which they are told.
    pub(super) fn all(&self) -> [(Comparison, Option<Level>); 7] {
        [
            (Comparison::FamilyName, self.names.family),
            (Comparison::GivenName, self.names.given),
            (Comparison::Email, self.email),
            (Comparison::Phone, self.phone),
            (Comparison::Company, self.company),
            (Comparison::Street, self.street),
            (Comparison::Place, self.place),
        ]
    }

    /// Whether something agrees that belongs to a person. Without it no amount of company evidence makes a match:
    /// colleagues share all the rest.
    fn are_personal(&self) -> bool {
        let is_own = matches!(self.email, Some(Level::Equal | Level::Variant | Level::Similar));
        let agrees = |it| matches!(it, Some(Level::Equal | Level::Similar));
        let is_at_home = self.is_thin
            && (self.names.family_agrees() || self.names.given_agrees())
            && (agrees(self.street) || agrees(self.place));
        self.names.agree() || is_own || self.phone == Some(Level::Equal) || is_at_home
    }

    /// Whether street and place agree, and no company stands there.
    fn has_home(&self) -> bool {
        let agrees = |it| matches!(it, Some(Level::Equal | Level::Similar));
        self.company.is_none() && agrees(self.street) && agrees(self.place)
    }

    /// What forbids a match whatever else agrees.
    fn veto(&self) -> Option<Veto> {
        let is_two = self.names.forbid(|| self.is_thin);
        is_two.then_some(Veto::NamesDiffer).or_else(|| self.are_namesakes.then_some(Veto::Namesakes))
    }

    /// Facts about the person that come from different places. A workplace is none: colleagues and namesakes share it.
    fn identifiers(&self) -> usize {
        let agrees = |it| matches!(it, Some(Level::Equal | Level::Similar));
        [self.names.agree(), agrees(self.email), self.phone == Some(Level::Equal), self.has_home()]
            .into_iter()
            .filter(|it| *it)
            .count()
    }

    /// Whether something agrees beside the name.
    fn are_more_than_a_name(&self) -> bool {
        let agrees = |it: Option<Level>| it.is_some_and(|it| it < Level::Partial);
        let others = [self.email, self.phone, self.company, self.street, self.place];
        others.into_iter().any(agrees) || self.email == Some(Level::Partial)
    }
}

/// Compares two people.
pub(super) fn compare(policy: &MatchingPolicy, hubs: &Hubs, a: Somebody<'_>, b: Somebody<'_>) -> Verdict {
    judge(policy, &Levels::of(policy, hubs, a, b), a, b)
}

/// Compares two people, unless their names alone forbid a match.
pub(super) fn compare_in_question(
    policy: &MatchingPolicy,
    hubs: &Hubs,
    a: Somebody<'_>,
    b: Somebody<'_>,
) -> Option<Verdict> {
    let names = NameLevels::of(a.person.name.as_ref(), b.person.name.as_ref());
    let is_forbidden = names.forbid(|| a.is_thin() && b.is_thin());
    (!is_forbidden).then(|| judge(policy, &Levels::with_names(names, policy, hubs, a, b), a, b))
}

fn judge(policy: &MatchingPolicy, levels: &Levels, a: Somebody<'_>, b: Somebody<'_>) -> Verdict {
    let scale = weigh(policy, levels, a, b);
    let weight = policy.prior() + scale.sum();
    let veto = levels.veto();
    let (band, reservation) = match veto {
        Some(_) => (Band::None, None),
        None => band(policy, levels, weight),
    };
    Verdict { score: percent(weight), weight, band, evidence: scale.into_evidence(), veto, reservation }
}

fn band(policy: &MatchingPolicy, levels: &Levels, weight: i32) -> (Band, Option<Reservation>) {
    let reached = policy.person_band(weight);
    let limit = match () {
        () if !levels.are_personal() => (Band::None, Reservation::NobodyNamed),
        () if !levels.are_more_than_a_name() => (Band::Possible, Reservation::OneIdentifier),
        () if levels.identifiers() < policy.independent_identifiers => {
            (Band::Review, Reservation::OneIdentifier)
        }
        () => return (reached, None),
    };
    if reached > limit.0 { (limit.0, Some(limit.1)) } else { (reached, None) }
}

fn weigh<'a>(policy: &'a MatchingPolicy, levels: &Levels, a: Somebody<'_>, b: Somebody<'_>) -> Scale<'a> {
    let mut scale = Scale::new(policy.persons());
    let mut room = levels.company.map(|_| policy.workplace_limit);
    for (comparison, level) in levels.all() {
        let Some(level) = level else { continue };
        let mut points = policy.persons().of(comparison, level) + rarity(policy, comparison, level, a, b);
        let is_workplace = matches!(comparison, Comparison::Company | Comparison::Street | Comparison::Place)
            || level == Level::Shared;
        if let Some(room) = room.as_mut().filter(|_| is_workplace && points > 0) {
            points = points.min(*room);
            *room -= points;
        }
        scale.put(comparison, level, points);
    }
    scale
}

/// What agreement on a value is worth more or less than usual, because few or many have it. The more frequent of both
/// counts; where they are only alike, half of it.
fn rarity(policy: &MatchingPolicy, of: Comparison, level: Level, a: Somebody<'_>, b: Somebody<'_>) -> i32 {
    if !policy.has_rarity(of) || level >= Level::Partial {
        return 0;
    }
    let (Some(one), Some(other)) = (term(of, a), term(of, b)) else { return 0 };
    let extra = match policy.rarity(of, one) {
        rarity if one == other => rarity,
        rarity => rarity.min(policy.rarity(of, other)),
    };
    if level == Level::Equal { extra } else { extra / 2 }
}

/// The value of a comparison whose frequency counts.
pub(super) fn term(of: Comparison, somebody: Somebody<'_>) -> Option<&str> {
    let name = || somebody.person.name.as_ref();
    match of {
        Comparison::FamilyName => name().map(|it| it.family.text.as_str()),
        Comparison::GivenName => name().map(|it| it.given.text.as_str()),
        Comparison::Company => somebody.company.names.first().map(|it| it.loose.as_str()),
        Comparison::Place => Some(somebody.person.address.city.as_str()),
        _ => None,
    }
    .filter(|it| !it.is_empty())
}
