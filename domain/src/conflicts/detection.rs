//! Which kinds of conflict a case is.

use std::collections::BTreeSet;

use super::overlap::{AccountMatch, overlap};
use super::{Case, Claim, ClaimStanding, ConflictPolicy, ConflictType, Ground, Party};
use crate::territories::Coverage;

/// Every kind of conflict that the claim which asks is in. Empty when there is none.
pub fn conflict_types(policy: &ConflictPolicy, case: &Case) -> BTreeSet<ConflictType> {
    let subject = case.subject();
    let mut types = BTreeSet::new();
    if subject.standing == ClaimStanding::Open {
        types.extend(of_subject(case));
    }
    for other in &case.facts().claims {
        match overlap(subject, other, policy.has_family_scope()) {
            Some(AccountMatch::Possible) => types.extend([ConflictType::PossibleSameAccount]),
            Some(AccountMatch::Same | AccountMatch::Family) => types.extend(of_pair(subject, other)),
            None => {}
        }
    }
    types.extend(attributed(case).next().map(|_| ConflictType::Attribution));
    types
}

/// The claims of others to which the won deal of the claim that asks is ascribed as well.
pub(super) fn attributed(case: &Case) -> impl Iterator<Item = &Claim> {
    let subject = case.subject();
    case.facts().claims.iter().filter(move |it| is_attribution(subject, it))
}

/// What is wrong with the claim whoever else claims.
fn of_subject(case: &Case) -> impl Iterator<Item = ConflictType> {
    let subject = case.subject();
    let is_uncovered = subject.bid().is_some_and(|it| it.coverage == Coverage::Uncovered);
    let is_reserved = case.facts().reserved_to.is_some_and(|it| it.value != subject.party());
    let is_doubtful = !subject.account.possible.is_empty() && subject.party() != Party::Direct;
    [
        is_uncovered.then_some(ConflictType::Territory),
        is_reserved.then_some(ConflictType::NamedAccount),
        is_doubtful.then_some(ConflictType::PossibleSameAccount),
    ]
    .into_iter()
    .flatten()
}

/// What two overlapping claims of different parties are to each other.
fn of_pair(one: &Claim, other: &Claim) -> Vec<ConflictType> {
    if one.party() == other.party() {
        return Vec::new();
    }
    if is_distributor_of(one, other) || is_distributor_of(other, one) {
        return vec![ConflictType::MultiTier];
    }
    let mut types = vec![match (&one.ground, &other.ground) {
        (Ground::Direct { .. }, _) | (_, Ground::Direct { .. }) => ConflictType::PartnerVsDirect,
        (Ground::Incumbent { .. }, _) | (_, Ground::Incumbent { .. }) => ConflictType::Incumbent,
        (Ground::AcceptedLead { lead: a, .. }, Ground::AcceptedLead { lead: b, .. }) if a == b => {
            ConflictType::LeadDoubleAssignment
        }
        _ => ConflictType::DuplicateRegistration,
    }];
    if is_exclusive(one) != is_exclusive(other) && one.bid().is_some() && other.bid().is_some() {
        types.push(ConflictType::Territory);
    }
    types
}

fn is_attribution(one: &Claim, other: &Claim) -> bool {
    let are_won = [one, other].iter().all(|it| it.standing == ClaimStanding::Won && it.bid().is_some());
    are_won && one.deal.is_some() && one.deal == other.deal && one.party() != other.party()
}

fn is_distributor_of(one: &Claim, other: &Claim) -> bool {
    other.distributor().is_some_and(|it| Party::Partner(it) == one.party())
}

fn is_exclusive(claim: &Claim) -> bool {
    claim.bid().is_some_and(|it| it.coverage == Coverage::Exclusive)
}
